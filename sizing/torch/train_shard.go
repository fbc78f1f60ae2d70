package torch

import (
	"fmt"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// trainingParts are those of package sizing.
type trainingParts = sizing.TrainingParts

func total(p *trainingParts) int64 {
	return p.Weights + p.Gradients + p.Optimizer + p.Activations + p.Logits + p.Temporary
}

// deal gives each rank its share of the states, and says what a rank gathers
// for its work. Data parallelism without shards keeps a copy of the gradients
// in its buckets. ZeRO's first stage deals out the optimizer, the second the
// gradients too, the third and FSDP everything, of which two layers are
// gathered at a time. What is offloaded lies in RAM.
func (t *trainer) deal(w, g, o int64) (weights, gradients, optimizer, gathered int64) {
	x := &t.set.Train
	n := max(1, t.ranks)
	switch x.Shard {
	case "ddp":
		gathered = g
	case "zero1":
		o /= n
	case "zero2":
		o, g = o/n, g/n
	case "zero3", "fsdp":
		layer := int64(0)
		for i := range t.s.kinds {
			layer = max(layer, weightBytes(t.s.kinds[i].params, t.q))
		}
		outer := max(weightBytes(t.s.stem, t.q), weightBytes(t.s.head, t.q))
		gathered = max(2*layer, outer)
		w, o, g = w/n, o/n, g/n
	}
	if x.Optimizer == "adamw-paged" {
		t.parts.Offloaded += o
		o = 0
	}
	if x.OffloadOptimizer {
		t.parts.Offloaded += o
		o = 0
	}
	if x.OffloadParams && (x.Shard == "zero3" || x.Shard == "fsdp") {
		t.parts.Offloaded += w
		w = 0
	}
	return w, g, o, gathered
}

// budget writes a training step down. Every GPU that takes part holds the
// same; without shards only the first one works.
func (t *trainer) budget() sizing.Budget {
	b := sizing.Budget{
		Model: t.s.model.ID, Quant: t.q.ID, Ctx: t.set.Ctx, Runtime: ID, Devices: make([]sizing.DeviceBudget, len(t.rig.GPUs)+1),
		Placement: sizing.Placement{Layers: len(t.s.layers) + 1, PerDevice: make([]int, len(t.rig.GPUs)), FlashAttn: t.set.Attention != attentionEager, CtxPadded: t.set.Ctx, Streams: max(1, t.set.Parallel), SplitMode: sizing.SplitLayer},
		Speed:     sizing.Speed{Label: sizing.Estimated},
	}
	parts := sizing.Parts{Weights: t.parts.Weights, Compute: total(&t.parts) - t.parts.Weights, Overhead: t.context + t.kernels + t.slack}
	for d := range t.working() {
		b.Devices[d].Parts = parts
		b.Placement.PerDevice[d] = b.Placement.Layers
	}
	host := &b.Devices[len(t.rig.GPUs)]
	host.Overhead = hostBytes
	host.Compute = t.parts.Offloaded * int64(max(1, t.working()))
	if len(t.rig.GPUs) == 0 {
		host.Weights, host.Compute = parts.Weights, parts.Compute+t.parts.Offloaded
	} else {
		b.Placement.GPULayers = b.Placement.Layers
	}
	x := t.parts
	b.Training = &x
	b.Allocator = &sizing.Allocator{Allocated: total(&t.parts), Reserved: total(&t.parts) + t.slack, Process: total(&t.parts) + parts.Overhead}
	b.Warnings = t.warnings()
	b.Settle(t.rig, false)
	return b
}

// working is the number of GPUs that take part.
func (t *trainer) working() int {
	switch {
	case len(t.rig.GPUs) == 0:
		return 0
	case t.set.Train.Shard == "":
		return 1
	}
	return len(t.rig.GPUs)
}

func (t *trainer) warnings() []string {
	var w []string
	if t.rig.Host.Assumed {
		w = append(w, fmt.Sprintf("RAM is assumed: %s", units.Bytes(t.rig.Host.Capacity)))
	}
	if len(t.rig.GPUs) > 1 && t.set.Train.Shard == "" {
		w = append(w, "one GPU is used: name a shard (ddp, zero1, zero2, zero3 or fsdp) for all of them")
	}
	if t.set.Attention == attentionSDPA && t.width() == 4 {
		w = append(w, "in 32 bits heads that share keys have no fused kernel: attention scores are kept for every layer")
	}
	return w
}

const (
	sourceTraining = "autograd's saved tensors by the modelling code, read off an H100's allocator history; peaks within 1 % of it without checkpointing"
	sourceSharding = "DeepSpeed ZeRO and FSDP by their descriptions; not measured"
)

// steps shows the work of a training step's peak.
func (t *trainer) steps() []sizing.Step {
	var list []sizing.Step
	add := func(device, term, formula, filled string, bytes int64, label sizing.Label, source string) {
		if bytes != 0 {
			list = append(list, sizing.Step{Device: device, Term: term, Formula: formula, Filled: filled, Bytes: bytes, Label: label, Source: source})
		}
	}
	known, source := sizing.Calibrated, sourceTraining
	if t.set.Train.Shard != "" {
		known, source = sizing.Estimated, sourceSharding
	}
	_, _, _, trained := t.states()
	for d := range max(1, t.working()) {
		name := "RAM"
		if len(t.rig.GPUs) > 0 {
			name = t.rig.GPUs[d].Name
			if t.working() > 1 {
				name = fmt.Sprintf("GPU %d %s", d, name)
			}
		}
		p := &t.parts
		counted := units.Count(trained) + " trained parameters"
		add(name, "weights", "Σ parameters × bytes (÷ ranks where they are dealt out)", t.q.ID+": "+units.Count(t.s.parameters())+" parameters", p.Weights, known, source)
		add(name, "gradients", "trained parameters × bytes", counted, p.Gradients, known, source)
		add(name, "optimizer", "trained parameters × states × bytes", t.set.Train.Optimizer+": "+counted, p.Optimizer, known, source)
		add(name, "activations", "tokens × Σ layers of what the backward pass reads", fmt.Sprintf("%s tokens × %d sequences × %d layers", units.Count(t.seq()), max(1, t.set.Parallel), len(t.s.layers)), p.Activations, known, source)
		add(name, "logits", "tokens × vocabulary × 12 B", fmt.Sprintf("%s × %s", units.Count(t.tokens()), units.Count(t.s.model.Vocab)), p.Logits, known, source)
		add(name, "temporary", "cuBLAS, the optimizer's copy, casts, gathered layers", "at "+p.Phase, p.Temporary, known, source)
		if len(t.rig.GPUs) > 0 {
			add(name, "overhead", "driver context", units.Bytes(t.context), t.context, t.label, t.source)
			add(name, "overhead", "kernels and libraries", units.Bytes(t.kernels), t.kernels, sizing.Calibrated, sourceKernels)
			add(name, "overhead", "blocks that the allocator keeps: 8 %, 0 to 20 measured", units.Bytes(t.slack), t.slack, sizing.Estimated, sourceAllocator)
		}
	}
	away := t.parts.Offloaded * int64(max(1, t.working()))
	add("RAM", "offloaded", "states kept in RAM", units.Bytes(away), away, sizing.Estimated, sourceSharding)
	add("RAM", "overhead", "Python and PyTorch's libraries", units.Bytes(hostBytes), hostBytes, sizing.Estimated, "a usual process")
	return list
}
