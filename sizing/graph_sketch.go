package sizing

import (
	"slices"
	"strings"

	"runlocal/catalog"
)

// graphPlace says on which device the parts of a graph's model lie. Devices
// are counted as in opGraph: GPUs, then the host.
type graphPlace struct {
	gpus      int8
	layers    []graphLayer // in order; those that change nothing may be left out
	output    int8         // of the output matrix and the final norm
	hosted    int          // experts of the layers before this one lie on the host
	moves     *moves       // weights that lie elsewhere than with their layer
	kvOffload bool
	whole     bool // every layer and the output are on GPUs
}

// graphLayer is a layer of the model with its device.
type graphLayer struct {
	index int
	dev   int8
}

// sketch draws the graph of one batch as llama.cpp builds it.
type sketch struct {
	g  *opGraph
	c  *compiled
	r  *resolved
	a  *catalog.Graph
	at *graphPlace
	in graphInputs

	d, ub   int64
	layer   graphLayer
	k       *kind
	shared  [maxSketchDevices]tid // one weight by device stands for all that need no copy
	ropes   tid                   // the host's table of frequency factors, none before its first use
	fusions []fusion
	named   []namedWeight
	weigh   func(layer int, tensor *catalog.Tensor, j int) (size, extra int64)
	logits  tid
	// perLayerIn are the embeddings by layer; none if the model has none.
	perLayerIn tid
}

const maxSketchDevices = 33

// namedWeight is a weight of the layer at hand that is on the host.
type namedWeight struct {
	name string
	id   tid
}

// graphInputs are the leaves that the host fills for each batch.
type graphInputs struct {
	tokens, embd, pos, outIDs tid
	sequences, absent         tid // which states a batch reads, and those that only move
	full, swa                 graphCache
	attnScale, pooled         tid
}

// graphCache belong to one cache, or to attention without one.
type graphCache struct {
	mask, kIdx, vIdx, kRot, vRot tid
	cells, maxV                  int64
	keys, values                 tid // of the latest layer with a cache of its own: later ones may read it
}

func (s *sketch) host() int8 { return s.at.gpus }

// input is a leaf that the host writes.
func (s *sketch) input(size int64, wide uint8, a, b int64) tid {
	x := s.g.leaf(size, unplaced, flagInput)
	t := &s.g.t[x]
	t.wide, t.ne = wide, [3]int64{a, b, 1}
	return x
}

// weight is a tensor of the layer at hand, by its name.
func (s *sketch) weight(name string) tid {
	dev := s.layer.dev
	if to, ok := s.at.moves.at(s.layer.index, name, s.host()); ok {
		return s.weightOn(to, name)
	}
	if dev < s.host() && s.layer.index < s.at.hosted && strings.Contains(name, "_exps.") {
		dev = s.host()
	}
	return s.weightOn(dev, name)
}

// weightOn is the layer's tensor on a device. Where no operation can need a
// copy of it its size does not matter, and one leaf stands for all.
func (s *sketch) weightOn(dev int8, name string) tid {
	if dev < s.host() || s.weigh == nil {
		return s.anyWeight(dev)
	}
	if i := slices.IndexFunc(s.named, func(w namedWeight) bool { return w.name == name }); i >= 0 {
		return s.named[i].id
	}
	w := s.hostWeight(dev, name)
	s.named = append(s.named, namedWeight{name, w})
	return w
}

// hostWeight is a weight that may have to be copied.
func (s *sketch) hostWeight(dev int8, name string) tid {
	for j := range s.k.tensors {
		if t := &s.k.tensors[j]; t.Name == name {
			size, extra := s.weigh(s.layer.index, t, j)
			return s.sizedWeight(dev, size, extra)
		}
	}
	return s.sizedWeight(dev, 4*s.d, 0)
}

func (s *sketch) sizedWeight(dev int8, size, extra int64) tid {
	x := s.g.leaf(size, dev, flagWeight)
	s.g.t[x].extra = extra
	return x
}

func (s *sketch) anyWeight(dev int8) tid {
	if s.shared[dev] == none {
		s.shared[dev] = s.g.leaf(4*s.d, dev, flagWeight)
	}
	return s.shared[dev]
}

// cacheDev is where the cache and state of the layer at hand lie.
func (s *sketch) cacheDev() int8 {
	if !s.at.kvOffload {
		return s.host()
	}
	return s.layer.dev
}

// mulMat multiplies by a weight of the layer: a result of width out a token.
func (s *sketch) mulMat(name string, out int64, x tid) tid {
	return s.mulBy(s.weight(name), out, x)
}

func (s *sketch) mulBy(w tid, out int64, x tid) tid {
	ne := s.g.t[x].ne
	y := s.g.compute(out, ne[1], ne[2], w, x)
	s.g.t[y].rows = ne[1]
	return y
}

// biased adds a bias of the layer where there is one.
func (s *sketch) biased(x tid, name string, has bool) tid {
	if !has {
		return x
	}
	return s.g.same(x, s.weight(name))
}

