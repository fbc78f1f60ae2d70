package sizing

import (
	"fmt"
	"strconv"
	"strings"

	"runlocal/catalog"
)

// What a simulated rig has beside its GPUs, where nothing says otherwise: a
// usual desktop. The answer warns that it was assumed.
const (
	assumedRAM      = 32 << 30
	assumedUsed     = 4 << 30
	assumedRAMGBs   = 80 // two channels of DDR5-5000
	assumedCores    = 8
	bareBandwidth   = 448 // GB/s: a mid-range card of 2025
	bareFP16TFLOPS  = 60
	pcieFullPerLane = 1.969 // GB/s, PCIe 4.0
)

// DefaultHost is the host of a simulated rig.
func DefaultHost() Host {
	return Host{
		CPU: "assumed desktop", Capacity: assumedRAM, UsedByOthers: assumedUsed,
		BandwidthGBs: assumedRAMGBs, Cores: assumedCores, Assumed: true,
	}
}

// BareGPU is a card of which only the size is known. The compute capability
// is CUDA's; 0 takes 8.9.
func BareGPU(bytes int64, computeCapability float64) GPU {
	if computeCapability == 0 {
		computeCapability = 8.9
	}
	return GPU{
		Name: fmt.Sprintf("%s GPU", trimZeros(float64(bytes)/(1<<30))), Capacity: bytes, Backend: "cuda",
		BandwidthGBs: bareBandwidth, FP16TFLOPS: bareFP16TFLOPS, ComputeCapability: computeCapability,
		PCIeGBs: 16 * pcieFullPerLane,
	}
}

// RemoteGPU is a device of another machine, behind llama.cpp's RPC server, of
// which only the size is known.
func RemoteGPU(name string, bytes int64) GPU {
	g := BareGPU(bytes, 0)
	g.Name, g.Backend, g.ComputeCapability = name, BackendRPC, 0
	return g
}

func trimZeros(gib float64) string { return strconv.FormatFloat(gib, 'f', -1, 64) + " GiB" }

// GPUOf is a device of the catalog as if nothing else used it. Of unified
// memory it takes the share that the GPU may have.
func GPUOf(d *catalog.Device) GPU {
	g := GPU{
		Name: shortName(d), Record: d, Capacity: d.MemoryBytes(), Unified: d.Unified,
		Backend: backendOf(d), BandwidthGBs: d.BandwidthGBs,
	}
	if d.Unified && d.UsableShare != nil {
		g.Capacity = int64(float64(g.Capacity) * *d.UsableShare)
	}
	switch {
	case d.Compute.FP16 != nil:
		g.FP16TFLOPS = *d.Compute.FP16
	case d.Compute.FP32 != nil:
		g.FP16TFLOPS = *d.Compute.FP32
	}
	if d.CUDACapability != nil {
		g.ComputeCapability, _ = strconv.ParseFloat(*d.CUDACapability, 64)
	}
	if d.PCIe != nil {
		g.PCIeGBs = pcieGBs(*d.PCIe)
	}
	return g
}

// shortName is a device's name without the words that every card of its maker
// has.
func shortName(d *catalog.Device) string {
	n := d.Name
	for _, word := range []string{"NVIDIA GeForce ", "NVIDIA ", "AMD Radeon ", "AMD ", "Intel "} {
		if rest, ok := strings.CutPrefix(n, word); ok {
			return rest
		}
	}
	return n
}

func backendOf(d *catalog.Device) string {
	switch d.Vendor {
	case "nvidia":
		return "cuda"
	case "apple":
		return "metal"
	case "amd":
		return "rocm"
	case "intel":
		return "sycl"
	}
	return "vulkan"
}

// pcieGBs is the rate of a link written as "4.0 x16", one way, 10^9 bytes a
// second; 0 if it is not written so. Each generation doubles the one before.
func pcieGBs(link string) float64 {
	gen, lanes, ok := strings.Cut(link, " x")
	if !ok {
		return 0
	}
	g, err1 := strconv.ParseFloat(gen, 64)
	n, err2 := strconv.Atoi(strings.TrimSpace(lanes))
	if err1 != nil || err2 != nil || g < 1 || g > 7 || n < 1 || n > 16 {
		return 0
	}
	rate := pcieFullPerLane
	for ; g > 4; g-- {
		rate *= 2
	}
	for ; g < 4; g++ {
		rate /= 2
	}
	return rate * float64(n)
}

// RigOf puts devices together to a simulated rig. With unified memory the
// host's RAM is the device's.
func RigOf(devices []*catalog.Device, host Host) *Rig {
	r := &Rig{Host: host, Simulated: true}
	for _, d := range devices {
		r.GPUs = append(r.GPUs, GPUOf(d))
		if d.Unified && host.Assumed {
			r.Host.Capacity, r.Host.BandwidthGBs, r.Host.UsedByOthers = d.MemoryBytes(), d.BandwidthGBs, 0
			r.Host.Assumed = len(d.MemorySizes()) > 1 && d.Original() == d
		}
	}
	r.Name = NameOf(r.GPUs)
	return r
}

// NameOf names a set of GPUs: "RTX 4090", "2 × RTX 3090", "RTX 4090 + RTX
// 3060"; "no GPU" for none.
func NameOf(gpus []GPU) string {
	var parts []string
	for i := 0; i < len(gpus); {
		n := 1
		for i+n < len(gpus) && gpus[i+n].Name == gpus[i].Name {
			n++
		}
		if n == 1 {
			parts = append(parts, gpus[i].Name)
		} else {
			parts = append(parts, fmt.Sprintf("%d × %s", n, gpus[i].Name))
		}
		i += n
	}
	if len(parts) == 0 {
		return "no GPU"
	}
	return strings.Join(parts, " + ")
}
