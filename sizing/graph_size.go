package sizing

import (
	"sync"

	"runlocal/catalog"
)

// graphSizes are the compute buffers that a graph needs.
type graphSizes struct {
	gpu  []int64
	host int64
	ok   bool // every mixer of the model is drawn
	// peaked tells that the logits were larger than any layer.
	peaked bool
}

// graphKey is all that the sizes of a model's graph depend on.
type graphKey struct {
	layers   uint64 // which kinds of layers lie where, hashed
	weights  *weights
	ub       int64
	cells    int64
	swa      int64
	streams  int64
	seqs     int64
	outputs  int64
	k, v     *tensorType
	gpus     int8
	output   int8
	flash    bool
	kv       bool // cache on the GPU with its layer
	op       bool
	whole    bool
	pipeline bool
	moves    uint64
	build    *catalog.Build
}

// graphMemo remembers the sizes of a model's graphs.
type graphMemo struct {
	mu    sync.Mutex
	sizes map[graphKey]graphSizes
	types map[typesKey]*layerTypes
	sorts []uint16
}

// typesKey names one file type.
type typesKey struct {
	weights *weights
	imatrix bool
}

// graphsKept bounds the memory of a memo; beyond it everything is forgotten.
const graphsKept = 4096

// simulator draws, deals out and walks a graph. Its parts keep their memory.
type simulator struct {
	g      opGraph
	sketch sketch
	split  splitter
	walk   walker
	at     graphPlace
	sorts  []uint32 // of the model's layers
	steps  []transition
	leaves []tid
}

// simulator takes one that is not in use, or a new one.
func (e *Engine) simulator() *simulator {
	if s, ok := e.simulators.Get().(*simulator); ok {
		return s
	}
	return new(simulator)
}

// transition is a pair of neighbouring sorts of layers, and how often it is
// in the graph already.
type transition struct {
	from, to uint32
	n        int
}

// repeats is how often the same pair of neighbouring layers is drawn: layers
// beyond that find the allocator as the ones before them did.
const repeats = 2

// graphFor places the model's layers as the allocation has them.
func (a *allocator) graphFor(out *allocation, s *simulator) graphKey {
	r, n := a.r, len(a.c.layers)
	gpus := int8(len(a.rig.GPUs))
	if a.r.noGPU(out) {
		gpus = 0
	}
	at := &s.at
	at.gpus, at.layers, at.hosted, at.kvOffload = gpus, at.layers[:0], 0, r.KVOffload
	at.whole, at.moves = out.gpuLayers == n+1, out.moves
	first := n + 1 - out.gpuLayers
	var types *layerTypes
	if first > 0 || out.cpuMoE > 0 || out.moves != nil {
		types = a.c.typesFor(r)
	}
	if a.c.experts > 0 {
		at.hosted = out.cpuMoE
	}
	at.output = gpus
	if out.gpuLayers > 0 && gpus > 0 {
		at.output = int8(a.deviceOf(n - first))
	}
	key := graphKey{
		ub: r.ub, cells: r.cells, swa: r.swa, streams: r.streams, seqs: r.seqs, outputs: r.outputs, k: r.typeK, v: r.typeV,
		gpus: gpus, output: at.output, flash: r.flash, kv: r.KVOffload, op: r.OpOffload, whole: at.whole, pipeline: out.pipeline, moves: out.moves.key(), build: r.build,
	}
	if types != nil {
		key.weights = r.weights
	}
	key.layers = a.chooseLayers(s, first, gpus, types)
	return key
}

// noGPU tells that the GPUs take no part: none holds a layer, and none is
// lent big batches.
func (r *resolved) noGPU(out *allocation) bool { return out.gpuLayers == 0 && !r.OpOffload }

