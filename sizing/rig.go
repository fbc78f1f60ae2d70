package sizing

import (
	"slices"

	"runlocal/catalog"
)

// Rig is a machine: its GPUs in the runtime's order, and the host.
type Rig struct {
	Name      string // "RTX 4090", "2 × RTX 3090", "this machine (no GPU)"
	GPUs      []GPU
	Host      Host
	Simulated bool // put together by the user, not detected
}

// GPU is one device of a rig. Sizes in bytes.
type GPU struct {
	Name         string
	Record       *catalog.Device // nil for a bare size
	Capacity     int64           // what the runtime can see: the driver's total less its own reserve
	UsedByOthers int64           // by other processes and the display, now
	Unified      bool            // its memory is the host's
	Backend      string          // cuda, rocm, metal, vulkan, sycl

	BandwidthGBs      float64 // 10^9 bytes a second; 0 = not known
	FP16TFLOPS        float64 // 0 = not known
	ComputeCapability float64 // CUDA's, 8.9; 0 = not CUDA
	PCIeGBs           float64 // host to device, 10^9 bytes a second; 0 = not known
}

// Host is the CPU side of a rig.
type Host struct {
	CPU          string
	Capacity     int64   // RAM, bytes (under a cgroup limit: the limit)
	UsedByOthers int64   // RAM in use now, reclaimable cache not counted
	BandwidthGBs float64 // of the RAM, theoretical; 0 = not known
	Cores        int     // physical
	Assumed      bool    // not detected: the engine's own default
}

// Free is what a runtime could still take on the GPU, bytes, never negative.
func (g GPU) Free() int64 { return max(0, g.Capacity-g.UsedByOthers) }

// Free is the RAM that a runtime could still take, bytes, never negative.
func (h Host) Free() int64 { return max(0, h.Capacity-h.UsedByOthers) }

// remote tells that some of the GPUs are other machines'.
func (r *Rig) remote() bool {
	return slices.ContainsFunc(r.GPUs, func(g GPU) bool { return g.Backend == BackendRPC })
}

// BackendRPC is the backend of a device that lies behind a network: one of
// llama.cpp's RPC servers.
const BackendRPC = "rpc"

// Empty is the rig as if nothing else used its memory.
func (r *Rig) Empty() *Rig {
	out := *r
	out.GPUs = slices.Clone(r.GPUs)
	for i := range out.GPUs {
		out.GPUs[i].UsedByOthers = 0
	}
	out.Host.UsedByOthers = 0
	return &out
}
