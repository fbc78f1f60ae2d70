package vllm

import "runlocal/sizing"

// Graphs leave little beside reading the weights: vLLM reaches 0.55 to 0.8 of
// the bandwidth with one sequence, and about half of the dense rate on
// prompts. Every layer of a divided model waits for two sums over the GPUs.
const (
	readShare     = 0.7
	prefillShare  = 0.5
	sumSeconds    = 15e-6
	low, high     = 0.65, 1.3
	unknownGBs    = 300
	unknownTFLOPS = 30
)

// speed bounds decode and prefill, batch 1.
func (j *job) speed() sizing.Speed {
	s := sizing.Speed{Label: sizing.Estimated}
	if j.lone != "" {
		return s
	}
	active := 1.0
	if m := j.m; m.PublishedParams > 0 && m.ActiveParams > 0 {
		active = min(1, float64(m.ActiveParams)/float64(m.PublishedParams))
	}
	seconds, bound := 0.0, "memory bandwidth"
	for i := range j.stages {
		g := j.gpu(i)
		if g == nil {
			continue
		}
		cache := float64(j.plan.perRequestBytes(j, i)) / 2
		seconds += (active*float64(j.stages[i].weights.Total()) + cache) / (1e9 * readShare * or(g.BandwidthGBs, unknownGBs))
	}
	sums := 0.0
	if j.lay.Tensor > 1 {
		sums = 2 * sumSeconds * float64(len(j.m.Layers))
	}
	if sums > seconds {
		bound = "sums over the GPUs"
	}
	s.Decode = band(1/max(1e-6, seconds+sums), bound)
	g := &j.rig.GPUs[0]
	flops := 2 * active * float64(max(1, j.m.PublishedParams))
	rate := 1e12 * prefillShare * or(g.FP16TFLOPS, unknownTFLOPS) * float64(j.lay.Tensor)
	s.Prefill = band(rate/flops, "compute")
	return s
}

func (p *pool) perRequestBytes(j *job, at int) int64 {
	if p.none {
		return 0
	}
	return p.bytes[at] * p.perRequest(j, j.length)
}

func band(mid float64, bound string) sizing.Band {
	return sizing.Band{Low: low * mid, Mid: mid, High: high * mid, Bound: bound}
}

func or(v, d float64) float64 {
	if v > 0 {
		return v
	}
	return d
}
