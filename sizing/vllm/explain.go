package vllm

import (
	"fmt"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

const (
	sourceWeights = "vLLM's linear layers: cut by outputs or inputs, vocabulary padded to 64; within 1.2 % of what logs print"
	sourceRotary  = "vLLM's rotary embedding: a table as long as the model's context"
	sourceLoRA    = "vLLM's LoRA layers: both factors of every linear layer at the largest rank"
	sourceProfile = "vllm/v1/worker/gpu_model_runner.py, profile_run"
	sourcePool    = "vllm/v1/core/kv_cache_utils.py: blocks of equal pages over groups of layers"
)

// steps shows the work.
func (j *job) steps() []sizing.Step {
	var list []sizing.Step
	if j.lone != "" {
		return []sizing.Step{{Term: "verdict", Formula: "what vLLM runs on", Filled: j.lone, Label: sizing.Exact, Source: j.era.Source}}
	}
	for d := range j.rig.GPUs {
		if at := j.stageOf(d); at >= 0 {
			list = append(list, j.gpuSteps(d, at)...)
		}
	}
	list = append(list, sizing.Step{
		Device: "RAM", Term: "overhead", Formula: "Python, PyTorch's libraries and pinned buffers",
		Filled: units.Bytes(hostBytes), Bytes: hostBytes, Label: sizing.Estimated, Source: "a usual server",
	})
	return append(list, j.lineSteps()...)
}

func (j *job) gpuSteps(d, at int) []sizing.Step {
	st := &j.stages[at]
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
	j.weightSteps(st, add)
	j.peakStep(st, add)
	row := sizing.Label(st.beside.Label)
	add("overhead", "driver context", units.Bytes(st.context), st.context, st.label, st.source)
	add("overhead", "memory outside of PyTorch: libraries, links between GPUs", units.Bytes(st.nonTorch), st.nonTorch, row, st.beside.Source)
	add("overhead", "CUDA graphs × layers × bytes, as they turn out", fmt.Sprintf("%d graphs, %d layers", j.graphs(), st.count), st.captured, row, st.beside.Source)
	add("kv_cache", "blocks × page × layers of the largest group", j.poolFilled(at), j.cacheBytes(at), sizing.Exact, sourcePool)
	return append(list, j.budgetStep(name, st))
}

type adder func(term, formula, filled string, bytes int64, label sizing.Label, source string)

func (j *job) weightSteps(st *stage, add adder) {
	w := &st.weights
	of := fmt.Sprintf("%s; tensor %d, pipeline %d, layers %d to %d", j.q.ID, j.lay.Tensor, j.lay.Pipeline, st.from, st.from+st.count-1)
	add("weights", "embedding and output: padded vocabulary ÷ GPUs × width × bytes", of, w.Embedding+w.Head, sizing.Exact, sourceWeights)
	add("weights", "Σ matrices of the layers ÷ GPUs, norms and routers whole", of, w.Layers+w.Norms, sizing.Exact, sourceWeights)
	add("weights", "Σ experts ÷ GPUs", of, w.Experts, sizing.Exact, sourceWeights)
	add("weights", "latent attention's up-projections, a second time in 16 bits", of, w.Absorbed, sizing.Exact, sourceWeights)
	add("weights", "vision and audio parts", of, w.Vision, sizing.Exact, sourceWeights)
	add("weights", "rotary tables: context × width × bytes", fmt.Sprintf("%s tokens", units.Count(j.m.Context)), st.rotary, sizing.Exact, sourceRotary)
	add("weights", "rank × (inputs + outputs) of every linear layer", fmt.Sprintf("%d adapters", len(j.set.LoRA)), st.adapters, sizing.Calibrated, sourceLoRA)
}

// peakStep is the widest moment of the profile run.
func (j *job) peakStep(st *stage, add adder) {
	filled := fmt.Sprintf("%s: %s tokens a step; forward %s", st.where, units.Count(int(j.tokens)), units.Bytes(st.forward))
	if st.sampler > 0 {
		filled += fmt.Sprintf(", sampler of %s sequences × %s logits %s", units.Count(int(min(j.seqs, j.tokens))), units.Count(j.m.Vocab), units.Bytes(st.sampler))
	}
	if st.latents > 0 {
		filled += ", expanded latents " + units.Bytes(st.latents)
	}
	label := sizing.Calibrated
	if st.encoder > 0 {
		filled += ", images " + units.Bytes(st.encoder)
		label = sizing.Estimated
	}
	add("compute", "max(tokens × width alive, tokens × hidden + sequences × vocabulary × bytes)", filled, st.peak, label, sourceProfile)
}

func (j *job) poolFilled(at int) string {
	p := &j.plan
	if p.none {
		return ""
	}
	g := p.groups[0]
	if j.refusal() != "" {
		return fmt.Sprintf("what one request of %s tokens needs: %s blocks", units.Count(int(j.length)), units.Count(int(p.perRequest(j, j.length))))
	}
	return fmt.Sprintf("%s blocks of %s tokens, %s each, %d groups", units.Count(int(p.blocks)), units.Count(int(g.block)), units.Bytes(p.bytes[at]), len(p.groups))
}

// budgetStep tells how much was left; it has no bytes of its own.
func (j *job) budgetStep(name string, st *stage) sizing.Step {
	filled := fmt.Sprintf("%s × %g = %s − weights %s − activations %s − outside of PyTorch %s", units.Bytes(int64(float64(st.budget)/max(0.01, j.util))), j.util,
		units.Bytes(st.budget), units.Bytes(st.loaded()), units.Bytes(st.peak), units.Bytes(st.nonTorch))
	if st.graphs > 0 {
		filled += " − graphs as estimated " + units.Bytes(st.graphs)
	}
	return sizing.Step{
		Device: name, Term: "available", Formula: "memory × gpu_memory_utilization − weights − activations − non-torch [− graphs]",
		Filled: filled + " = " + gib(st.available) + " GiB for the cache", Label: sizing.Label(j.era.Label), Source: j.era.Source,
	}
}

// lineSteps are the lines that the server prints, and its refusal.
func (j *job) lineSteps() []sizing.Step {
	lines := j.lines()
	if r := j.refusal(); r != "" {
		lines = append(lines, r)
	}
	list := make([]sizing.Step, 0, len(lines))
	for _, l := range lines {
		list = append(list, sizing.Step{Term: "log", Formula: "what vLLM prints at start (" + j.era.Title + ")", Filled: l, Label: sizing.Calibrated, Source: j.era.Source})
	}
	return list
}
