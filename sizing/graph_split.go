package sizing

import "slices"

// splitter deals a graph out to devices as ggml's scheduler does, and adds
// the copies that cross between them.
type splitter struct {
	g      *opGraph
	copies int  // of every input of a split; more than one with pipeline parallelism
	op     bool // big batches over weights in RAM go to the first GPU

	nodes   []tid    // the graph with copies and what keeps their sources, in order
	leaves  []tid    // with pipeline parallelism: all copies
	inputs  []tid    // of the split at hand
	stage   []tid    // nodes of the split at hand
	fusions []fusion // in the order of their first nodes
	fused   int      // of them, those done
	held    []tid    // what has to live until a node to come is computed
}

// fusion is a run of nodes that one kernel of the CUDA backend computes at
// once, if they are in one split. A routing keeps all its nodes and their
// operands until the node after it, a reduction its first node's operands
// until its last node.
type fusion struct {
	first, last tid
	second      tid // of a reduction that scales each expert before it weighs it; else none
	routing     bool
}

// offloadRows is the batch from which an operation over weights in RAM is
// worth its copy to the GPU.
const offloadRows = 32

// split fills in the devices of all tensors, and nodes and leaves.
func (s *splitter) split(g *opGraph) {
	s.g = g
	s.nodes, s.leaves, s.fused, s.held = s.nodes[:0], s.leaves[:0], 0, s.held[:0]
	s.assign()
	s.spread()
	s.settle()
	s.cut()
}

// assign places what memory or weights decide.
func (s *splitter) assign() {
	g := s.g
	for i := range g.t {
		if t := &g.t[i]; t.op == opLeaf {
			switch {
			case t.home != unplaced:
				t.dev = t.home
			case t.flags&flagInput != 0:
				t.dev = g.devs
			}
		}
	}
	for _, x := range g.order {
		t := &g.t[x]
		switch {
		case t.dev != unplaced:
		case t.view != none && g.t[t.view].home != unplaced:
			t.dev = g.t[t.view].home
		case t.op != opView:
			s.assignByWeight(t)
		}
	}
}

// assignByWeight places an operation where its weight is; a big batch over a
// weight in RAM goes to the first GPU.
func (s *splitter) assignByWeight(t *tensor) {
	g := s.g
	if t.flags&flagLoose != 0 {
		return
	}
	for _, o := range t.src {
		if o == none {
			return
		}
		w := &g.t[o]
		if w.flags&flagWeight == 0 {
			continue
		}
		t.dev = w.home
		if s.op && w.home == g.devs && g.devs > 0 && t.rows >= offloadRows {
			t.dev = 0
		}
		return
	}
}

// spread gives neighbours of placed operations the same device: GPUs first,
// down then up the graph, then the host.
func (s *splitter) spread() {
	for _, gpusOnly := range [2]bool{true, false} {
		s.sweep(gpusOnly, 0, len(s.g.order), 1)
		s.sweep(gpusOnly, len(s.g.order)-1, -1, -1)
	}
}

func (s *splitter) sweep(gpusOnly bool, from, to, by int) {
	g := s.g
	cur := unplaced
	for i := from; i != to; i += by {
		t := &g.t[g.order[i]]
		switch {
		case t.op == opView:
		case t.dev == unplaced:
			if t.flags&flagHostOnly == 0 || cur == g.devs {
				t.dev = cur
			}
		case gpusOnly && t.dev == g.devs:
			cur = unplaced
		default:
			cur = t.dev
		}
	}
}

// settle places views with their memory and the rest with their readers.
func (s *splitter) settle() {
	g := s.g
	for _, x := range g.order {
		t := &g.t[x]
		if t.flags&flagHostOnly != 0 {
			t.dev = g.devs
		}
		if t.view != none && t.dev == unplaced {
			t.dev = g.t[t.view].dev
		}
		for _, o := range t.src {
			if o == none {
				break
			}
			if p := &g.t[o]; p.dev == unplaced {
				p.dev = t.dev
				if p.view != none {
					p.dev = g.t[p.view].dev
				}
			}
		}
	}
}

// cut walks the graph, starts a split where the device changes or a weight
// has to be copied over, and puts copies in place of what lies elsewhere.
func (s *splitter) cut() {
	g := s.g
	s.inputs, s.stage = s.inputs[:0], s.stage[:0]
	cur := unplaced
	for _, x := range g.order {
		if g.t[x].op == opView {
			s.stage = append(s.stage, x)
			continue
		}
		dev := g.t[x].dev
		if cur == unplaced {
			cur = dev
		}
		if dev != cur || len(s.inputs) > 0 && s.needsWeight(x, cur) {
			s.flush(cur)
			cur = dev
		}
		s.stage = append(s.stage, x)
		s.copyOperands(x, cur)
	}
	s.flush(cur)
}

