package sizing

import "math"

// freeBlock is a hole in a buffer.
type freeBlock struct{ at, size int64 }

// heap is ggml's dynamic allocator for one buffer: the best fitting hole is
// taken, the open end only if no hole is large enough.
type heap struct {
	align int64
	holes []freeBlock // by address; the last is the open end
	peak  int64
}

func (h *heap) reset(align int64) {
	h.align, h.peak = align, 0
	h.holes = append(h.holes[:0], freeBlock{0, math.MaxInt64 / 2})
}

func (h *heap) take(size int64) int64 {
	size = ceil(size, h.align)
	best := len(h.holes) - 1
	fit := int64(math.MaxInt64)
	for i := range best {
		if s := h.holes[i].size; s >= size && s <= fit {
			best, fit = i, s
		}
	}
	b := &h.holes[best]
	at := b.at
	b.at += size
	b.size -= size
	if b.size == 0 {
		h.holes = append(h.holes[:best], h.holes[best+1:]...)
	}
	h.peak = max(h.peak, at+size)
	return at
}

// free gives a block back. It joins the first hole that it touches, and that
// one its neighbour; a block of nothing between two tensors is kept as a hole
// and stops what is freed beside it from joining, as in ggml.
func (h *heap) free(at, size int64) {
	size = ceil(size, h.align)
	for i := range h.holes {
		b := &h.holes[i]
		switch at {
		case b.at + b.size:
			b.size += size
			if i+1 < len(h.holes) && b.at+b.size == h.holes[i+1].at {
				h.join(i)
			}
			return
		case b.at - size:
			b.at = at
			b.size += size
			if i > 0 && h.holes[i-1].at+h.holes[i-1].size == at {
				h.join(i - 1)
			}
			return
		}
	}
	i := 0
	for i < len(h.holes) && h.holes[i].at < at {
		i++
	}
	h.holes = append(h.holes, freeBlock{})
	copy(h.holes[i+1:], h.holes[i:])
	h.holes[i] = freeBlock{at, size}
}

// join makes one hole of a hole and the next.
func (h *heap) join(i int) {
	h.holes[i].size += h.holes[i+1].size
	h.holes = append(h.holes[:i+1], h.holes[i+2:]...)
}

// life is what the walk keeps about a tensor.
type life struct {
	at        int64
	users     int32 // operations to come that read it
	views     int32 // views of it that are still read
	buffer    int8
	allocated bool
}

// walker replays ggml's graph allocator.
type walker struct {
	g     *opGraph
	lives []life
	heaps []heap // by device, the host last

	mark   tid  // the logits
	peaked bool // they or what follows them took a buffer's largest size
}

// allocSize is what a tensor takes on a device.
func (w *walker) allocSize(x tid, dev int8) int64 {
	t := &w.g.t[x]
	if dev < w.g.devs {
		return t.size + t.extra
	}
	return t.size
}

// walk allocates the nodes, in order; leaves come before all of them. It
// leaves the size of every buffer in the heaps' peaks.
func (w *walker) walk(g *opGraph, nodes []tid, leaves []tid) {
	w.g = g
	if cap(w.lives) < len(g.t) {
		w.lives = make([]life, len(g.t)+len(g.t)/2)
	}
	w.lives = w.lives[:len(g.t)]
	clear(w.lives)
	for len(w.heaps) < int(g.devs)+1 {
		w.heaps = append(w.heaps, heap{})
	}
	for d := range g.devs + 1 {
		align := int64(gpuAlign)
		if d == g.devs {
			align = hostAlign
		}
		w.heaps[d].reset(align)
	}
	for _, x := range leaves {
		w.allocate(x, g.t[x].dev)
	}
	w.count(nodes)
	sum := int64(-1)
	for _, x := range nodes {
		if x == w.mark {
			sum = w.peaks()
		}
		w.step(x)
	}
	w.peaked = sum >= 0 && w.peaks() > sum
}

func (w *walker) peaks() int64 {
	n := int64(0)
	for d := range w.heaps {
		n += w.heaps[d].peak
	}
	return n
}

// count fills in users and views, and allocates the inputs.
func (w *walker) count(nodes []tid) {
	for _, x := range nodes {
		t := &w.g.t[x]
		if t.view != none && t.op != opKeep {
			w.lives[t.view].views++
		}
		if t.flags&flagInput != 0 {
			w.allocate(x, t.dev)
		}
		for _, s := range t.src {
			if s == none {
				break
			}
			w.lives[s].users++
			if w.g.t[s].flags&flagInput != 0 {
				w.allocate(s, w.g.t[s].dev)
			}
		}
	}
}

// step computes one node: room for it, then what nothing needs any more is
// freed.
func (w *walker) step(x tid) {
	t := &w.g.t[x]
	for _, s := range t.src {
		if s == none {
			break
		}
		w.allocate(s, t.dev)
	}
	w.allocate(x, t.dev)
	for _, s := range t.src {
		if s == none {
			break
		}
		l := &w.lives[s]
		l.users--
		if l.users != 0 || l.views != 0 {
			continue
		}
		if root := w.g.t[s].view; root != none {
			r := &w.lives[root]
			r.views--
			if r.views == 0 && r.users == 0 && r.allocated {
				w.release(root)
			}
		} else if l.allocated {
			w.release(s)
		}
	}
}

func (w *walker) release(x tid) {
	if w.g.t[x].flags&flagOutput != 0 {
		return
	}
	l := &w.lives[x]
	w.heaps[l.buffer].free(l.at, w.allocSize(x, l.buffer))
	l.allocated = false
}

func (w *walker) allocate(x tid, dev int8) {
	t, l := &w.g.t[x], &w.lives[x]
	if l.allocated || t.view != none || t.home != unplaced {
		return
	}
	l.allocated = true
	if t.op == opInPlace && w.reuse(x) {
		return
	}
	l.buffer = dev
	l.at = w.heaps[dev].take(w.allocSize(x, dev))
}

// reuse gives x the place of an operand that has its layout and that nothing
// else needs. A view's memory is never taken over, not even by its last user.
func (w *walker) reuse(x tid) bool {
	t, l := &w.g.t[x], &w.lives[x]
	for _, s := range t.src {
		if s == none {
			break
		}
		p, pl := &w.g.t[s], &w.lives[s]
		if !pl.allocated || p.flags&flagOutput != 0 || p.ne != t.ne || p.wide != t.wide || pl.users != 1 || pl.views != 0 {
			continue
		}
		l.buffer, l.at = pl.buffer, pl.at
		pl.allocated = false
		h := &w.heaps[l.buffer]
		had, need := ceil(w.allocSize(s, l.buffer), h.align), ceil(w.allocSize(x, l.buffer), h.align)
		if had > need {
			h.free(l.at+need, had-need)
		}
		return true
	}
	return false
}
