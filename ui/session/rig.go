package session

import (
	"strconv"
	"strings"

	"runlocal/catalog/detect"
	"runlocal/sizing"
)

// RealRig is the detected machine as the engine sees it; before detection has
// ended, a host of the engine's assumptions without a GPU.
func (s Session) RealRig() *sizing.Rig {
	if s.Detected == nil {
		return &sizing.Rig{Name: noGPU, Host: sizing.DefaultHost()}
	}
	return RigOf(*s.Detected)
}

const noGPU = "no GPU"

// RigOf turns a detection into a rig: facts of the driver first, those of the
// catalog's record where the driver is silent. A GPU whose memory nobody knows
// is left out, because nothing can be placed on it.
func RigOf(report detect.Report) *sizing.Rig {
	r := &sizing.Rig{Host: hostOf(report.Host)}
	for _, g := range report.Usable() {
		if gpu := gpuOf(g); gpu.Capacity > 0 {
			r.GPUs = append(r.GPUs, gpu)
		}
	}
	r.Name = noGPU
	if len(r.GPUs) > 0 {
		r.Name = sizing.NameOf(r.GPUs)
	}
	return r
}

func gpuOf(g detect.GPU) sizing.GPU {
	out := sizing.GPU{Name: g.Name, Backend: g.Backend}
	if g.Record != nil {
		out = sizing.GPUOf(g.Record)
		if g.Backend != "" {
			out.Backend = g.Backend
		}
	}
	out.Unified = g.Memory.Unified
	if c := g.Memory.Capacity(); c > 0 {
		out.Capacity = c
	}
	out.UsedByOthers = g.Memory.UsedByOthers()
	if g.ComputeCapability > 0 {
		out.ComputeCapability = g.ComputeCapability
	}
	if g.Link != nil && g.Link.GBs > 0 {
		out.PCIeGBs = g.Link.GBs
	}
	return out
}

// hostOf takes the detected host; where the RAM is not known, the engine's
// assumption stands in.
func hostOf(h detect.Host) sizing.Host {
	if h.Total <= 0 {
		return sizing.DefaultHost()
	}
	return sizing.Host{
		CPU: h.CPU, Cores: h.Cores, Capacity: h.Total,
		UsedByOthers: max(0, h.Total-h.Available), BandwidthGBs: h.BandwidthGBs,
	}
}

// Labels are a rig in one line: what it is and what is free on it, from the
// longest form to the shortest.
func Labels(r *sizing.Rig) []string {
	switch {
	case r.Simulated:
		return []string{"simulated: " + r.Name, r.Name}
	case len(r.GPUs) == 0:
		free := gib(r.Host.Free())
		return []string{
			r.Name + " · " + free + " of " + gib(r.Host.Capacity) + " GiB RAM free",
			r.Name + " · " + free + " GiB RAM free", r.Name,
		}
	case len(r.GPUs) == 1:
		free := gib(r.GPUs[0].Free())
		return []string{
			r.Name + " · " + free + " of " + gib(r.GPUs[0].Capacity) + " GiB free",
			r.Name + " · " + free + " GiB free", r.Name,
		}
	default:
		return []string{r.Name + " · " + freeOfEach(r.GPUs) + " GiB free", r.Name}
	}
}

// freeOfEach lists the free memory of several cards: they are never one sum.
func freeOfEach(gpus []sizing.GPU) string {
	const most = 4
	var free []string
	for _, g := range gpus[:min(most, len(gpus))] {
		free = append(free, gib(g.Free()))
	}
	if len(gpus) > most {
		free = append(free, "…")
	}
	return strings.Join(free, " + ")
}

// gib prints a size with one digit, as a header has room for.
func gib(b int64) string { return strconv.FormatFloat(float64(b)/(1<<30), 'f', 1, 64) }
