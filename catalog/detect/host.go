package detect

import "context"

// Host is the machine around the GPUs. Sizes in bytes; zero = not known.
type Host struct {
	OS      string `json:"os"` // as Go names it
	CPU     string `json:"cpu,omitempty"`
	Sockets int    `json:"sockets,omitempty"`
	Cores   int    `json:"cores,omitempty"`   // physical
	Threads int    `json:"threads,omitempty"` // logical

	CPULimit float64 `json:"cpu_limit,omitempty"` // cores that a cgroup allows; 0 = all

	Installed int64 `json:"ram_installed_bytes"` // all RAM that the system manages
	Total     int64 `json:"ram_bytes"`           // under a cgroup limit: the limit
	Available int64 `json:"ram_available_bytes"` // what a new process could take; reclaimable cache counts as free
	SwapTotal int64 `json:"swap_bytes,omitempty"`

	Limit string `json:"ram_limit,omitempty"` // what sets Total below Installed, in words

	MemoryType string `json:"memory_type,omitempty"` // DDR5, LPDDR5X …
	MemoryMTps int    `json:"memory_mt_per_s,omitempty"`
	Channels   int    `json:"memory_channels,omitempty"` // with a module in them
	MemoryNote string `json:"memory_note,omitempty"`     // why the three above are not known

	Platform       string  `json:"platform,omitempty"` // the catalog's CPU platform, by id
	BandwidthGBs   float64 `json:"bandwidth_gbs,omitempty"`
	BandwidthBasis string  `json:"bandwidth_basis,omitempty"` // how well that is known

	NUMANodes int    `json:"numa_nodes,omitempty"`
	WSL       int    `json:"wsl,omitempty"`       // Windows Subsystem for Linux: 1 or 2
	Container string `json:"container,omitempty"` // docker, podman, kubernetes, lxc …
	VM        string `json:"vm,omitempty"`        // the virtual machine's maker

	cpuVendor, cpuFamily, cpuModel string // of an x86 processor, as the processor tells them
}

// Used is the RAM in use now that cannot be reclaimed, bytes.
func (h Host) Used() int64 { return max(0, h.Total-h.Available) }

// probeHost looks at RAM and processor.
func probeHost(ctx context.Context, m *machine) finding {
	var h Host
	var err error
	name := "procfs"
	switch m.GOOS {
	case "linux":
		h, err = m.linuxHost()
	case "darwin":
		name = "sysctl"
		h, err = m.darwinHost(ctx)
	case "windows":
		name = "Windows"
		h, err = windowsHost()
	default:
		name = "host"
		err = &problem{state: Missing, detail: "no way to ask on " + m.GOOS}
	}
	h.OS = m.GOOS
	found := 0
	if h.Total > 0 {
		found = 1
	}
	return finding{host: &h, sources: []Source{sourceOf(name, found, h.CPU, err)}}
}
