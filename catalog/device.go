package catalog

// Device is one accelerator, or one memory size of it. The JSON form is the
// one of assets/devices/*.json.
type Device struct {
	ID         string `json:"id"` // kebab-case, unique
	Name       string `json:"name"`
	Vendor     string `json:"vendor"` // nvidia, amd, intel, apple, qualcomm …
	Kind       string `json:"kind"`   // desktop, laptop, workstation, datacenter, soc, apu, embedded
	Generation string `json:"generation"`
	Released   string `json:"released"` // year-month

	MemoryGB          float64   `json:"memory_gb"`   // advertised; for unified memory the largest option
	MemoryUnit        string    `json:"memory_unit"` // GiB or GB: what one advertised "GB" is nearer to
	MemoryOptionsGB   []float64 `json:"memory_options_gb"`
	Unified           bool      `json:"unified"`      // shares the host's memory
	UsableShare       *float64  `json:"usable_share"` // of that memory, 0 to 1; nil = not known
	UsableShareNote   *string   `json:"usable_share_note"`
	DriverReportedMiB *int64    `json:"driver_reported_mib"` // total that the driver reports, MiB
	DriverNote        string    `json:"driver_reported_note,omitempty"`

	BandwidthGBs float64  `json:"bandwidth_gbs"` // 10^9 bytes a second
	BusBits      *int     `json:"bus_bits"`
	DataRateGbps *float64 `json:"data_rate_gbps"` // a pin
	MemoryType   string   `json:"memory_type"`

	ShaderCores  *int    `json:"shader_cores"`
	GPUCores     int     `json:"gpu_cores,omitempty"` // Apple's count
	BoostMHz     *int    `json:"boost_mhz"`
	Compute      Compute `json:"compute"`
	ComputeBasis *string `json:"compute_basis"` // stated, computed or remembered

	CUDACapability *string `json:"cuda_capability"` // "8.9"
	GFX            *string `json:"gfx"`             // AMD's target, "gfx1100"
	MetalFamily    *string `json:"metal_family"`
	ROCmSupport    string  `json:"rocm_support,omitempty"` // official, override, community, dropped, none

	TDPWatts           *int    `json:"tdp_watts"`
	PCIe               *string `json:"pcie"` // "4.0 x16"
	NVLink             bool    `json:"nvlink"`
	InfinityFabricLink bool    `json:"infinity_fabric_link,omitempty"`

	LaunchPriceUSD *int         `json:"launch_price_usd"`
	StreetPriceUSD *int         `json:"street_price_usd"`
	StreetPrice    *StreetPrice `json:"street_price"`

	DeviceNames    []string `json:"device_names"` // as drivers report them
	SharesNameWith *string  `json:"shares_name_with"`
	PCIIDs         []string `json:"pci_ids"` // vendor:device, lower-case hex
	PCIRevisions   []string `json:"pci_revisions,omitempty"`
	Runtimes       []string `json:"runtimes"`
	Notes          string   `json:"notes"`
	Sources        []string `json:"sources"`
	Confidence     string   `json:"confidence"` // sourced or recalled
	LicenceNote    *string  `json:"licence_note"`

	ShareByMemoryGB     map[string]float64 `json:"usable_share_by_memory_gb,omitempty"`
	ShareNewerMacOSByGB map[string]float64 `json:"usable_share_newer_macos_by_memory_gb,omitempty"`

	original *Device // of the catalog, where this is it with another size of memory
}

// Compute holds dense rates (no sparsity) by number format, in 10^12
// operations a second; nil = not known.
type Compute struct {
	FP32      *float64 `json:"fp32_tflops"`
	FP16      *float64 `json:"fp16_tflops"` // tensor units where there are some, FP32 accumulation
	FP16Acc16 *float64 `json:"fp16_acc16_tflops"`
	BF16      *float64 `json:"bf16_tflops"`
	FP8       *float64 `json:"fp8_tflops"`
	INT8      *float64 `json:"int8_tops"`
	FP4       *float64 `json:"fp4_tflops"`
}

// StreetPrice is a dated range of prices seen, US dollars.
type StreetPrice struct {
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Condition string  `json:"condition"` // new or used
	Date      string  `json:"date"`
	Source    string  `json:"source"`
}

// MemoryBytes is the total that the driver reports for the device, or, where
// no report is known, the advertised size in the unit that the maker means.
func (d *Device) MemoryBytes() int64 {
	if d.DriverReportedMiB != nil {
		return *d.DriverReportedMiB << 20
	}
	unit := float64(1 << 30)
	if d.MemoryUnit == "GB" {
		unit = 1e9
	}
	return int64(d.MemoryGB * unit)
}
