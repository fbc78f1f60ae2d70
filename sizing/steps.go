package sizing

import (
	"fmt"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing/units"
)

// Where the rules come from, as steps name it.
const (
	sourceWeights = "llama.cpp quantiser and loader; equal to its own figures for every tensor type"
	sourceKV      = "llama.cpp KV cache; equal to its allocator on all measured rows"
	sourceState   = "llama.cpp recurrent memory; equal to its allocator on all measured rows"
)

// Explain shows the work behind Estimate: a step for every term of every
// device, and how the speed arises. The steps' bytes sum to the total.
func (e *Engine) Explain(m *catalog.Model, s Settings, rig *Rig) ([]Step, error) {
	if rt := e.runtime(&s); rt != nil {
		return rt.Explain(m, s, rig)
	}
	c := e.compile(m)
	a, err := e.allocator(c, s, rig)
	if err != nil {
		return nil, err
	}
	var out allocation
	var reasons []Step
	a.trace = &reasons
	a.plan(&out)
	x := &explainer{allocator: a, out: &out}
	first := len(c.layers) + 1 - out.gpuLayers
	x.hostSteps(min(first, len(c.layers)))
	from := first
	for d := range a.rig.GPUs {
		to := from + out.devices[d].layers
		x.gpuSteps(d, from, to)
		from = to
	}
	return append(append(x.steps, reasons...), x.speedSteps()...), nil
}

type explainer struct {
	*allocator
	out   *allocation
	steps []Step
}

// add appends a step that has bytes.
func (x *explainer) add(s Step) {
	if s.Term == "compute" && x.r.build.Until != "" {
		s.Label, s.Source = Label(x.r.build.Label), "llama.cpp of "+x.r.build.Title+": "+x.r.build.Source
	}
	if x.r.guessed != "" {
		s.Label, s.Source = Estimated, "a guess: "+x.r.guessed
	}
	if s.Bytes != 0 {
		x.steps = append(x.steps, s)
	}
}

// extraSteps shows what lies on a device beside the model.
func (x *explainer) extraSteps(d int, device string) {
	x.eachExtra(x.out, d, func(s Step) {
		s.Device = device
		if s.Bytes != 0 {
			x.steps = append(x.steps, s)
		}
	})
}

func (x *explainer) gpuSteps(d, from, to int) {
	h, g := &x.out.devices[d], &x.rig.GPUs[d]
	name := g.Name
	if len(x.asked.GPUs) > 1 {
		name = fmt.Sprintf("GPU %d %s", d+x.skip, g.Name)
	}
	x.add(Step{
		Device: name, Term: "weights", Bytes: h.weights, Label: Exact, Source: sourceWeights,
		Formula: "Σ tensors ⌈row(type, columns) × rows⌉ to 128 B",
		Filled:  x.weightsFilled(d, from, to),
	})
	x.cacheSteps(name, from, to, h)
	x.add(x.computeStep(name, h.compute, d))
	x.extraSteps(d, name)
	label, source := x.c.engine.overheadKnown(g)
	x.add(Step{
		Device: name, Term: "overhead", Bytes: h.overhead, Label: label, Source: source,
		Formula: "driver context + kernels + cuBLAS + scratch pool" + rounding(h), Filled: x.overheadFilled(g, h),
	})
}

// rounding names what separate allocations are rounded up by, if they are.
func rounding(h *held) string {
	if h.grain == 0 {
		return ""
	}
	return " + each matrix's rows rounded up to 2 MiB"
}

func (x *explainer) overheadFilled(g *GPU, h *held) string {
	o := x.driverOverhead(g)
	if o.total() == o.context {
		return units.Bytes(h.overhead)
	}
	text := fmt.Sprintf("%s + %s + %s + %s", units.Bytes(o.context), units.Bytes(o.modules), units.Bytes(o.blas), units.Bytes(o.pool))
	if h.grain > 0 {
		text += " + " + units.Bytes(h.grain)
	}
	return text
}

// weightsFilled names the layers, what of them is kept away, and the output.
func (x *explainer) weightsFilled(d, from, to int) string {
	n, w := len(x.c.layers), x.r.weights
	var parts []string
	if last := min(to, n); from < last {
		size := w.gpuSum[last] - w.gpuSum[from]
		if kept := min(x.out.cpuMoE, last); kept > from {
			size -= w.routedGPU[kept] - w.routedGPU[from]
		}
		parts = append(parts, fmt.Sprintf("%s %s", layerRange(from, last), units.Bytes(size)))
	}
	if to > n && from <= n {
		what := "output"
		if x.c.model.TiedEmbeddings {
			what = "output (the tied embedding's copy)"
		}
		parts = append(parts, fmt.Sprintf("%s %s", what, units.Bytes(w.output.gpu)))
	}
	return x.r.Quant + ": " + strings.Join(parts, " + ") + x.elsewhere(d)
}

// elsewhere names what overrides take away from a device and bring to it, and
// what row splitting does.
func (x *explainer) elsewhere(d int) string {
	text := ""
	gone, come := x.movedBytes(d)
	if gone > 0 {
		text += " − overridden to elsewhere " + units.Bytes(gone)
	}
	if come > 0 {
		text += " + overridden to here " + units.Bytes(come)
	}
	if x.r.SplitMode == SplitRow && d < len(x.rig.GPUs) && len(x.rig.GPUs) > 1 {
		text += fmt.Sprintf("; rows of all matrices shared out: %s here", units.Bytes(x.out.devices[d].weights))
	}
	return text
}