// copyOperands puts copies in place of the operands that lie on another
// device than the operation.
func (s *splitter) copyOperands(x tid, cur int8) {
	g := s.g
	for j, o := range g.t[x].src {
		if o == none {
			return
		}
		p := &g.t[o]
		if p.flags&flagInput != 0 && p.flags&flagOutput == 0 && s.copies > 1 {
			s.copyGraphInput(o)
		}
		if g.t[o].dev == cur {
			continue
		}
		if s.copy(cur, o) == none {
			s.copyInput(o, cur)
		}
		g.t[x].src[j] = s.copy(cur, o)
	}
}

func (s *splitter) needsWeight(x tid, cur int8) bool {
	for _, o := range s.g.t[x].src {
		if o == none {
			return false
		}
		if t := &s.g.t[o]; t.flags&flagWeight != 0 && t.dev != cur {
			return true
		}
	}
	return false
}

// copy is the copy of a tensor on a device, none if there is none yet.
func (s *splitter) copy(dev int8, x tid) tid {
	for c := s.g.t[x].copies; c != none; c = s.g.t[c].copies {
		if s.g.t[c].dev == dev {
			return c
		}
	}
	return none
}

// remember notes c as the copy of x on its device.
func (s *splitter) remember(x, c tid) {
	s.g.t[c].copies = s.g.t[x].copies
	s.g.t[x].copies = c
}

// copyGraphInput makes room for an input once a batch in flight.
func (s *splitter) copyGraphInput(x tid) {
	g := s.g
	g.t[x].flags |= flagOutput
	dev := g.t[x].dev
	s.leaves = append(s.leaves, x)
	for range s.copies - 1 {
		s.leaves = append(s.leaves, g.duplicate(x, dev, flagInput|flagOutput))
	}
}

// copyInput makes the copies of a tensor for a split on another device.
func (s *splitter) copyInput(x tid, dev int8) {
	flags := uint8(0)
	if s.copies > 1 {
		flags = flagInput | flagOutput
	}
	c := s.g.duplicate(x, dev, flags)
	s.remember(x, c)
	if s.copies > 1 {
		s.leaves = append(s.leaves, c)
		for range s.copies - 1 {
			s.leaves = append(s.leaves, s.g.duplicate(x, dev, flags))
		}
	}
	s.inputs = append(s.inputs, x)
}

// duplicate is a tensor of x's size and layout on a device.
func (g *opGraph) duplicate(x tid, dev int8, flags uint8) tid {
	t := g.t[x]
	t.src, t.view, t.home, t.dev, t.op, t.flags, t.copies = noOperands, none, unplaced, dev, opLeaf, flags, none
	return g.add(t)
}

// flush ends a split: first its inputs, each with what keeps its source until
// it is copied, then its nodes.
func (s *splitter) flush(dev int8) {
	for _, x := range s.inputs {
		s.nodes = append(s.nodes, s.keepNode(x), s.copy(dev, x))
	}
	until := none
	if len(s.held) > 0 && len(s.stage) > 0 {
		until = s.stage[0] // the node after a routing that ended the split before
	}
	for i, x := range s.stage {
		s.nodes = append(s.nodes, x)
		if x == until {
			until = s.release()
		}
		if s.fused < len(s.fusions) && s.fusions[s.fused].first == x {
			f := s.fusions[s.fused]
			s.fused++
			if dev < s.g.devs {
				until = s.fuse(f, s.stage[i:])
			}
		}
	}
	s.inputs, s.stage = s.inputs[:0], s.stage[:0]
}

// fuse notes what a run of nodes has to keep, and until when; none is the
// first node of the next split, or that there is nothing to keep.
func (s *splitter) fuse(f fusion, rest []tid) tid {
	n := slices.Index(rest, f.last) + 1
	if n == 0 {
		return none
	}
	if !f.routing {
		s.held = append(s.held, s.g.t[f.first].src[0], s.g.t[f.first].src[1])
		if f.second != none {
			s.held = append(s.held, s.g.t[f.second].src[1])
		}
		return f.last
	}
	for _, x := range rest[:n] {
		s.hold(x)
		for _, o := range s.g.t[x].src {
			if o == none {
				break
			}
			s.hold(o)
		}
	}
	if n < len(rest) {
		return rest[n]
	}
	return none
}

func (s *splitter) hold(x tid) {
	if !slices.Contains(s.held, x) {
		s.held = append(s.held, x)
	}
}

// release lets go of what was held, after the node that was waited for.
func (s *splitter) release() tid {
	for _, x := range s.held {
		s.nodes = append(s.nodes, s.keepNode(x))
	}
	s.held = s.held[:0]
	return none
}

func (s *splitter) keepNode(x tid) tid {
	return s.g.add(tensor{
		src: operand(x), view: s.g.root(x), copies: none, home: unplaced, dev: s.g.t[x].dev, op: opKeep,
	})
}
