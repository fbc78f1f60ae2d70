package sizing

// computePart adds compute buffers and overheads: what the graph allocator
// comes to on each device, or where a mixer is not drawn the closed form.
func (a *allocator) computePart(out *allocation, first int) {
	h := out.host()
	h.compute = a.outputBuffer()
	var sizes graphSizes
	if !a.coarse {
		sizes = a.graphSizes(out)
	}
	out.drawn = sizes.ok
	if sizes.ok {
		for d, n := range sizes.gpu {
			out.devices[d].compute = n
		}
		h.compute += sizes.host
	} else {
		a.closedForm(out, first)
	}
	for d := range a.rig.GPUs {
		if g := &out.devices[d]; g.weights+g.kv+g.compute > 0 {
			g.overhead = a.driverOverhead(&a.rig.GPUs[d]).total() + g.grain
		}
	}
}

// whole tells that every layer and the output are on GPUs with all they hold,
// so that the host has only the inputs.
func (a *allocator) whole(out *allocation) bool {
	return len(a.rig.GPUs) > 0 && out.gpuLayers == len(a.c.layers)+1 && out.cpuMoE == 0 && !out.moves.toRAM() && a.r.KVOffload
}

// closedForm is the compute buffers where the graph is not drawn. With layers
// on the host, big batches of theirs are still computed on the first GPU (op
// offload): each weight is copied over for its product.
func (a *allocator) closedForm(out *allocation, first int) {
	n := len(a.rig.GPUs)
	h := out.host()
	if n == 0 || a.r.noGPU(out) {
		h.compute += a.g.alone() + a.g.hostIn
		return
	}
	h.compute += a.g.host(out.pipeline)
	last := a.lastUsed(out)
	for d := range n {
		g := &out.devices[d]
		switch {
		case out.pipeline && g.layers > 0:
			g.compute = a.g.pipelined(d == last)
		case g.layers > 0 || d == 0:
			g.compute = a.g.alone()
		}
		if d == 0 {
			g.compute = max(g.compute+a.copied(out), a.attentionOverHost(first))
		}
	}
}

func (a *allocator) lastUsed(out *allocation) int {
	last := 0
	for d := range a.rig.GPUs {
		if out.devices[d].layers > 0 {
			last = d
		}
	}
	return last
}

// opOffloadBatch is the batch from which host layers are computed on the GPU.
const opOffloadBatch = 32

// copied is what the GPU's compute buffer needs on top when weights stay in
// RAM: the largest of them. It is the upper end of what was measured; the
// buffer can be smaller by what fits into holes.
func (a *allocator) copied(out *allocation) int64 {
	first := len(a.c.layers) + 1 - out.gpuLayers
	if first <= 0 && out.cpuMoE == 0 && !out.moves.toRAM() || !a.copiesWeights() {
		return 0
	}
	n := a.r.weights.hostMax
	if out.gpuLayers == 0 && a.r.outputs >= opOffloadBatch {
		n = max(n, a.r.weights.outBig)
	}
	return n
}

func (a *allocator) copiesWeights() bool { return a.r.OpOffload && a.r.ub >= opOffloadBatch }

// attentionOverHost is the moment when a layer whose cache is in RAM has its
// keys and values copied over, as f16, beside a weight.
func (a *allocator) attentionOverHost(first int) int64 {
	if first <= 0 || !a.copiesWeights() || !a.r.flash {
		return 0
	}
	n := int64(0)
	for i := range a.c.kinds {
		k := &a.c.kinds[i]
		if !k.cached {
			continue
		}
		cells := a.r.cells
		if k.swa {
			cells = a.r.swa
		}
		n = max(n, 2*cells*a.r.streams*(k.cache.k+k.cache.v)+4*a.r.ub*(3*a.c.hidden+2*k.query))
	}
	if n == 0 {
		return 0
	}
	return a.g.inputs + a.g.outIDs + n + a.r.weights.hostMax
}

// outputBuffer is where the logits of each sequence are handed over, on the
// host; an embedding model's vectors lie beside them.
func (a *allocator) outputBuffer() int64 {
	per := a.c.vocab
	if a.c.model.Encoder || a.r.Embeddings {
		per += a.c.hidden
	}
	return 4 * per * a.r.seqs
}
