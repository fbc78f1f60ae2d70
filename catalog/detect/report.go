package detect

import (
	"time"

	"runlocal/catalog"
)

// Report is all that was found out in one detection.
type Report struct {
	GPUs    []GPU         `json:"gpus"`
	Host    Host          `json:"host"`
	Sources []Source      `json:"sources"`
	Took    time.Duration `json:"took_ns"`
}

// Usable lists the devices that a runtime can be given: a card split into MIG
// instances is replaced by its instances, and cards that the environment hides
// (CUDA_VISIBLE_DEVICES and the like) are left out.
func (r Report) Usable() []GPU {
	var usable []GPU
	for _, g := range r.GPUs {
		switch {
		case g.Hidden:
		case g.MIG != nil && g.MIG.Enabled:
			usable = append(usable, g.instances()...)
		default:
			usable = append(usable, g)
		}
	}
	return usable
}

// instances gives each MIG instance the form of a GPU of its own.
func (g GPU) instances() []GPU {
	var all []GPU
	for _, m := range g.MIG.Instances {
		if m.Hidden {
			continue
		}
		one := g
		one.Name, one.UUID, one.Memory = m.Name, m.UUID, m.Memory
		one.MIG, one.Processes = nil, m.Processes
		one.Record, one.RecordID = nil, "" // the record is the whole card's
		all = append(all, one)
	}
	return all
}

// GPU is one device as its driver tells it. Pointers are nil where the driver
// does not say.
type GPU struct {
	Index    int             `json:"index"` // in its driver's order
	Name     string          `json:"name"`
	UUID     string          `json:"uuid,omitempty"` // identifies the card: not for printing unasked
	Vendor   string          `json:"vendor"`         // nvidia, amd, intel, apple
	Backend  string          `json:"backend"`        // cuda, rocm, metal, vulkan
	Source   string          `json:"source"`         // the source that told of it
	Record   *catalog.Device `json:"-"`              // nil: not in the catalog
	RecordID string          `json:"record,omitempty"`

	Memory    Memory    `json:"memory"`
	Processes []Process `json:"processes,omitempty"`
	Hidden    bool      `json:"hidden,omitempty"` // by an environment variable

	ComputeCapability float64 `json:"compute_capability,omitempty"` // CUDA's, 8.9; 0 = not CUDA or not known
	GFX               string  `json:"gfx,omitempty"`                // AMD's target, "gfx1100"
	GPUCores          int     `json:"gpu_cores,omitempty"`          // Apple's count
	Driver            string  `json:"driver,omitempty"`
	CUDA              string  `json:"cuda,omitempty"` // newest CUDA version that the driver supports

	PCI    *PCI     `json:"pci,omitempty"`
	Link   *Link    `json:"pcie_link,omitempty"`
	NVLink *NVLink  `json:"nvlink,omitempty"`
	MIG    *MIG     `json:"mig,omitempty"`
	Clocks *Clocks  `json:"clocks_mhz,omitempty"`
	Load   *float64 `json:"load_percent,omitempty"` // share of time with work on the GPU

	Temperature *float64 `json:"temperature_c,omitempty"`
	Watts       *float64 `json:"power_w,omitempty"`
	WattsLimit  *float64 `json:"power_limit_w,omitempty"`

	device   string // directory in sysfs, for polling
	integral bool   // its memory is the host's, so the host's figures complete it
	board    string // of a Jetson
	gttUsed  int64
}

// Memory is the memory of a GPU, bytes.
type Memory struct {
	Total    int64  `json:"total_bytes"`              // as the driver tells it; 0 = not known
	Reserved int64  `json:"reserved_bytes,omitempty"` // by the driver, part of Total; no runtime can see it
	Used     *int64 `json:"used_bytes,omitempty"`     // by processes and the display, Reserved not counted
	Free     *int64 `json:"free_bytes,omitempty"`
	Unified  bool   `json:"unified"` // it is the host's memory

	VRAM *int64 `json:"vram_bytes,omitempty"` // AMD APU: the part set aside at start-up
	GTT  *int64 `json:"gtt_bytes,omitempty"`  // AMD APU: the part of RAM that the GPU may map

	Basis string `json:"basis,omitempty"` // where Total comes from, in words
}

// Capacity is what a runtime can see, bytes: the total less the driver's own
// reserve. It is 0 where the total is not known.
func (m Memory) Capacity() int64 { return max(0, m.Total-m.Reserved) }

// UsedByOthers is what is taken now, bytes; 0 where the driver does not say.
func (m Memory) UsedByOthers() int64 {
	if m.Used == nil {
		return 0
	}
	return *m.Used
}

// PCI says where a device sits and what it is.
type PCI struct {
	Address   string `json:"address"`             // "0000:01:00.0"
	ID        string `json:"id"`                  // vendor:device, "10de:2684"
	Subsystem string `json:"subsystem,omitempty"` // vendor:device of the board's maker
	Revision  string `json:"revision,omitempty"`  // "c8"
}

// Link is a PCI Express link. Zero = not known. A card at rest may run its
// link at a lower generation than under load, so GBs counts the highest
// generation that card and slot agree on, and the width of now.
type Link struct {
	Gen      int     `json:"gen"`
	GenMax   int     `json:"gen_max"`
	Width    int     `json:"width"`
	WidthMax int     `json:"width_max"`
	GBs      float64 `json:"gbs"` // one direction after line coding, 10^9 bytes a second
}

// NVLink is the sum of a GPU's NVLink connections.
type NVLink struct {
	Active  int      `json:"active_links"`
	Version int      `json:"version,omitempty"`
	Peers   []string `json:"peers,omitempty"` // PCI addresses on the other ends, each once
}

// MIG is the division of a card into instances.
type MIG struct {
	Enabled   bool          `json:"enabled"`
	Instances []MIGInstance `json:"instances,omitempty"`
}

// MIGInstance is one part of a divided card. A CUDA process sees one of them.
type MIGInstance struct {
	Name      string    `json:"name"`
	UUID      string    `json:"uuid,omitempty"`
	GPU       int       `json:"gpu_instance"`
	Compute   int       `json:"compute_instance"`
	SMs       int       `json:"multiprocessors,omitempty"`
	Memory    Memory    `json:"memory"`
	Processes []Process `json:"processes,omitempty"`
	Hidden    bool      `json:"hidden,omitempty"` // by an environment variable
}

// Clocks are in MHz; 0 = not known.
type Clocks struct {
	Core      int `json:"core,omitempty"`
	CoreMax   int `json:"core_max,omitempty"`
	Memory    int `json:"memory,omitempty"`
	MemoryMax int `json:"memory_max,omitempty"`
}

// Process is one user of a GPU's memory.
type Process struct {
	PID  int    `json:"pid"`
	Name string `json:"name,omitempty"` // of the program, without its directory
	Kind string `json:"kind,omitempty"` // compute or graphics
	Used *int64 `json:"used_bytes,omitempty"`
}

// Live is what changes from second to second.
type Live struct {
	Index       int       `json:"index"` // into the Report's GPUs
	Used        *int64    `json:"used_bytes,omitempty"`
	Load        *float64  `json:"load_percent,omitempty"`
	Temperature *float64  `json:"temperature_c,omitempty"`
	Watts       *float64  `json:"power_w,omitempty"`
	CoreMHz     int       `json:"core_mhz,omitempty"`
	Processes   []Process `json:"processes,omitempty"`
}
