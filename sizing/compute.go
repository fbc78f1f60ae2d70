package sizing

import "runlocal/catalog"

// The compute buffer of a device holds what one pass over a physical batch
// has alive at once. Its size is the largest of three moments: the widest
// point of a layer, attention over the whole cache, and the logits. The rules
// are those of ggml's graph allocator with the CUDA backend, read off 10,442
// runs of llama.cpp v0.5.0; where a term below is not exact its comment says
// so.

// widest is the number of floats a token that are alive at the widest point
// of a layer: the feed-forward with its residual stream, or the mixer.
func (c *compiled) widest(k *kind) int64 {
	g := &c.arch.Graph
	stream := (2+int64(g.ExtraHidden))*c.hidden + c.perLayerInput
	query := k.query
	if c.queryIsView() {
		query = 0
	}
	w := stream + query
	if x := &k.block.FFN; x.Type != catalog.FFNNone {
		w += c.ffnWidth(x)
	}
	return max(w, stream+mixerWidth(&k.block.Mixer, c.hidden))
}

// queryIsView tells that the query is part of a larger matrix product and not
// alive on its own: fused projections and gated ones.
func (c *compiled) queryIsView() bool {
	return c.arch.FusedQKV || c.arch.Graph.NoQuery
}

// ffnWidth is the feed-forward's part: gate, up and their product. Of a
// mixture of experts all active ones are alive, and their outputs come on top
// where they do not fit the hole that gate and up leave.
func (c *compiled) ffnWidth(x *catalog.FFN) int64 {
	if x.Type == catalog.FFNDense {
		return matrices(x.Gated) * int64(x.Intermediate)
	}
	d := c.hidden
	if x.Latent > 0 {
		d = int64(x.Latent)
	}
	active, eff := int64(x.Active), int64(x.ExpertIntermediate)
	w := matrices(x.Gated) * active * eff
	if 2*eff <= d {
		w += active * d
	}
	return w
}

func matrices(gated bool) int64 {
	if gated {
		return 3
	}
	return 1
}

// mixerWidth is the part of the mixers that can be wider than the
// feed-forward beside them. Those of the recurrent ones follow the tensors of
// the graph and are within 10 % of the measured ones.
func mixerWidth(x *catalog.Mixer, hidden int64) int64 {
	switch x.Type {
	case catalog.MixerMLA:
		latent := int64(x.KVLoraRank)
		head := int64(x.QKNopeHeadDim + x.QKRopeHeadDim)
		return int64(x.Heads) * (2*latent + int64(x.QKRopeHeadDim) + head + int64(x.VHeadDim))
	case catalog.MixerMamba1:
		return 6 * int64(x.DInner)
	case catalog.MixerMamba2:
		conv := int64(x.DInner) + 2*int64(x.NGroups)*int64(x.DState)
		return int64(x.DInner) + conv + int64(x.Heads) + 2*conv + 3*int64(x.DInner)
	case catalog.MixerGatedDeltaNet:
		conv := int64(x.ValueHeads)*int64(x.ValueHeadDim) + 2*int64(x.KeyHeads)*int64(x.KeyHeadDim)
		return 6 * conv
	case catalog.MixerKDA:
		return 9 * int64(x.Heads) * int64(x.HeadDim)
	case catalog.MixerRWKV6, catalog.MixerRWKV7:
		return 10 * hidden
	case catalog.MixerParallel:
		w := int64(0)
		for i := range x.Mixers {
			w = max(w, mixerWidth(&x.Mixers[i], hidden))
		}
		return w
	}
	return 0
}

// graph are the parts of a compute buffer, bytes, before they are combined
// for a placement.
type graph struct {
	inputs  int64 // masks, positions, indices: I of the notes
	outIDs  int64 // which rows become logits
	layer   int64 // widest layer
	attn    int64 // attention over the whole cache
	logits  int64
	stream  int64 // one residual stream of a batch, f32
	hostIn  int64 // tokens and embeddings, which stay on the host
	hostIDs int64
}

// graphOf sizes the graph's parts for a batch.
func (r *resolved) graphOf(c *compiled) graph {
	g := graph{stream: 4 * c.hidden * r.ub, outIDs: ceil(4*r.outputs, gpuAlign), hostIDs: ceil(4*r.outputs, hostAlign)}
	g.inputs = r.inputs(c)
	for i := range c.kinds {
		k := &c.kinds[i]
		g.layer = max(g.layer, 4*(r.ub*k.width+r.seqs*k.stateCopy))
		g.attn = max(g.attn, r.attention(c, k))
	}
	if !c.model.Encoder {
		g.logits = 4 * r.outputs * (c.vocab + c.hidden)
	}
	g.hostIn = ceil(4*r.ub, hostAlign) + r.embeddings()*g.stream
	if c.recurrentLayers > 0 {
		g.hostIn += ceil(4*r.seqs, hostAlign)
	}
	if c.perLayerInput > 0 {
		g.hostIn += 4*r.ub*c.perLayerInput + 4*r.ub
	}
	if c.model.Encoder {
		g.hostIn += ceil(r.pooling(c), hostAlign)
	}
	if c.arch.Graph.PositionTable {
		g.hostIn += g.stream
		if r.maskBytes()*r.ub < 4*c.hidden {
			g.hostIn += g.stream // the mask leaves no hole that is wide enough
		}
	}
	return g
}

