package sizing

import (
	"fmt"

	"runlocal/sizing/units"
)

// planFit lays the model out as llama.cpp's fit does.
func (a *allocator) planFit(out *allocation) {
	f := a.newFitter(out, a.r.FitTarget, false)
	everything := place{gpuLayers: len(a.c.layers) + 1}
	used := f.at(everything)
	if f.spare(used) {
		a.noteFit("everything leaves the margin free: nothing is changed")
		return
	}
	if f.cutContext(used) {
		a.at(everything, out)
		return
	}
	if len(a.rig.GPUs) == 0 {
		a.at(place{}, out)
		a.noteFit("there is no GPU and RAM is short: the fit gives up and changes nothing more")
		return
	}
	f.fillPlaces()
}

// fillPlaces is what follows the context: layers, then experts.
func (f *fitter) fillPlaces() {
	a := f.a
	surplus := f.surplus()
	d := f.fillBack()
	a.noteDealt("the GPUs are filled from the last layer on", &d, f)
	if a.c.experts > 0 && surplus > 0 {
		d = f.bringBack(d)
		a.noteDealt("experts come back from the first layer on", &d, f)
	}
	f.at(f.placeOf(d.shares))
	f.out.text = f.patterns(d.shares)
}

// surplus is what would be left above the margins, all GPUs together, with
// every expert in RAM; 0 for a model without experts.
func (f *fitter) surplus() int64 {
	sum := int64(0)
	if f.a.c.experts == 0 {
		return sum
	}
	for d, n := range f.at(place{gpuLayers: len(f.a.c.layers) + 1, cpuMoE: len(f.a.c.layers)}) {
		sum += f.target(d) - n
	}
	f.a.noteSurplus(sum)
	return sum
}

// spare tells that the margin stays free everywhere.
func (f *fitter) spare(used []int64) bool {
	if len(used) == 0 {
		return f.a.rig.Host.Capacity-f.out.host().total() >= f.margins[0]
	}
	for d, n := range used {
		if f.free[d]-n < f.margins[d] {
			return false
		}
	}
	return true
}

// cutContext shortens a context that was not asked for, as much as is needed
// for everything to fit, by interpolation between the shortest and the
// longest; it tells whether that is the end of it.
func (f *fitter) cutContext(used []int64) bool {
	a := f.a
	free, most := f.room(), f.sum(used)
	if free-most >= 0 {
		return false // enough in all, only not on each: layers have to move
	}
	streams := int64(1)
	if !a.r.KVUnified {
		streams = a.r.seqs
	}
	shortest, longest := int64(a.r.fitCtx())*streams, a.r.ctx
	switch {
	case !a.r.ctxAuto:
		a.noteFit("the context was asked for and stays")
		return false
	case longest <= shortest:
		a.noteFit("the context is at the shortest already")
		return false
	}
	target := free - f.waste()
	everything := place{gpuLayers: len(a.c.layers) + 1}
	a.setContext(int(shortest))
	least := f.sum(f.at(everything))
	if target <= least || most <= least {
		a.noteContext(longest, shortest)
		return false
	}
	ctx := shortest + (longest-shortest)*(target-least)/(most-least)
	ctx = max(ctx-ctx%(cellPad*streams), shortest)
	a.setContext(int(ctx))
	a.noteContext(longest, ctx)
	f.at(everything)
	return len(used) <= 1
}

// room is what may be used in all: of the GPUs, or of RAM where there is none.
func (f *fitter) room() int64 {
	if len(f.free) == 0 {
		return f.a.rig.Host.Capacity - f.margins[0]
	}
	sum := int64(0)
	for d := range f.free {
		sum += f.target(d)
	}
	return sum
}

// sum is what is used in all, of the GPUs or of RAM.
func (f *fitter) sum(used []int64) int64 {
	if len(used) == 0 {
		return f.out.host().total()
	}
	sum := int64(0)
	for _, n := range used {
		sum += n
	}
	return sum
}

// waste is what several GPUs are expected to leave unused because only whole
// layers, or of mixtures whole tensors, can be dealt out.
func (f *fitter) waste() int64 {
	n := len(f.free)
	if n < 2 {
		return 0
	}
	perLayer := f.modelBytes() / int64(len(f.a.c.layers))
	if f.a.c.experts > 0 {
		return int64(n+1) * perLayer / 6
	}
	return int64(n+1) * perLayer / 2
}

// modelBytes is what the weights take on all GPUs.
func (f *fitter) modelBytes() int64 {
	sum := int64(0)
	for d := range f.a.rig.GPUs {
		sum += f.out.devices[d].weights
	}
	return sum
}

func (r *resolved) fitCtx() int {
	if r.FitCtx > 0 {
		return r.FitCtx
	}
	return FitCtx
}

// setContext makes the allocator one for another context.
func (a *allocator) setContext(ctx int) {
	s := a.r.Settings
	s.Ctx = ctx
	r, err := a.c.engine.resolve(a.c, s)
	if err != nil {
		return // a shorter context of settings that were taken is taken
	}
	r.ctxAuto = a.r.ctxAuto
	b := newAllocator(a.c, &r, a.rig)
	b.asked, b.skip, b.coarse, b.trace = a.asked, a.skip, a.coarse, a.trace
	*a = *b
}

// againstPlanner says where the engine's own planner would do otherwise, and
// why.
func (a *allocator) againstPlanner(out *allocation) []string {
	s := a.r.Settings
	s.GPULayers = LayersAuto
	r, err := a.c.engine.resolve(a.c, s)
	if err != nil || len(a.rig.GPUs) == 0 {
		return nil
	}
	b := newAllocator(a.c, &r, a.rig)
	var own allocation
	b.plan(&own)
	if more := b.modelOnGPUs(&own) - a.modelOnGPUs(out); more > 0 {
		return []string{fmt.Sprintf("with gpu_layers auto %s more of the model would be on the GPUs: the fit keeps a margin free, and moves %s", units.Bytes(more), a.fitMoves())}
	}
	return nil
}

// fitMoves says by what steps the fit works.
func (a *allocator) fitMoves() string {
	if a.c.experts > 0 {
		return "experts by thirds of a layer"
	}
	return "whole layers"
}
