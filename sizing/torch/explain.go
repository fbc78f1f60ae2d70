package torch

import (
	"fmt"
	"strings"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

const (
	sourceReplay    = "Transformers 5.17 modelling code on PyTorch 2.11's caching allocator, replayed; within 0.2 % of an H100's counters"
	sourceMixer     = "linear mixers: reasoned from fused kernels; the reference code without them takes many times more"
	sourceAllocator = "c10/cuda/CUDACachingAllocator: segments of 2 MiB, 20 MiB and whole requests, replayed; within 3 % on an H100"
	sourceKernels   = "NVML on an H100, CUDA 13: the process less the allocator, 678 to 730 MiB, less the context"
	sourceMap       = "accelerate 1.15, infer_auto_device_map"
)

// useWords say what a use is, as steps name it.
//
//nolint:gochecknoglobals // a table, never written
var useWords = [uses]struct{ formula, word string }{
	useWeights:   {"Σ parameters × bytes, each in the allocator's blocks", ""},
	useWorkspace: {"cuBLAS workspace, taken from the allocator", "workspace"},
	useCache:     {"layers × tokens × (keys + values) × bytes", ""},
	useState:     {"layers × sequences × (convolution + state)", ""},
	useStream:    {"tokens × hidden × copies alive × bytes", "residual stream and norms"},
	useAttention: {"tokens × (queries + keys + values + output) × bytes", "attention"},
	useScores:    {"sequences × heads × tokens × keys × bytes", "attention scores, written out"},
	useMask:      {"tokens × keys × bytes", "masks"},
	useFFN:       {"tokens × intermediate × copies alive × bytes", "feed-forward"},
	useExperts:   {"tokens × experts a token × width × copies alive × bytes", "routed experts"},
	useMixer:     {"tokens × inner width × copies alive × bytes", "linear mixer"},
	useLogits:    {"rows × vocabulary × bytes", "logits"},
	useSmall:     {"positions, rotary tables, routing", "small tensors"},
}

// steps shows the work: what is alive on each GPU at its peak, and the map.
func (j *job) steps() []sizing.Step {
	var list []sizing.Step
	for d := range j.plans {
		list = append(list, j.gpuSteps(d)...)
	}
	list = append(list, j.hostSteps()...)
	return append(list, j.mapSteps()...)
}

func (j *job) gpuSteps(d int) []sizing.Step {
	p, g := &j.plans[d], &j.rig.GPUs[d]
	name := g.Name
	if len(j.plans) > 1 {
		name = fmt.Sprintf("GPU %d %s", d, g.Name)
	}
	list := j.useSteps(name, &p.tape)
	add := func(formula string, bytes int64, label sizing.Label, source string) {
		if bytes != 0 {
			list = append(list, sizing.Step{
				Device: name, Term: "overhead", Formula: formula, Filled: units.Bytes(bytes), Bytes: bytes, Label: label, Source: source,
			})
		}
	}
	add("driver context", p.context, p.label, p.source)
	add("kernels and libraries", p.modules, sizing.Calibrated, sourceKernels)
	add("reserved − allocated: blocks that the allocator keeps", p.slack(g), sizing.Calibrated, sourceAllocator)
	return list
}

// useSteps are the terms of a tape's peak.
func (j *job) useSteps(device string, t *tape) []sizing.Step {
	var list []sizing.Step
	n := max(1, j.set.Parallel)
	for u, bytes := range t.peak {
		if bytes == 0 {
			continue
		}
		s := sizing.Step{
			Device: device, Term: "compute", Formula: useWords[u].formula, Bytes: bytes, Label: sizing.Exact, Source: sourceReplay,
			Filled: fmt.Sprintf("%s, alive at the peak (%s): %s tokens × %d", useWords[u].word, t.peakAt, units.Count(j.set.Ctx/n), n),
		}
		switch use(u) {
		case useWeights:
			s.Term, s.Filled = "weights", fmt.Sprintf("%s: %s of %s parameters", j.q.ID, units.Bytes(bytes), units.Count(j.s.parameters()))
		case useCache:
			s.Term, s.Filled = "kv_cache", fmt.Sprintf("%s tokens × %d, %s cache in %s", units.Count(j.set.Ctx/n), n, j.set.CacheKind, j.q.Dtype)
		case useState:
			s.Term, s.Filled = "recurrent_state", fmt.Sprintf("%d sequences", n)
		case useMixer:
			s.Label, s.Source = sizing.Estimated, sourceMixer
		case useWorkspace:
			s.Filled = units.Bytes(bytes)
		default:
		}
		list = append(list, s)
	}
	return list
}

func (j *job) hostSteps() []sizing.Step {
	var list []sizing.Step
	add := func(term, formula string, bytes int64, label sizing.Label, source string) {
		if bytes != 0 {
			list = append(list, sizing.Step{Device: "RAM", Term: term, Formula: formula, Filled: units.Bytes(bytes), Bytes: bytes, Label: label, Source: source})
		}
	}
	add("weights", "Σ parameters of the modules in RAM × bytes", j.host.Weights, sizing.Exact, sourceMap)
	add("kv_cache", useWords[useCache].formula, j.host.KVCache, sizing.Exact, sourceReplay)
	add("recurrent_state", useWords[useState].formula, j.host.RecurrentState, sizing.Exact, sourceReplay)
	add("compute", "activations at the peak", j.host.Compute, sizing.Estimated, sourceReplay)
	add("overhead", "Python and PyTorch's libraries", j.host.Overhead, sizing.Estimated, "a usual process")
	return list
}

// mapSteps tell where modules went, a line for each run of neighbours on one
// device, and why the next device was taken. They have no bytes of their own.
func (j *job) mapSteps() []sizing.Step {
	if len(j.rig.GPUs) == 0 || j.mapped == nil {
		return nil
	}
	var list []sizing.Step
	for i := 0; i < len(j.why); {
		c := j.why[i]
		step := sizing.Step{Term: "device_map", Formula: "modules in order; the first device with room, less the largest layer", Label: sizing.Exact, Source: sourceMap}
		if c.module == "" {
			step.Filled = c.why
			list = append(list, step)
			i++
			continue
		}
		k, bytes := i, int64(0)
		for k < len(j.why) && j.why[k].module != "" && j.why[k].device == c.device {
			bytes += j.why[k].bytes
			k++
		}
		what := []string{c.module}
		if k-i > 1 {
			what = append(what, j.why[k-1].module)
		}
		step.Filled = fmt.Sprintf("%s → %s: %s", strings.Join(what, " … "), deviceWord(c.device), units.Bytes(bytes))
		if c.why != "" {
			step.Filled += " (" + c.why + ")"
		}
		list = append(list, step)
		i = k
	}
	return list
}
