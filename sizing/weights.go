package sizing

import (
	"slices"

	"runlocal/catalog"
)

// Allocation granules of the CUDA backend and of host buffers, bytes
// (ggml-alloc with each backend's alignment).
const (
	gpuAlign  = 128
	hostAlign = 32
	// rowPad is what the CUDA backend pads the last row of a quantised tensor
	// to, elements.
	rowPad = 512
)

// sided is a size on each side: what it takes as a GPU buffer and what as a
// host buffer, both with their alignment.
type sided struct{ gpu, host int64 }

func (s *sided) add(o sided) { s.gpu += o.gpu; s.host += o.host }

// weights is a model in one file type.
type weights struct {
	mix *mix

	layers  []sided // everything of a layer
	routed  []sided // of that, the experts' own matrices
	output  sided   // output matrix (or the second copy of a tied one) and final norms
	input   sided   // token embedding and what else is only looked up
	tied    sided   // of output: the copy of a tied embedding that a host alone does not need
	rope    sided   // RoPE factors: a copy on each device with layers
	data    int64   // all tensors once, without alignment: the bytes in the file
	read    int64   // of those, read for every token: no input tables, active experts only
	elems   int64   // parameters read for every token
	hostMax int64   // the largest single tensor of any layer, bytes: what op offload copies
	outBig  int64   // the output matrix, bytes
	outPad  int64   // what the CUDA backend adds to a copy of it

	gpuSum    []int64 // running sums over layers: gpuSum[i] = Σ layers[:i].gpu
	hostSum   []int64
	routedGPU []int64
	routedHst []int64
}

// weightsFor sizes a model's tensors in a file type, remembering the result.
func (e *Engine) weightsFor(c *compiled, m *mix, imatrix bool) *weights {
	slot := 2 * m.index
	if imatrix {
		slot++
	}
	if w := c.weights[slot].Load(); w != nil {
		return w
	}
	w := e.weigh(c, m, slot%2 == 1)
	c.weights[slot].Store(w)
	return w
}

// weigher walks the tensors of one model in one file type.
type weigher struct {
	e       *Engine
	c       *compiled
	m       *mix
	w       *weights
	choices [ruleRoles]choice
	count   [ruleRoles]int // tensors of the role so far
	total   [ruleRoles]int // and in all
	sums    []layerSum
	first   sided // tensors outside the layers that go with the first one
}

func (e *Engine) weigh(c *compiled, m *mix, imatrix bool) *weights {
	t := c.traits
	t.imatrix = imatrix
	n := len(c.layers)
	x := &weigher{e: e, c: c, m: m, choices: m.choices(t), w: &weights{
		mix: m, layers: make([]sided, n), routed: make([]sided, n),
		gpuSum: make([]int64, n+1), hostSum: make([]int64, n+1), routedGPU: make([]int64, n+1), routedHst: make([]int64, n+1),
	}}
	x.countRoles()
	for _, t := range c.model0 {
		x.addModelTensor(t)
	}
	for i, k := range c.layers {
		x.addLayer(i, &c.kinds[k])
	}
	for what, p := range c.model.ExtraParams {
		if !slices.Contains(c.model.NotInGGUF, what) {
			x.w.output.add(x.extra(p))
		}
	}
	return x.w
}

// countRoles finds how many tensors of the value role there are, for rules
// that speak of fractions of them. Feed-forwards are counted by layers, as
// the quantiser does.
func (x *weigher) countRoles() {
	for role := range x.total {
		x.total[role] = x.c.traits.layers
	}
	v := 0
	for _, k := range x.c.layers {
		for i := range x.c.kinds[k].tensors {
			if x.c.kinds[k].tensors[i].Role == catalog.RoleAttnV {
				v++
			}
		}
	}
	x.total[catalog.RoleAttnV] = v
}

// layerSum is the sum over one layer's tensors. Layers of a kind whose
// tensors got the same types share it.
type layerSum struct {
	kind        *kind
	types       uint64 // of the tensors whose type depends on the layer, packed
	all, routed sided
	data        int64
	read, elems int64
	largest     int64
}

func (x *weigher) addLayer(i int, k *kind) {
	sum := x.layerSum(i, k)
	w := x.w
	w.data += sum.data
	w.read += sum.read
	w.elems += sum.elems
	w.hostMax = max(w.hostMax, sum.largest)
	all := sum.all
	if i == 0 {
		all.add(x.first)
	}
	w.layers[i], w.routed[i] = all, sum.routed
	w.gpuSum[i+1], w.hostSum[i+1] = w.gpuSum[i]+all.gpu, w.hostSum[i]+all.host
	w.routedGPU[i+1], w.routedHst[i+1] = w.routedGPU[i]+sum.routed.gpu, w.routedHst[i]+sum.routed.host
}

// layerSum finds or computes the sum of layer i.
func (x *weigher) layerSum(i int, k *kind) *layerSum {
	packed := uint64(0)
	for j := range k.tensors {
		if t := &k.tensors[j]; x.dependsOnLayer(t) {
			packed = packed<<5 | uint64(x.typeOf(t, i))
		}
	}
	for j := range x.sums {
		if s := &x.sums[j]; s.kind == k && s.types == packed {
			return s
		}
	}
	x.sums = append(x.sums, x.sumLayer(k, packed))
	return &x.sums[len(x.sums)-1]
}

// dependsOnLayer tells whether the type of a tensor can differ from layer to
// layer.
func (x *weigher) dependsOnLayer(t *catalog.Tensor) bool {
	return t.Role < catalog.RoleFixed && len(x.choices[t.Role].rules) > 0 && !x.m.plain
}