// graphSizes finds the compute buffers of an allocation, drawing its graph if
// none like it was drawn before.
func (a *allocator) graphSizes(out *allocation) graphSizes {
	c := a.c
	s := c.engine.simulator()
	defer c.engine.simulators.Put(s)
	key := a.graphFor(out, s)
	flat := a.flat(&key)
	if flat {
		key.cells, key.swa = cellPad, min(key.swa, cellPad)
	}
	sizes := a.lookUp(s, key)
	if !flat {
		return sizes
	}
	if sizes.peaked {
		// The logits are the largest moment: what the masks leave counts.
		key.cells, key.swa = a.r.cells, a.r.swa
		return a.lookUp(s, key)
	}
	return a.unflatten(sizes, out.pipeline)
}

// flat tells that the context matters only through the inputs: attention is
// fused and reads the cache as it is.
func (a *allocator) flat(k *graphKey) bool {
	if a.c.sharesCache && k.gpus > 1 || a.c.hostAttention {
		return false // caches are copied to where they are read
	}
	return k.whole && k.flash && !k.build.F32Masks && k.weights == nil && k.kv && k.k.name == "F16" && k.v.name == "F16" && k.outputs < k.ub && !a.c.model.Encoder
}

// unflatten adds the inputs of the real context to sizes of the shortest one.
func (a *allocator) unflatten(s graphSizes, pipeline bool) graphSizes {
	if !s.ok {
		return s
	}
	short := *a.r
	short.cells, short.swa = cellPad, min(a.r.swa, cellPad)
	more := a.r.inputs(a.c) - short.inputs(a.c)
	if pipeline {
		more *= copies
	}
	out := graphSizes{gpu: make([]int64, len(s.gpu)), host: s.host + more, ok: true}
	for d, n := range s.gpu {
		if n > 0 {
			out.gpu[d] = n + more
		}
	}
	return out
}

// lookUp finds remembered sizes or simulates.
func (a *allocator) lookUp(s *simulator, key graphKey) graphSizes {
	m := &a.c.graphs
	m.mu.Lock()
	sizes, ok := m.sizes[key]
	m.mu.Unlock()
	if !ok {
		r := *a.r
		r.cells, r.swa = key.cells, key.swa
		sizes = s.run(a.c, &r, key)
		m.mu.Lock()
		if m.sizes == nil || len(m.sizes) > graphsKept {
			m.sizes = map[graphKey]graphSizes{}
		}
		m.sizes[key] = sizes
		m.mu.Unlock()
	}
	return sizes
}

// run simulates the graph of the places in s.at.
func (s *simulator) run(c *compiled, r *resolved, key graphKey) graphSizes {
	s.g.reset()
	s.g.devs = key.gpus
	k := &s.sketch
	k.g, k.c, k.r, k.a, k.at, k.d, k.ub = &s.g, c, r, &c.arch.Graph, &s.at, c.hidden, r.ub
	k.weigh = nil
	if key.weights != nil {
		t := c.typesFor(r)
		k.weigh = t.size
	}
	if !k.draw() {
		return graphSizes{}
	}
	s.split.fusions, s.split.copies, s.split.op = k.fusions, 1, key.op
	if key.pipeline {
		s.split.copies = copies
	}
	s.split.split(&s.g)
	s.leaves = s.listLeaves(k.in.tokens, k.in.embd)
	s.walk.mark = k.logits
	s.walk.walk(&s.g, s.split.nodes, s.leaves)
	sizes := graphSizes{gpu: make([]int64, key.gpus), host: s.walk.heaps[key.gpus].peak, ok: true, peaked: s.walk.peaked}
	for d := range sizes.gpu {
		sizes.gpu[d] = s.walk.heaps[d].peak
	}
	return sizes
}

// listLeaves lists what is allocated before the nodes, in order: the inputs
// as the graph comes upon them, the embeddings that may stand in for tokens
// after these; with pipeline parallelism all their copies.
func (s *simulator) listLeaves(tokens, embd tid) []tid {
	leaves := append(s.leaves[:0], s.split.leaves...)
	if len(leaves) > 0 {
		return append(leaves, embd)
	}
	leaves = append(leaves, tokens, embd)
	for _, x := range s.g.order {
		for _, o := range s.g.t[x].src {
			if o == none {
				break
			}
			if s.g.t[o].flags&flagInput != 0 {
				leaves = append(leaves, o)
			}
		}
	}
	return leaves
}