// movedBytes is what overrides take from a device and bring to it.
func (x *explainer) movedBytes(d int) (gone, come int64) {
	if x.out.moves == nil {
		return 0, 0
	}
	host := len(x.rig.GPUs)
	for i := range x.out.moves.tensors {
		t := &x.out.moves.tensors[i]
		from, to := x.homeOf(x.out, t.named), t.to
		if to == onHost {
			to = host
		}
		switch {
		case from == to:
		case from == d:
			gone += t.on(d, host)
		case to == d:
			come += t.on(d, host)
		}
	}
	return gone, come
}

func layerRange(from, to int) string {
	if to-from == 1 {
		return fmt.Sprintf("layer %d", from)
	}
	return fmt.Sprintf("layers %d–%d", from, to-1)
}

func (x *explainer) hostSteps(first int) {
	h := x.out.host()
	filled := "token embedding " + units.Bytes(x.r.weights.input.host)
	if first > 0 {
		filled += fmt.Sprintf(" + %s %s", layerRange(0, first), units.Bytes(x.r.weights.hostSum[first]))
	}
	gone, come := x.movedBytes(len(x.rig.GPUs))
	moved := h.weights - x.r.weights.input.host - x.r.weights.hostSum[first] + gone - come
	if x.out.cpuMoE > 0 && x.out.gpuLayers > 0 && moved > 0 {
		filled += " + experts " + units.Bytes(moved)
	}
	x.add(Step{
		Device: "RAM", Term: "weights", Bytes: h.weights, Label: Exact, Source: sourceWeights,
		Formula: "Σ tensors ⌈row(type, columns) × rows⌉ to 32 B; " + x.hostKind(),
		Filled:  x.r.Quant + ": " + filled + x.elsewhere(len(x.rig.GPUs)),
	})
	if x.r.KVOffload {
		x.cacheSteps("RAM", 0, first, h)
	} else {
		x.cacheSteps("RAM", 0, len(x.c.layers), h)
	}
	x.add(x.computeStep("RAM", h.compute, -1))
	x.extraSteps(len(x.rig.GPUs), "RAM")
}

// hostKind says in what sort of memory the weights lie that are in RAM.
func (x *explainer) hostKind() string {
	switch {
	case x.r.mapsFile() && x.r.Mlock:
		return "pages of the mapped file, locked: they count as used"
	case x.r.mapsFile():
		return "pages of the mapped file: the system may drop them and read them again"
	case len(x.rig.GPUs) > 0:
		return "a pinned buffer, which can't be swapped out"
	default:
		return "an ordinary buffer, repacked for the CPU where its kernels like that"
	}
}

// cacheSteps shows cache and state of a range of layers, a line for each sort
// of layer; what alignment adds goes with the first line.
func (x *explainer) cacheSteps(device string, from, to int, h *held) {
	to = min(to, len(x.c.layers))
	counts := make([]int, len(x.c.kinds))
	for i := from; i < to; i++ {
		counts[x.c.layers[i]]++
	}
	kvLeft, stateLeft := h.kv, h.state
	onHost := device == "RAM"
	for k, n := range counts {
		kind := &x.c.kinds[k]
		if n > 0 && kind.cached && kvLeft != 0 {
			step := x.kvStep(device, kind, n, onHost)
			step.Bytes = min(step.Bytes, kvLeft)
			kvLeft -= step.Bytes
			x.add(step)
		}
		if n > 0 && kind.recurrent && stateLeft != 0 {
			step := x.stateStep(device, kind, n)
			step.Bytes = min(step.Bytes, stateLeft)
			stateLeft -= step.Bytes
			x.add(step)
		}
	}
}

func (x *explainer) kvStep(device string, k *kind, n int, onHost bool) Step {
	size := x.r.kvLayer(x.c, k)
	bytes := size.gpu
	if onHost {
		bytes = size.host
	}
	what := "layers"
	cells, streams := x.r.shape(x.c, k)
	if k.swa {
		what = fmt.Sprintf("layers with a window of %s", units.Count(windowOf(&k.block.Mixer)))
	}
	s := Step{
		Device: device, Term: "kv_cache", Bytes: int64(n) * bytes, Label: Exact, Source: sourceKV,
		Formula: "layers × cells × streams × (row(type K, K) + row(type V, V))",
		Filled: fmt.Sprintf("%d %s × %s cells × %d × (%s of %d + %s of %d)", n, what, units.Count(cells), streams,
			x.r.KVTypeK, k.cache.k, x.r.KVTypeV, k.cache.v),
	}
	if k.cache.mla {
		s.Formula = "layers × cells × streams × row(type, latent + RoPE part)"
		s.Filled = fmt.Sprintf("%d %s × %s cells × %d × %s of %d", n, what, units.Count(cells), streams, x.r.KVTypeK, k.cache.k)
	}
	x.compressedWork(&s, k)
	return s
}

func (x *explainer) stateStep(device string, k *kind, n int) Step {
	return Step{
		Device: device, Term: "recurrent_state", Bytes: int64(n) * x.r.stateLayer(k), Label: Exact, Source: sourceState,
		Formula: "layers × sequences × 4 B × (convolution + state)",
		Filled:  fmt.Sprintf("%d layers × %d × 4 B × (%s + %s)", n, x.r.seqs, units.Count(k.rsConv), units.Count(k.rsState)),
	}
}