// unary is an element-wise function, in place where it can be.
func (s *sketch) unary(x tid) tid { return s.g.same(x) }

// norm normalises x with the layer's weights of that name: RMS in place, the
// mean-and-variance form not.
func (s *sketch) norm(x tid, name string) tid {
	return s.normBy(x, name, s.a.LayerNorm || s.c.model.NormBias)
}

func (s *sketch) normBy(x tid, name string, layerNorm bool) tid {
	y := s.g.same(x)
	if layerNorm {
		s.g.t[y].op = opCompute
	}
	if s.at.whole || s.ub < offloadRows {
		s.g.t[y].dev = s.layer.dev
	}
	if s.a.PlainNorm {
		return y
	}
	y = s.g.same(y, s.weight(name+".weight"))
	if s.c.model.NormBias && layerNorm {
		y = s.g.same(y, s.weight(name+".bias"))
	}
	return y
}

// rms normalises without weights.
func (s *sketch) rms(x tid) tid { return s.g.same(x) }

// rope turns x by position.
func (s *sketch) rope(x tid) tid {
	if s.a.NoRope {
		return x
	}
	y := s.g.same(x, s.in.pos)
	if s.c.ropeFactors > 0 && (!s.a.FactorsInFull || !s.k.swa) {
		s.g.t[y].src[2] = s.ropeWeight()
	}
	s.g.t[y].flags |= flagLoose
	return y
}

// ropeWeight is the table of frequency factors, which each side has once.
func (s *sketch) ropeWeight() tid {
	if s.layer.dev < s.host() {
		return s.anyWeight(s.layer.dev)
	}
	if s.ropes == none {
		s.ropes = s.sizedWeight(s.layer.dev, 4*s.c.ropeFactors, 0)
	}
	return s.ropes
}

// copyOf is x made contiguous, in a shape.
func (s *sketch) cont(x tid, a, b, c int64) tid { return s.g.compute(a, b, c, x) }

// rowsOf takes the output rows of x.
func (s *sketch) rowsOf(x tid) tid {
	y := s.g.compute(s.g.t[x].ne[0], s.r.outputs, 1, x, s.in.outIDs)
	s.g.t[y].rows = 0
	return y
}

// makeInputs creates the inputs; the graph decides which of them are used.
func (s *sketch) makeInputs() {
	ub := s.ub
	in := &s.in
	in.tokens = s.input(4*ub, 4|32, ub, 1)
	in.embd = s.input((s.r.embeddings()-1)*4*ub*s.d, 4, s.d, ub)
	per := int64(max(4, s.a.PositionBytes))
	in.pos = s.input(per*ub, 4|32, ub, 1)
	in.outIDs = s.input(4*s.r.outputs, 4|32, s.r.outputs, 1)
	states := s.input(4*s.r.seqs, 4|32, s.r.seqs, 1)
	in.sequences, in.absent = s.g.look(states, s.r.seqs, 1, 1), s.g.part(states, 0, 1, 1)
	in.attnScale = s.input(4*ub, 4|32, 1, ub)
	if s.c.model.Encoder {
		in.pooled = s.input(s.r.pooling(s.c), 4|32, s.r.seqs, 1)
		in.full = s.maskOnly(ub)
		in.swa = s.maskOnly(ub)
		return
	}
	in.full = s.cache(s.r.cells, s.c.widestFull)
	in.swa = s.cache(s.r.swa, s.c.widestSWA)
}

func (s *sketch) maskOnly(cells int64) graphCache {
	mask := s.input(s.r.maskBytes()*cells*s.ub, uint8(s.r.maskBytes()), cells, s.ub)
	if s.r.flash && s.r.build.F32Masks {
		mask = s.g.typed(2, cells, s.ub, 1, mask)
	}
	return graphCache{mask: mask, cells: cells}
}

func (s *sketch) cache(cells int64, row cacheRow) graphCache {
	in := s.maskOnly(cells)
	in.kIdx = s.input(s.r.indexBytes()*s.ub, 8, s.ub, 1)
	in.kRot, in.vRot = none, none
	if row.mla {
		return in
	}
	in.maxV = s.c.maxV
	index := s.r.indexBytes() * s.ub
	if !s.r.flash {
		index *= in.maxV
	}
	in.vIdx = s.input(index, 8, s.ub, 1)
	if row.headDim == 0 || row.headDim%64 != 0 || s.r.build.NoRotation {
		return in
	}
	if s.r.typeK.block > 1 {
		side := rotation(row.headDim)
		in.kRot = s.input(4*side*side, 4, side, side)
	}
	if s.r.typeV.block > 1 {
		in.vRot = s.input(4*64*64, 4, 64, 64)
	}
	return in
}

// rotation is the side of the matrix that quantised keys are turned by: the
// largest power of two from 64 that divides a head.
func rotation(headDim int64) int64 {
	side := int64(64)
	for headDim%(2*side) == 0 {
		side *= 2
	}
	return side
}
