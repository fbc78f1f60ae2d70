package sizing

import "sort"

// plan chooses a place and lays the model out there: as asked, or where the
// settings leave it open, as much on the GPUs as fits. Experts go to RAM
// before whole layers do, because a token reads only a few of them.
func (a *allocator) plan(out *allocation) (automatic bool) {
	if a.r.GPULayers == LayersFit {
		a.planFit(out)
		return true
	}
	all := len(a.c.layers) + 1
	want := place{gpuLayers: all, cpuMoE: max(0, a.r.CPUMoE)}
	if a.r.CPUMoE == AllExperts {
		want.cpuMoE = len(a.c.layers)
	}
	if a.r.GPULayers >= 0 {
		want.gpuLayers = min(a.r.GPULayers, all)
	}
	if a.r.GPULayers != LayersAuto && a.r.CPUMoE != ExpertsAuto || len(a.rig.GPUs) == 0 {
		if a.deal {
			a.tryPlace(want, out)
		} else {
			a.at(want, out)
		}
		a.noteAsked(out)
		return false
	}
	if a.tryPlace(want, out) {
		a.noteWhole(out)
		return out.counts != nil
	}
	a.noteShort(want)
	if a.c.experts > 0 && a.r.CPUMoE == ExpertsAuto && a.moveExperts(out, want.gpuLayers) {
		a.noteExperts(out)
		a.refine(out)
		a.notWorse(out)
		return true
	}
	if a.r.GPULayers == LayersAuto {
		a.moveLayers(out, out.cpuMoE)
		a.noteLayers(out)
		a.notWorse(out)
	}
	return true
}

// moveExperts keeps the experts of as few layers in RAM as let the rest fit.
// If not even all of them are enough, it leaves all there.
func (a *allocator) moveExperts(out *allocation, gpuLayers int) bool {
	n := len(a.c.layers)
	return a.firstThatFits(n, out, func(i int) place { return place{gpuLayers: gpuLayers, cpuMoE: i + 1} }) < n
}

// moveLayers puts as many layers on the GPUs as fit, none if even the
// buffers of a first one do not.
func (a *allocator) moveLayers(out *allocation, cpuMoE int) {
	all := len(a.c.layers) + 1
	if a.firstThatFits(all, out, func(i int) place { return place{gpuLayers: all - i - 1, cpuMoE: cpuMoE} }) == all {
		a.withoutGPU(out)
	}
}

// firstThatFits finds the first of n places, each of which takes less of the
// GPUs than the one before, that fits, and lays the model out there; n if none
// does, with the last one laid out. It looks for it with the closed form of
// the compute buffers, which is cheap, and then goes on from there, place by
// place, with the exact ones.
func (a *allocator) firstThatFits(n int, out *allocation, at func(i int) place) int {
	rough := a.rough
	a.rough = a.grading
	defer func() { a.rough = rough }()
	fits := func(i int) bool { return a.tryPlace(at(i), out) }
	exactly := !a.coarse
	a.coarse = true
	k := sort.Search(n, fits)
	if exactly {
		a.coarse = false
		for k = min(k, n-1); k < n && !fits(k); k++ {
		}
		for k > 0 && k < n && fits(k-1) {
			k--
		}
	}
	a.tryPlace(at(min(k, n-1)), out)
	return k
}

// withoutGPU lays everything out on the host and leaves the GPUs alone.
func (a *allocator) withoutGPU(out *allocation) {
	op := a.r.OpOffload
	a.r.OpOffload = false
	a.at(place{}, out)
	a.r.OpOffload = op
}

// fits tells whether every GPU has room for what it holds.
func (a *allocator) fits(out *allocation) bool {
	for d := range a.rig.GPUs {
		if out.devices[d].total() > a.rig.GPUs[d].Free() {
			return false
		}
	}
	return true
}

// onGPU tells whether every layer, with its experts and cache, is on a GPU.
func (a *allocator) onGPU(out *allocation) bool {
	return len(a.rig.GPUs) > 0 && out.gpuLayers == len(a.c.layers)+1 && (out.cpuMoE == 0 || a.c.experts == 0) && !out.moves.toRAM() && a.r.KVOffload
}

// hostFree is the RAM that is left: where a GPU shares it, what the GPU holds
// is taken from it too.
func (a *allocator) hostFree(out *allocation) int64 {
	free := a.rig.Host.Free() - out.host().total()
	for d := range a.rig.GPUs {
		if a.rig.GPUs[d].Unified {
			free -= out.devices[d].total()
		}
	}
	return free
}
