package sizing

// cellPad is what llama.cpp rounds a number of cells up to.
const cellPad = 256

// shapeCache fills in the cells of a stream of each cache and the number of
// streams. A unified cache is one stream that all sequences share; otherwise
// each sequence has its own. Sliding-window layers keep the window and one
// physical batch.
func (r *resolved) shapeCache(c *compiled) {
	r.streams = 1
	pad := r.pad()
	r.cells = ceil(r.ctx, pad)
	if !r.KVUnified {
		r.streams = r.seqs
		r.cells = ceil((r.cells+r.seqs-1)/r.seqs, pad)
	}
	r.swa = 0
	if c.swaLayers == 0 {
		return
	}
	r.swa = r.cells
	if !r.SWAFull {
		share := int64(1)
		if r.KVUnified {
			share = r.seqs
		}
		ub := min(int64(r.UBatch), r.cells*r.streams)
		r.swa = ceil(min(r.cells, c.window*share+ub), pad)
	}
}

// kvLayer is what one layer of the kind takes in the cache, on each side.
func (r *resolved) kvLayer(c *compiled, k *kind) sided {
	if !k.cached {
		return sided{}
	}
	cells, streams := r.shape(c, k)
	cells *= streams
	v := r.valueRow(c, k)
	key, value := r.typeK.row(k.cache.k)*cells, int64(0)
	s := sided{gpu: ceil(key+padding(r.typeK, k.cache.k), gpuAlign), host: key}
	if v > 0 {
		value = r.typeV.row(v) * cells
		s.gpu += ceil(value+padding(r.typeV, v), gpuAlign)
		s.host += value
	}
	more := r.compressedLayer(k)
	s.gpu, s.host = s.gpu+more.gpu, s.host+more.host
	return s
}

// valueRow is the width of a token's values in the cache, elements. Without
// flash attention they are stored transposed, and every layer's are as wide as
// the widest one's.
func (r *resolved) valueRow(c *compiled, k *kind) int64 {
	if !r.flash && k.cache.v > 0 {
		return c.maxV
	}
	return k.cache.v
}

// stateLayer is what one layer of the kind keeps for all sequences in its
// recurrent state, f32, the same on both sides.
func (r *resolved) stateLayer(k *kind) int64 {
	if !k.recurrent {
		return 0
	}
	return 4 * r.seqs * (k.rsConv + k.rsState)
}
