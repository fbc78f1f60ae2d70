package sglang

import (
	"fmt"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// steps shows the work.
func (j *job) steps() []sizing.Step {
	if j.lone != "" {
		return []sizing.Step{{Term: "verdict", Formula: "what SGLang runs on", Filled: j.lone, Label: sizing.Exact, Source: j.era.Source}}
	}
	var list []sizing.Step
	for d := range j.rig.GPUs {
		if at := j.stageOf(d); at >= 0 {
			list = append(list, j.gpuSteps(d, at)...)
		}
	}
	list = append(list, sizing.Step{
		Device: "RAM", Term: "overhead", Formula: "Python, PyTorch's libraries and pinned buffers",
		Filled: units.Bytes(hostBytes), Bytes: hostBytes, Label: sizing.Estimated, Source: "a usual server",
	})
	for _, l := range j.lines() {
		list = append(list, sizing.Step{Term: "log", Formula: "what SGLang prints at start", Filled: l, Label: sizing.Estimated, Source: j.era.Source})
	}
	return list
}

func (j *job) gpuSteps(d, at int) []sizing.Step {
	st, row := &j.stages[at], j.beside()
	name := j.rig.GPUs[d].Name
	if len(j.rig.GPUs) > 1 {
		name = fmt.Sprintf("GPU %d %s", d, name)
	}
	var list []sizing.Step
	add := func(term, formula, filled string, bytes int64, label sizing.Label, source string) {
		if bytes != 0 {
			list = append(list, sizing.Step{Device: name, Term: term, Formula: formula, Filled: filled, Bytes: bytes, Label: label, Source: source})
		}
	}
	of := fmt.Sprintf("%s; tensor %d, pipeline %d, layers %d to %d", j.q.ID, j.lay.Tensor, j.lay.Pipeline, st.from, st.from+st.count-1)
	kv, states := j.cache(at)
	add("weights", "Σ matrices ÷ GPUs, norms and routers whole", of, st.weights.Total(), sizing.Exact, sourceWeight)
	add("kv_cache", "tokens × bytes of a token", fmt.Sprintf("%s × %s", units.Count(int(max(0, j.tokens))), units.Bytes(st.cell)), kv, sizing.Calibrated, sourcePool)
	add("recurrent_state", "sequences × states", fmt.Sprintf("%s × %s", units.Count(int(j.states)), units.Bytes(st.state)), states, sizing.Estimated, sourcePool)
	add("compute", "tokens of a chunk × width alive × bytes", units.Count(int(j.chunk))+" tokens", st.peak, sizing.Estimated, sourcePeak)
	add("overhead", "driver context", units.Bytes(st.context), st.context, st.label, st.source)
	add("overhead", "links between GPUs", units.Bytes(st.links), st.links, sizing.Label(row.Label), row.Source)
	add("overhead", "memory outside of PyTorch", units.Bytes(st.beside), st.beside, sizing.Label(row.Label), row.Source)
	add("overhead", "CUDA graphs × layers × bytes", fmt.Sprintf("%d graphs, %d layers", j.graphCount(), st.count), st.captured, sizing.Label(row.Label), row.Source)
	return append(list, sizing.Step{
		Device: name, Term: "available", Formula: "free before loading × mem-fraction-static − weights − what else came",
		Filled: fmt.Sprintf("%s × %g − %s − %s = %s", units.Bytes(st.free), j.share, units.Bytes(st.weights.Total()), units.Bytes(st.beside), units.Bytes(st.rest)),
		Label:  sizing.Label(j.era.Label), Source: j.era.Source,
	})
}

// speed bounds decode and prefill, batch 1.
func (j *job) speed() sizing.Speed {
	const (
		readShare, prefillShare = 0.7, 0.5
		low, high               = 0.65, 1.3
		sumSeconds              = 15e-6
	)
	s := sizing.Speed{Label: sizing.Estimated}
	if j.lone != "" {
		return s
	}
	active := 1.0
	if m := j.m; m.PublishedParams > 0 && m.ActiveParams > 0 {
		active = min(1, float64(m.ActiveParams)/float64(m.PublishedParams))
	}
	seconds := 0.0
	for i := range j.stages {
		if g := j.gpu(i); g != nil && g.BandwidthGBs > 0 {
			seconds += (active*float64(j.stages[i].weights.Total()) + float64(j.length*j.stages[i].cell)/2) / (1e9 * readShare * g.BandwidthGBs)
		}
	}
	if j.lay.Tensor > 1 {
		seconds += 2 * sumSeconds * float64(len(j.m.Layers))
	}
	band := func(mid float64, bound string) sizing.Band {
		return sizing.Band{Low: low * mid, Mid: mid, High: high * mid, Bound: bound}
	}
	if seconds > 0 {
		s.Decode = band(1/seconds, "memory bandwidth")
	}
	if g := &j.rig.GPUs[0]; g.FP16TFLOPS > 0 {
		s.Prefill = band(1e12*prefillShare*g.FP16TFLOPS*float64(j.lay.Tensor)/(2*active*float64(max(1, j.m.PublishedParams))), "compute")
	}
	return s
}
