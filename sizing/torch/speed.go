package torch

import "runlocal/sizing"

// Eager decode is bound by the host, which starts every kernel of every layer:
// on an H100 with a Xeon models of 16 to 36 layers took 0.8 to 1.3 ms a layer.
// Prompts reached 0.42 to 0.64 of the dense 16-bit rate there. What lies in
// RAM is copied for every token from pageable memory: 7.4 to 7.9 GB/s
// measured on PCIe 5.0 x16; slower links are taken at four fifths.
const (
	layerSeconds   = 1.0e-3
	layerLow       = 0.55 // of the rate: slower hosts, and a wide band around
	layerHigh      = 1.8
	readShare      = 0.75
	prefillShare   = 0.45
	pageableGBs    = 7.5
	linkShare      = 0.8
	diskGBs        = 2.0
	unknownGBs     = 300
	unknownTFLOPS  = 30
	unknownLink    = 25
	unknownRAMGBs  = 50
	hostGFLOPSCore = 40
)

// speed bounds decode and prefill of the placed model, batch 1.
func (j *job) speed() sizing.Speed {
	s := sizing.Speed{Label: sizing.Estimated}
	m := j.s.model
	active := 1.0
	if m.PublishedParams > 0 && m.ActiveParams > 0 {
		active = min(1, float64(m.ActiveParams)/float64(m.PublishedParams))
	}
	flops := 2 * float64(j.s.parameters()) * active
	if len(j.rig.GPUs) == 0 {
		h := &j.rig.Host
		seconds := active * float64(j.host.Weights) / (1e9 * 0.7 * or(h.BandwidthGBs, unknownRAMGBs))
		s.Decode = band(1/seconds, "RAM bandwidth")
		s.Prefill = band(1e9*hostGFLOPSCore*float64(max(1, h.Cores))/flops, "CPU")
		return s
	}
	seconds, bound := 0.0, "memory bandwidth"
	for d := range j.plans {
		g := &j.rig.GPUs[d]
		w := active*float64(j.plans[d].peak[useWeights]) + float64(j.plans[d].peak[useCache])/float64(max(1, j.set.Parallel))/2
		seconds += w / (1e9 * readShare * or(g.BandwidthGBs, unknownGBs))
	}
	if launch := layerSeconds * float64(len(j.device)); launch > seconds {
		seconds, bound = launch, "starting kernels from Python"
	}
	copied := j.copySeconds()
	if copied > seconds {
		bound = "copying over PCIe"
	}
	s.Decode = band(1/(seconds+copied), bound)
	g := &j.rig.GPUs[0]
	tokens := float64(max(1, j.set.Ctx))
	compute := flops * tokens / (1e12 * prefillShare * or(g.FP16TFLOPS, unknownTFLOPS))
	bound = "compute"
	if copied > compute {
		bound = "copying over PCIe"
	}
	s.Prefill = band(tokens/(compute+copied), bound)
	return s
}

// copySeconds is the time to bring everything that lies outside to the first
// GPU once.
func (j *job) copySeconds() float64 {
	if !j.offloaded() {
		return 0
	}
	link := min(pageableGBs, linkShare*or(j.rig.GPUs[0].PCIeGBs, unknownLink))
	return float64(j.host.Weights)/(1e9*link) + float64(j.disk)/(1e9*diskGBs)
}

func band(mid float64, bound string) sizing.Band {
	return sizing.Band{Low: layerLow * mid, Mid: mid, High: layerHigh * mid, Bound: bound}
}

func or(v, d float64) float64 {
	if v > 0 {
		return v
	}
	return d
}
