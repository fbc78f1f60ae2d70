package sizing

import (
	"reflect"
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
const graphsKept = 512

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
	at.whole = out.gpuLayers == n+1
	first := n + 1 - out.gpuLayers
	var types *layerTypes
	if first > 0 || out.cpuMoE > 0 {
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
		gpus: gpus, output: at.output, flash: r.flash, kv: r.KVOffload, op: r.OpOffload, whole: at.whole, pipeline: out.pipeline,
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

// deviceOf is the GPU of the j-th offloaded layer.
func (a *allocator) deviceOf(j int) int {
	for d, end := range a.ends {
		if j < end {
			return d
		}
	}
	return max(0, len(a.ends)-1)
}

// chooseLayers keeps of the model's layers those that can change the buffers:
// every pair of neighbours a few times, and the last ones. What it leaves out
// are rounds of a pattern, so that no two layers meet that do not meet in the
// model.
func (a *allocator) chooseLayers(s *simulator, first int, gpus int8, types *layerTypes) uint64 {
	a.sortLayers(s, first, gpus, types)
	at := &s.at
	s.steps = s.steps[:0]
	hash, kept := uint64(14695981039346656037), -1
	n := len(s.sorts)
	from := ^uint32(0)
	for i, to := range s.sorts {
		if s.again(from, to) || i >= n-2 {
			for p := s.resume(kept, i); p <= i; p++ {
				dev := int8(s.sorts[p] >> 16 & 0xff)
				at.layers = append(at.layers, graphLayer{p, dev})
				hash = (hash ^ uint64(s.sorts[p])) * 1099511628211
			}
			kept = i
		}
		from = to
	}
	return hash
}

// resume is the layer from which the graph goes on after a gap: the one after
// the latest in the gap that is like the last one kept.
func (s *simulator) resume(kept, i int) int {
	if kept < 0 {
		return i
	}
	p := i - 1
	for p > kept && s.sorts[p] != s.sorts[kept] {
		p--
	}
	return p + 1
}

// sortLayers fills in what sort each layer is: of which kind, on which device,
// and if its weights may have to be copied, of which types.
func (a *allocator) sortLayers(s *simulator, first int, gpus int8, types *layerTypes) {
	kinds := a.c.sorts()
	s.sorts = s.sorts[:0]
	for i := range a.c.loadedLayers() {
		dev := gpus
		if i >= first && gpus > 0 {
			dev = int8(a.deviceOf(i - first))
		}
		sort := uint32(kinds[a.c.layers[i]]) | uint32(dev)<<16
		if types != nil && (dev == gpus || i < s.at.hosted) {
			sort |= (uint32(types.class[i]) + 1) << 24
		}
		if g := &a.c.arch.Graph; skipsRope(g, i) || i < g.SparseLayers {
			sort |= 1 << 15
		}
		s.sorts = append(s.sorts, sort)
	}
}

// again counts a pair and tells whether it is still to be drawn.
func (s *simulator) again(from, to uint32) bool {
	for i := range s.steps {
		if t := &s.steps[i]; t.from == from && t.to == to {
			t.n++
			return t.n <= repeats
		}
	}
	s.steps = append(s.steps, transition{from, to, 1})
	return true
}

// sorts numbers the kinds of layers so that equal ones have the same number,
// wherever the record writes them down.
func (c *compiled) sorts() []uint16 {
	m := &c.graphs
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sorts != nil {
		return m.sorts
	}
	m.sorts = make([]uint16, len(c.kinds))
	for i := range c.kinds {
		m.sorts[i] = uint16(i)
		for j := range i {
			a, b := c.kinds[i].block, c.kinds[j].block
			if c.kinds[i].skipped == c.kinds[j].skipped && reflect.DeepEqual(a.Mixer, b.Mixer) && reflect.DeepEqual(a.FFN, b.FFN) {
				m.sorts[i] = m.sorts[j]
				break
			}
		}
	}
	return m.sorts
}

// loadedLayers is the number of layers that are computed: multi-token
// prediction comes after them.
func (c *compiled) loadedLayers() int {
	n := len(c.layers)
	for n > 0 && c.kinds[c.layers[n-1]].skipped {
		n--
	}
	return n
}

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
	return k.whole && k.flash && k.weights == nil && k.kv && k.k.name == "F16" && k.v.name == "F16" && k.outputs < k.ub && !a.c.model.Encoder
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
	out := graphSizes{gpu: make([]int64, len(s.gpu)), host: s.host, ok: true}
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
	s.split.keeps, s.split.copies, s.split.op = k.keeps, 1, key.op
	if key.pipeline {
		s.split.copies = copies
	}
	s.split.split(&s.g)
	s.leaves = append(append(s.leaves[:0], k.in.embd), s.split.leaves...)
	s.walk.mark = k.logits
	s.walk.walk(&s.g, s.split.nodes, s.leaves)
	sizes := graphSizes{gpu: make([]int64, key.gpus), host: s.walk.heaps[key.gpus].peak, ok: true, peaked: s.walk.peaked}
	for d := range sizes.gpu {
		sizes.gpu[d] = s.walk.heaps[d].peak
	}
	return sizes
}

// layerTypes are the types of the layers' tensors in one file type.
type layerTypes struct {
	engine *Engine
	of     [][]typeID // by layer and tensor
	class  []uint8    // layers of one class have the same types
}

// typesFor finds the types of all tensors of the layers.
func (c *compiled) typesFor(r *resolved) *layerTypes {
	key := typesKey{r.weights, r.Imatrix || r.weights.mix.record.Imatrix}
	m := &c.graphs
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.types[key]; t != nil {
		return t
	}
	if m.types == nil {
		m.types = map[typesKey]*layerTypes{}
	}
	t := c.engine.typesOf(c, r.weights.mix, key.imatrix)
	m.types[key] = t
	return t
}

// typesOf asks the quantiser's rules for every tensor, in its order.
func (e *Engine) typesOf(c *compiled, m *mix, imatrix bool) *layerTypes {
	traits := c.traits
	traits.imatrix = imatrix
	x := &weigher{e: e, c: c, m: m, choices: m.choices(traits), w: &weights{}}
	x.countRoles()
	for i := range c.model0 {
		x.typeOf(&c.model0[i], 0)
	}
	t := &layerTypes{engine: e, of: make([][]typeID, len(c.layers)), class: make([]uint8, len(c.layers))}
	var seen [][]typeID
	for i, k := range c.layers {
		kind := &c.kinds[k]
		types := make([]typeID, len(kind.tensors))
		for j := range kind.tensors {
			types[j] = x.typeOf(&kind.tensors[j], i)
		}
		t.of[i] = types
		t.class[i] = uint8(len(seen))
		for n, s := range seen {
			if sameTypes(s, types) {
				t.class[i] = uint8(n)
				break
			}
		}
		if int(t.class[i]) == len(seen) {
			seen = append(seen, types)
		}
	}
	return t
}

func sameTypes(a, b []typeID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// size is what a tensor of a layer takes, and what the CUDA backend adds.
func (t *layerTypes) size(layer int, x *catalog.Tensor, j int) (size, extra int64) {
	tt := &t.engine.types[t.of[layer][j]]
	return tt.row(x.Cols) * x.Rows * x.Depth, padding(tt, x.Cols)
}