// pooling is the input that makes one vector of each sequence: the weights of
// a mean, or which rows to take.
func (r *resolved) pooling(c *compiled) int64 {
	if c.arch.Graph.Pooling == "mean" {
		return 4 * r.ub * r.seqs
	}
	return 4 * r.seqs
}

// inputs is the size of what the host writes into the graph for each batch.
func (r *resolved) inputs(c *compiled) int64 {
	n := int64(0)
	if !c.arch.Graph.NoPositions {
		per := int64(c.arch.Graph.PositionBytes)
		if per == 0 {
			per = 4
		}
		n += ceil(per*r.ub, gpuAlign)
	}
	if c.model.Encoder {
		masks := int64(1)
		if c.arch.SlidingWindowCache {
			masks = 2
		}
		return n + masks*ceil(r.maskBytes()*r.ub*r.ub, gpuAlign)
	}
	if c.fullLayers > 0 {
		n += r.cacheInputs(r.cells, c.widestFull, c.maxV)
	}
	if c.swaLayers > 0 {
		n += r.cacheInputs(r.swa, c.widestSWA, c.maxV)
	}
	return n
}

func (r *resolved) maskBytes() int64 {
	if r.flash && !r.build.F32Masks {
		return 2
	}
	return 4
}

// cacheInputs are one cache's mask, the indices of the cells that a batch
// writes, and the rotations that a quantised cache is stored under.
func (r *resolved) cacheInputs(cells int64, row cacheRow, maxV int64) int64 {
	n := ceil(r.maskBytes()*cells*r.ub, gpuAlign)
	if r.build.NoIndices {
		return n
	}
	n += ceil(8*r.ub, gpuAlign)
	if !row.mla {
		index := 8 * r.ub
		if !r.flash {
			index *= maxV
		}
		n += ceil(index, gpuAlign)
	}
	if row.mla || row.headDim%64 != 0 || r.build.NoRotation {
		return n
	}
	if r.typeK.block > 1 {
		side := int64(64)
		for row.headDim%(2*side) == 0 {
			side *= 2
		}
		n += 4 * side * side
	}
	if r.typeV.block > 1 {
		n += 4 * 64 * 64
	}
	return n
}

// attention is what a layer's attention has alive: with flash attention only
// the f16 copies of a cache that is not f16, without it the scores.
func (r *resolved) attention(c *compiled, k *kind) int64 {
	if k.heads == 0 || c.model.Encoder && r.flash {
		return 0
	}
	cells := r.cells
	if k.swa && c.fullLayers > 0 {
		cells = max(r.cells, r.swa)
	}
	if !r.flash {
		keys := cells
		if c.model.Encoder {
			keys = r.ub
		}
		return 4*r.ub*(2*c.hidden+r.liveQueries(c, k)*k.query) + 4*r.ub*k.heads*keys
	}
	copied := int64(0)
	if r.build.NoCacheCopy {
		return 0
	}
	if r.typeK.name != "F16" {
		copied += k.cache.k
	}
	if r.typeV.name != "F16" {
		copied += k.cache.v
	}
	if copied == 0 || !k.cached {
		return 0
	}
	n := r.liveQueries(c, k)
	if r.typeK.block == 1 || r.typeV.block == 1 {
		n++
	}
	return 4*r.ub*(2*c.hidden+n*k.query) + 2*cells*r.streams*copied
}

// liveQueries is how many tensors of the query's width are alive around
// attention: the query and the result, one less where the query is a view or
// is normalised over its whole width.
func (r *resolved) liveQueries(c *compiled, k *kind) int64 {
	switch {
	case c.arch.FusedQKV:
		return 0
	case k.block.Mixer.QKNorm == "full":
		return 1
	}
	return 2
}

// alone is the compute buffer of a GPU that holds the whole graph.
func (g *graph) alone() int64 {
	return max(g.inputs+g.outIDs+max(g.layer, g.attn), g.logits)
}

// pipelined is the compute buffer of each of several GPUs that hold the whole
// model between them: four copies of every input let the next batch start
// before the last one is through.
func (g *graph) pipelined(last bool) int64 {
	n := max(g.layer, g.attn) + copies*(g.inputs+g.outIDs+g.stream)
	if last {
		n = max(n, g.logits+copies*(g.inputs+g.outIDs+g.stream))
	}
	return n
}

// copies is the number of batches that pipeline parallelism keeps in flight.
const copies = 4

// host is the host's compute buffer beside GPUs: inputs and embeddings.
func (g *graph) host(pipelined bool) int64 {
	in := g.inputs
	if pipelined {
		in *= copies
	}
	return g.hostIn + g.hostIDs + in
}