// sumLayer adds a layer up. The types of the tensors that depend on the layer
// are given, the last one in the lowest bits.
func (x *weigher) sumLayer(k *kind, packed uint64) layerSum {
	s := layerSum{kind: k, types: packed}
	data, read, elems := x.w.data, x.w.read, x.w.elems
	active, experts := int64(k.block.FFN.Active), int64(max(1, k.block.FFN.Experts))
	for j := range slices.Backward(k.tensors) {
		t := &k.tensors[j]
		var typ typeID
		if x.dependsOnLayer(t) {
			typ = typeID(packed & 31)
			packed >>= 5
		} else {
			typ = x.typeOf(t, 0)
		}
		size := x.size(t, typ)
		if k.skipped {
			continue
		}
		bytes, count := x.e.types[typ].row(t.Cols)*t.Rows*t.Depth, t.Elements()
		s.all.add(size)
		s.largest = max(s.largest, bytes)
		if t.Routed {
			s.routed.add(size)
			bytes, count = bytes/experts*active, count/experts*active
		}
		s.read += bytes
		s.elems += count
	}
	if k.extra > 0 {
		s.all.add(x.extra(k.extra))
	}
	s.data, s.read, s.elems = x.w.data-data, s.read+x.w.read-read, s.elems+x.w.elems-elems
	x.w.data, x.w.read, x.w.elems = data, read, elems
	return s
}

// addModelTensor places a tensor outside the layers: what is looked up by
// token or position stays on the host, the rest goes with the output.
func (x *weigher) addModelTensor(t catalog.Tensor) {
	typ := x.typeOf(&t, 0)
	size := x.size(&t, typ)
	bytes := x.e.types[typ].row(t.Cols) * t.Rows * t.Depth
	switch t.Name {
	case "token_embd.weight":
		x.w.input.add(size)
		if x.c.model.TiedEmbeddings && !x.c.arch.NoOutput {
			x.w.output.add(size)
			if !x.c.arch.TiedTwice {
				x.w.tied = size
			}
			x.w.outBig, x.w.outPad = bytes, padding(&x.e.types[typ], t.Cols)
			x.w.read += bytes
			x.w.elems += t.Elements()
		}
	case "position_embd.weight", "token_types.weight", "per_layer_token_embd.weight":
		x.w.input.add(size)
	case "token_embd_norm.weight", "token_embd_norm.bias", "per_layer_model_proj.weight", "per_layer_proj_norm.weight":
		x.first.add(size)
		x.w.read += bytes
		x.w.elems += t.Elements()
	case "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight":
		x.w.rope.add(size)
	default:
		x.w.output.add(size)
		x.w.read += bytes
		x.w.elems += t.Elements()
		if t.Role == catalog.RoleOutput {
			x.w.outBig, x.w.outPad = bytes, padding(&x.e.types[typ], t.Cols)
		}
	}
}

// typeOf is the type that the quantiser gives a tensor of layer i, and moves
// the count of its role on.
func (x *weigher) typeOf(t *catalog.Tensor, i int) typeID {
	if typ, ok := x.m.types[fileTensorID{i, t.Name}]; ok {
		return typ
	}
	i = max(i, 0) // tensors outside the layers follow the rules of the first
	switch {
	case t.Role == catalog.RoleFixed:
		return x.e.f32
	case t.Role == catalog.RoleSource:
		return x.e.f16 // the source files are F16
	case x.m.plain:
		return x.m.deflt
	}
	role := ruleRole(t.Role)
	if t.Role == catalog.RoleTokenEmbd && x.c.model.TiedEmbeddings {
		role = ruleRole(catalog.RoleOutput)
	}
	p := position{layer: i, count: x.count[role], n: x.total[role], ffn: t.Role >= catalog.RoleFFNUp && t.Role <= catalog.RoleFFNDown}
	x.count[role]++
	return x.e.fit(x.choose(t, role, p), t.Cols)
}

// choose applies the rules of the tensor's role; where a mix has rules for
// stacked tensors or for any, they stand in for the roles without one.
func (x *weigher) choose(t *catalog.Tensor, role ruleRole, p position) typeID {
	if len(x.m.rules[role]) == 0 && len(x.m.rules[ruleAny]) > 0 {
		role = ruleAny
		if t.Depth > 1 {
			role = ruleStacked
		}
	}
	return x.choices[role].pick(x.e.types, x.m.deflt, t.Cols, p, x.c.moe)
}

// size is what a tensor takes in a buffer of each side, and adds its bytes to
// the file's.
func (x *weigher) size(t *catalog.Tensor, typ typeID) sided {
	tt := &x.e.types[typ]
	bytes := tt.row(t.Cols) * t.Rows * t.Depth
	x.w.data += bytes
	return sided{gpu: ceil(bytes+padding(tt, t.Cols), gpuAlign), host: ceil(bytes, hostAlign)}
}

// padding is what the CUDA backend adds to a quantised tensor whose rows are
// no multiple of 512.
func padding(t *tensorType, cols int64) int64 {
	if t.block == 1 || cols%rowPad == 0 {
		return 0
	}
	return t.row(rowPad - cols%rowPad)
}

// extra sizes parameters whose shape is not known: small ones are vectors and
// stay F32, the others are taken as matrices of the file's default type.
func (x *weigher) extra(params int64) sided {
	const small = 1 << 16
	t := &x.e.types[x.m.deflt]
	bytes := 4 * params
	if params >= small {
		bytes = ceil(params, t.block) / t.block * t.bytes
	}
	x.w.data += bytes
	x.w.read += bytes
	x.w.elems += params
	return sided{gpu: ceil(bytes, gpuAlign), host: ceil(bytes, hostAlign)}
}

// ceil rounds n up to a multiple of a.
func ceil(n, a int64) int64 { return (n + a - 1) / a * a }
