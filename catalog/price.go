package catalog

// Prices holds dated prices and power measurements, money in US dollars. The
// JSON form is the one of assets/prices/*.json.
type Prices struct {
	Version     string // date of the data, year-month-day
	Currency    string // of every price
	Cloud       []CloudPrice
	API         []APIPrice
	Electricity []ElectricityPrice
	Power       []PowerMeasurement
	Sources     map[string]PriceSource // by CloudPrice.Source
}

// CloudPrice is an offer of rented accelerators.
type CloudPrice struct {
	Provider   string  `json:"provider"`
	Instance   string  `json:"instance"`
	GPU        string  `json:"gpu"`   // as the offer names it
	Count      int     `json:"count"` // GPUs in the instance
	Region     string  `json:"region_class"`
	Pricing    string  `json:"pricing"` // on-demand or spot
	PerHour    float64 `json:"usd_per_hour"`
	PerGPUHour float64 `json:"usd_per_gpu_hour"`
	Date       string  `json:"date"` // a year, a month, a day or a span
	Source     string  `json:"source"`
	DeviceID   *string `json:"hardware_id"` // a Device's id; nil where the offer names several GPUs
	Confidence string  `json:"confidence"`  // sourced or recalled
}

// APIPrice is the price of a hosted model, in dollars per million tokens; a
// tiered price is given by its base tier.
type APIPrice struct {
	Provider      string   `json:"provider"`
	Model         string   `json:"model"` // the provider's name for it
	Input         float64  `json:"input_usd_per_mtok"`
	Output        float64  `json:"output_usd_per_mtok"`
	CachedInput   *float64 `json:"cached_input_usd_per_mtok"` // nil = no such price
	ContextWindow *int     `json:"context_window"`            // tokens; nil = not known
	Date          string   `json:"date"`
	DateKind      string   `json:"date_kind"` // what was done on that date
	Note          string   `json:"note"`
	Source        string   `json:"source"`
}

// ElectricityPrice is what a household pays for one kWh.
type ElectricityPrice struct {
	Country    string  `json:"country"`
	ISO2       string  `json:"iso2"` // country code; X… for the average of a continent
	PerKWh     float64 `json:"usd_per_kwh"`
	Local      *string `json:"local"` // the figure in the country's own money
	Date       string  `json:"date"`
	Kind       string  `json:"kind"`
	Source     string  `json:"source"`
	Confidence string  `json:"confidence"` // sourced or recalled
	Note       string  `json:"note"`
}

// PowerMeasurement is a power draw that somebody measured under a load.
type PowerMeasurement struct {
	DeviceID        *string  `json:"hardware_id"` // a Device's id; nil where it has no record
	System          string   `json:"system"`
	Load            string   `json:"load"`
	Scope           string   `json:"scope"` // whole system, GPU only …
	Watts           *float64 `json:"watts"`
	TokensPerSecond *float64 `json:"tokens_per_second"`
	Date            string   `json:"date"`
	Source          string   `json:"source"`
	Note            string   `json:"note"`
}

// PriceSource says where a set of cloud prices was read.
type PriceSource struct {
	Name string `json:"name"`
	Date string `json:"date"`
	Note string `json:"note"`
}
