package sizing

import (
	"fmt"

	"runlocal/catalog"
	"runlocal/sizing/units"
)

// Estimate computes what a model takes on a rig with the given settings, and
// how that goes. The error is a *RequestError if the request has no answer.
func (e *Engine) Estimate(m *catalog.Model, s Settings, rig *Rig) (Budget, error) {
	if rt := e.runtime(&s); rt != nil {
		return rt.Size(m, s, rig)
	}
	c := e.compile(m)
	d := e.desk()
	defer e.desks.Put(d)
	if err := e.prepare(d, c, s, rig); err != nil {
		return Budget{}, err
	}
	a, out := &d.a, &d.out
	automatic := a.plan(out)
	b := a.budget(out, automatic)
	if a.r.GPULayers == LayersFit {
		b.Warnings = append(b.Warnings, a.againstPlanner(out)...)
	}
	return b, nil
}

// budget writes an allocation down.
func (a *allocator) budget(out *allocation, automatic bool) Budget {
	b := Budget{
		Model: a.c.model.ID, Quant: a.r.Quant, Ctx: a.r.Ctx, Runtime: a.r.Runtime,
		Devices:  make([]DeviceBudget, 0, len(a.asked.GPUs)+1),
		Warnings: []string{},
	}
	for i := range a.asked.GPUs {
		b.Devices = append(b.Devices, a.gpuBudget(out, i))
	}
	b.Devices = append(b.Devices, a.hostBudget(out))
	for i := range b.Devices {
		b.Totals.add(b.Devices[i].Parts)
	}
	b.Placement = a.placement(out, automatic)
	b.Verdict = a.verdict(out)
	b.Reason = a.reason(b.Verdict, out)
	b.Speed = a.speed(out)
	b.Speed.Speculative = a.speculate(out)
	b.Warnings = append(b.Warnings, a.warnings(out)...)
	return b
}

func (p *Parts) add(o Parts) {
	p.Weights += o.Weights
	p.KVCache += o.KVCache
	p.RecurrentState += o.RecurrentState
	p.Compute += o.Compute
	p.Overhead += o.Overhead
	p.Total += o.Total
}

// held is GPU i of the whole rig; nil if it takes no part.
func (a *allocator) held(out *allocation, i int) *held {
	if d := i - a.skip; d >= 0 && d < len(a.rig.GPUs) {
		return &out.devices[d]
	}
	return nil
}

func (h *held) parts() Parts {
	p := h.extra
	p.add(Parts{
		Weights: h.weights, KVCache: h.kv, RecurrentState: h.state, Compute: h.compute, Overhead: h.overhead, Total: h.total() - h.extra.Total,
	})
	return p
}

// gpuBudget is what GPU i of the whole rig holds.
func (a *allocator) gpuBudget(out *allocation, i int) DeviceBudget {
	g := &a.asked.GPUs[i]
	b := DeviceBudget{Name: g.Name, Kind: KindGPU, Capacity: g.Capacity, UsedByOthers: g.UsedByOthers}
	if h := a.held(out, i); h != nil {
		b.Parts = h.parts()
	}
	b.Free = g.Capacity - g.UsedByOthers - b.Total
	return b
}

func (a *allocator) hostBudget(out *allocation) DeviceBudget {
	host := &a.rig.Host
	return DeviceBudget{
		Name: "RAM", Kind: KindHost, Capacity: host.Capacity, UsedByOthers: host.UsedByOthers,
		Parts: out.host().parts(), Free: a.hostFree(out), Mapped: a.mapped(out),
	}
}

// mapped is what of the weights in RAM are pages of the file: the system may
// drop them when it needs the room, and reads them again when they are used.
func (a *allocator) mapped(out *allocation) int64 {
	if !a.r.mapsFile() || a.r.Mlock {
		return 0
	}
	return out.host().weights
}

// mapsFile tells that the file is mapped: direct I/O reads it.
func (r *resolved) mapsFile() bool { return !r.NoMmap && !r.DirectIO }

func (a *allocator) placement(out *allocation, automatic bool) Placement {
	p := Placement{
		GPULayers: out.gpuLayers, Layers: len(a.c.layers) + 1, PerDevice: make([]int, len(a.asked.GPUs)),
		KVOnHost: !a.r.KVOffload, FlashAttn: a.r.flash, Pipeline: out.pipeline,
		CtxPadded: int(a.r.cells), Streams: int(a.r.streams), Automatic: automatic,
	}
	if a.c.experts > 0 {
		p.CPUMoE = min(out.cpuMoE, len(a.c.layers))
	}
	for i := range p.PerDevice {
		if h := a.held(out, i); h != nil {
			p.PerDevice[i] = h.layers
		}
	}
	p.SplitMode = SplitLayer
	if a.r.SplitMode != "" {
		p.SplitMode = a.r.SplitMode
	}
	if out.moves != nil {
		p.Moved, p.Parted = len(out.moves.tensors), out.moves.layers()
	}
	p.Overrides = out.text
	for i := range a.asked.GPUs {
		if g := &a.asked.GPUs[i]; g.Backend == BackendRPC {
			p.Remote = append(p.Remote, g.Name)
		}
	}
	return p
}

// warnings are the things that a person should know beside the numbers.
func (a *allocator) warnings(out *allocation) []string {
	var w []string
	m := a.c.model
	if each := a.r.Ctx / a.r.Parallel; each > m.Context && m.Context > 0 && !a.c.unlimited() {
		w = append(w, fmt.Sprintf("%s tokens a sequence are more than the %s that %s was made for", units.Count(each), units.Count(m.Context), m.Name))
	}
	if a.r.guessed != "" {
		w = append(w, "a guess: "+a.r.guessed)
	}
	if a.r.build.Until != "" {
		w = append(w, fmt.Sprintf("sized for llama.cpp of %s (%s)", a.r.build.Title, a.r.build.Label))
	}
	if m.Grade == "recalled" {
		w = append(w, "the shape of this model is from memory; its parameter count agrees with the published one")
	}
	if a.r.weights.mix.record.Imatrix && !a.r.Imatrix {
		w = append(w, a.r.Quant+" needs an importance matrix to be made")
	}
	if a.rig.Host.Assumed {
		w = append(w, fmt.Sprintf("RAM is assumed: %s", units.Bytes(a.rig.Host.Capacity)))
	}
	if grow := a.poolGrowth(); grow > 0 && out.gpuLayers > 0 {
		w = append(w, fmt.Sprintf("without flash attention the scratch pool grows by up to %s more as the context fills", units.Bytes(grow)))
	}
	if out.gpuLayers == 0 && len(a.rig.GPUs) > 0 {
		w = append(w, "the GPU holds no layer; with this model and context it is of no use")
	}
	return w
}

// unlimited tells that nothing in the model grows with the context.
func (c *compiled) unlimited() bool { return c.fullLayers+c.swaLayers == 0 && !c.model.Encoder }
