package sizing

// A compute buffer is what ggml's graph allocator ends up with when it walks
// the graph of one batch. This file holds the graph in the form in which the
// allocator sees it: tensors with a size, the tensors they are computed from,
// and whose memory they are. graph_build.go and its neighbours draw the graph
// of a model, graph_split.go deals it out to devices, graph_alloc.go walks it.

// tid names a tensor of a graph by its position; none is no tensor.
type tid int32

const none tid = -1

// opKind is what the allocator cares about in an operation.
type opKind uint8

const (
	opLeaf    opKind = iota // weights, caches and inputs: nothing is computed
	opView                  // another look at a tensor's memory
	opCompute               // a result of its own
	opInPlace               // may overwrite the first operand of the same layout that nothing else needs
	opStore                 // writes into a cache: a view of it that has operands
	opKeep                  // computes nothing, only keeps its operand until here
)

// The flags of a tensor.
const (
	flagInput    uint8 = 1 << iota // the host writes it: allocated before anything else
	flagOutput                     // read after the graph ran: never freed
	flagWeight                     // lives in a weight buffer
	flagOffset                     // a view that does not start where its memory does
	flagSeen                       // already in the graph's order
	flagLoose                      // computed wherever its neighbours are, whatever its weights say
	flagHostOnly                   // no kernel of the CUDA backend computes it
)

// unplaced is the device of a tensor that no device has been chosen for.
const unplaced int8 = -1

// maxOperands is the most operands that an operation of these graphs has.
const maxOperands = 8

// tensor is one node or leaf of a graph.
type tensor struct {
	ne     [3]int64 // layout, elements; the last is the product of the outer ones
	size   int64    // bytes as the host allocates it
	extra  int64    // what the CUDA backend adds
	src    [maxOperands]tid
	view   tid   // whose memory it is; none: its own
	copies tid   // the first of its copies on other devices; of a copy, the next one
	rows   int64 // batch of the operation, for op offload; 0 = never worth it
	home   int8  // device that holds it before the graph runs
	dev    int8  // device that computes it
	op     opKind
	flags  uint8
	wide   uint8 // bytes of an element; with ne it is the layout. 0: no other tensor has it
}

// graph is a model's graph for one batch.
type opGraph struct {
	t     []tensor
	order []tid // what is computed, in order
	devs  int8  // GPUs; the host is device devs
}

func (g *opGraph) reset() {
	g.t, g.order = g.t[:0], g.order[:0]
}

func (g *opGraph) add(t tensor) tid {
	t.copies = none
	g.t = append(g.t, t)
	return tid(len(g.t) - 1)
}

//nolint:gochecknoglobals // a constant, never written
var noOperands = [maxOperands]tid{none, none, none, none, none, none, none, none}

// leaf is a tensor that is there before the graph runs.
func (g *opGraph) leaf(size int64, home int8, flags uint8) tid {
	return g.add(tensor{size: size, src: noOperands, view: none, home: home, dev: unplaced, op: opLeaf, flags: flags})
}

// compute is the f32 result of an operation, a by b by c elements.
func (g *opGraph) compute(a, b, c int64, operands ...tid) tid {
	return g.typed(4, a, b, c, operands...)
}

// typed is the result of an operation with elements of so many bytes.
func (g *opGraph) typed(wide, a, b, c int64, operands ...tid) tid {
	t := tensor{
		ne: [3]int64{a, b, c}, size: wide * a * b * c, src: noOperands, view: none,
		rows: b * c, home: unplaced, dev: unplaced, op: opCompute, wide: uint8(wide),
	}
	copy(t.src[:], operands)
	return g.add(t)
}

// same is the result of an element-wise operation on x, in its layout; it may
// take x's place.
func (g *opGraph) same(x tid, others ...tid) tid {
	p := &g.t[x]
	t := tensor{
		ne: p.ne, size: p.wideSize(), src: noOperands, view: none,
		rows: p.ne[1] * p.ne[2], home: unplaced, dev: unplaced, op: opInPlace, wide: max(4, p.wide&15),
	}
	t.src[0] = x
	copy(t.src[1:], others)
	return g.add(t)
}

// wideSize is the size of a result with the tensor's shape, f32.
func (t *tensor) wideSize() int64 { return 4 * t.ne[0] * t.ne[1] * t.ne[2] }

// root is the tensor whose memory x is.
func (g *opGraph) root(x tid) tid {
	if v := g.t[x].view; v != none {
		return v
	}
	return x
}

// look is a contiguous view from the start of x in another shape.
func (g *opGraph) look(x tid, a, b, c int64) tid {
	p := &g.t[x]
	size := int64(p.wide&15) * a * b * c
	if p.wide&16 != 0 && p.ne[0]*p.ne[1]*p.ne[2] == a*b*c {
		size = p.size
	}
	return g.add(tensor{
		ne: [3]int64{a, b, c}, size: size, src: operand(x), view: g.root(x),
		home: unplaced, dev: unplaced, op: opView, wide: p.wide, flags: p.flags & (flagOffset),
	})
}

// slice is a contiguous view of x that does not start with it.
func (g *opGraph) slice(x tid, a, b, c int64) tid {
	v := g.look(x, a, b, c)
	g.t[v].flags |= flagOffset
	return v
}

// part is a view of x that is not contiguous, so that nothing computed from
// it has its layout: x turned, or some columns of every row. A copy of it
// takes all that lies between its first and its last element.
func (g *opGraph) part(x tid, a, b, c int64) tid {
	v := g.slice(x, a, b, c)
	g.t[v].wide |= 16
	p := &g.t[x]
	if rows := p.ne[1] * p.ne[2]; rows > 0 && p.wide&16 == 0 {
		g.t[v].size = p.size - int64(p.wide&15)*max(0, p.ne[0]-a*b*c/rows)
	}
	return v
}

func operand(x tid) [maxOperands]tid {
	s := noOperands
	s[0] = x
	return s
}

// store writes x into a cache.
func (g *opGraph) store(cache tid, operands ...tid) tid {
	t := tensor{src: noOperands, view: g.root(cache), home: unplaced, dev: unplaced, op: opStore, rows: 0}
	copy(t.src[:], operands)
	return g.add(t)
}

// expand appends to the order whatever x needs that is not in it yet, operands
// first, the first operand's own needs before the second's.
func (g *opGraph) expand(x tid) {
	t := &g.t[x]
	if t.flags&flagSeen != 0 {
		return
	}
	t.flags |= flagSeen
	for _, s := range t.src {
		if s == none {
			break
		}
		g.expand(s)
	}
	if t.op != opLeaf {
		g.order = append(g.order, x)
	}
}
