package catalog

// Hosts holds what is known of machines apart from their accelerators. Every
// bandwidth is theoretical and in GB/s (10^9 bytes a second) unless its field
// says otherwise. The JSON form is the one of assets/hosts/*.json.
type Hosts struct {
	Version      string // date of the data, year-month-day
	Note         string
	Memory       []MemoryType
	CPUPlatforms []CPUPlatform
	PCIe         []PCIeGeneration
	Links        []Link
	Storage      []Storage
	Efficiency   []Efficiency
}

// MemoryType is one speed grade of host or graphics memory.
type MemoryType struct {
	ID                  string  `json:"id"`     // "ddr5-5600"
	Family              string  `json:"family"` // DDR5, LPDDR5X, GDDR6 …
	MTps                int     `json:"mt_per_s"`
	ChannelBits         int     `json:"channel_bits"` // 64 for a DDR4 or DDR5 channel, 32 for LPDDR and GDDR
	BandwidthPerChannel float64 `json:"bandwidth_gbs_per_channel"`
	Kind                string  `json:"kind"` // module, soldered or graphics
	Note                string  `json:"note"`
}

// CPUPlatform is a family of processors that share a memory controller.
// Figures are for one socket, at the highest official memory speed.
type CPUPlatform struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Vendor      string  `json:"vendor"`
	Kind        string  `json:"kind"` // board, laptop, desktop, workstation or server
	Year        int     `json:"year"`
	Channels    int     `json:"channels"`
	ChannelBits int     `json:"channel_bits"`
	Memory      string  `json:"memory"` // a MemoryType's family
	MaxMTps     int     `json:"max_mt_per_s"`
	MaxMemoryGB int     `json:"max_memory_gb"` // GiB, as modules are sold
	Bandwidth   float64 `json:"bandwidth_gbs"`
	PCIeGen     string  `json:"pcie_gen"` // a PCIeGeneration's Gen
	PCIeLanes   int     `json:"pcie_lanes"`
	MaxCores    int     `json:"max_cores"`
	Vector      string  `json:"vector"`  // widest vector unit: AVX2, AVX-512, NEON …
	Sockets     int     `json:"sockets"` // 2 where boards with two are usual
	Note        string  `json:"note"`
	Confidence  string  `json:"confidence"` // sourced or recalled
}

// PCIeGeneration is one generation of PCI Express. Rates are one direction.
type PCIeGeneration struct {
	Gen         string             `json:"gen"` // "4.0"
	GTps        float64            `json:"gt_per_s"`
	Encoding    string             `json:"encoding"`
	PerLane     float64            `json:"gbs_per_lane"` // GB/s after line coding
	UsableShare float64            `json:"usable_share"` // of PerLane, 0 to 1
	Usable      map[string]float64 `json:"usable_gbs"`   // GB/s by lanes: "1" … "16"
	Year        int                `json:"year"`
	Note        string             `json:"note"`
}

// Link joins accelerators or machines: NVLink, Infinity Fabric, Ethernet …
type Link struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	OneWay   float64  `json:"gbs_one_way"`   // GB/s
	BothWays *float64 `json:"gbs_both_ways"` // GB/s, sum of both directions; nil = not stated
	Note     string   `json:"note"`
}

// Storage is a class of drive that a model is read from.
type Storage struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Sequential float64 `json:"read_gbs_sequential"`         // GB/s
	Typical    float64 `json:"read_gbs_typical_model_load"` // GB/s while loading a model
	Note       string  `json:"note"`
}

// Efficiency is an assumed share of a theoretical bandwidth that is reached in
// practice; a local measurement is always better.
type Efficiency struct {
	ID    string     `json:"id"`
	Value float64    `json:"value"` // 0 to 1
	Range [2]float64 `json:"range"` // lowest and highest seen
	What  string     `json:"what"`
	Basis string     `json:"basis"`
}
