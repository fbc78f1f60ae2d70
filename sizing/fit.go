package sizing

import "slices"

// llama.cpp's automatic fit (common/fit.cpp, on by default) as it decides at
// start where neither -ngl nor -ot is given: if everything leaves the margin
// free on every GPU, nothing changes; else the context is cut, if it was not
// asked for; then the GPUs are filled from the last layer on, without experts
// where the model has some; then experts are brought back from the first
// layer on, at last a part of one more layer's. It measures the runtime's own
// buffers against what the driver reports as free once it is up.

// share is what one GPU gets: layers, of which the last part leave some of
// their weights to others; the first of those may keep more than the rest.
type share struct {
	layers, part int
	first        fraction
	to           int // where the first one's weights go: a GPU, or onHost
}

func (s share) full() int { return s.layers - s.part }

// dealt is a division of the model with what each GPU holds then.
type dealt struct {
	shares []share
	mem    []int64
	dense  int // the first GPU with layers that left their experts
}

func (d dealt) clone() dealt {
	d.shares = slices.Clone(d.shares)
	return d
}

// fitter runs the fit.
type fitter struct {
	a       *allocator
	out     *allocation
	margins []int64
	free    []int64
	// whole counts what the driver takes too, for the planner's own use of
	// the method.
	whole bool
}

func (a *allocator) newFitter(out *allocation, margins []int64, whole bool) *fitter {
	f := &fitter{a: a, out: out, whole: whole, margins: make([]int64, max(1, len(a.rig.GPUs)))}
	for d := range f.margins {
		f.margins[d] = FitTarget
		if len(margins) > 0 {
			f.margins[d] = margins[min(d, len(margins)-1)]
		}
	}
	for d := range a.rig.GPUs {
		g := &a.rig.GPUs[d]
		free := g.Free()
		if !whole {
			free = max(0, free-a.driverOverhead(g).context)
		}
		f.free = append(f.free, free)
	}
	return f
}

func (f *fitter) target(d int) int64 { return f.free[d] - f.margins[d] }

// measure is what each GPU holds, as the fit counts it.
func (f *fitter) measure() []int64 {
	mem := make([]int64, len(f.a.rig.GPUs))
	for d := range mem {
		mem[d] = f.out.devices[d].total()
		if !f.whole {
			mem[d] -= f.out.devices[d].overhead + f.out.devices[d].extra.Overhead
		}
	}
	return mem
}

func (f *fitter) at(p place) []int64 {
	f.a.at(p, f.out)
	return f.measure()
}

// deal lays a division out.
func (f *fitter) deal(d *dealt) []int64 {
	d.mem = f.at(f.placeOf(d.shares))
	return d.mem
}

// placeOf turns a division into a place.
func (f *fitter) placeOf(shares []share) place {
	p := place{counts: make([]int, len(shares))}
	for d, s := range shares {
		p.gpuLayers += s.layers
		p.counts[d] = s.layers
	}
	type part struct {
		fraction
		to int
	}
	parts := map[int]part{}
	at := len(f.a.c.layers) + 1 - p.gpuLayers
	for _, s := range shares {
		at += s.full()
		for i := range s.part {
			parts[at+i] = part{keepDense, onHost}
			if i == 0 {
				parts[at] = part{s.first, s.to}
			}
		}
		at += s.part
	}
	if len(parts) > 0 {
		p.moves = f.a.movesBy(func(t *named) (int, bool) {
			part, ok := parts[t.layer]
			return part.to, ok && part.spills(t)
		})
	}
	return p
}

// fillBack gives the GPUs layers from the last one on, each as many as it has
// room for; of a mixture without the experts.
func (f *fitter) fillBack() dealt {
	n, all := len(f.a.rig.GPUs), len(f.a.c.layers)+1
	moe := f.a.c.experts > 0
	d := dealt{shares: make([]share, n)}
	for i := range d.shares {
		d.shares[i].first, d.shares[i].to = keepDense, onHost
	}
	f.deal(&d)
	left := all
	for id := n - 1; id >= 0; id-- {
		high := d.clone()
		h := &high.shares[id]
		h.layers = left
		if moe {
			h.part = left
			if id == n-1 {
				h.part-- // the output is never a part
			}
		}
		if left > 0 {
			f.deal(&high)
			d = f.closeIn(id, d, high, func(x *dealt) int { return x.shares[id].layers }, func(x dealt, step int) dealt {
				s := &x.shares[id]
				s.layers += step
				if moe && id == n-1 && s.part == 0 {
					step--
				}
				if moe {
					s.part += step
				}
				return x
			})
		}
		left -= d.shares[id].layers
	}
	return d
}

// closeIn looks between a division that GPU id has room for and one that it
// may not have for the last that it has, by the method of false position.
func (f *fitter) closeIn(id int, low, high dealt, size func(*dealt) int, more func(x dealt, step int) dealt) dealt {
	if high.mem[id] <= f.target(id) {
		return high
	}
	for delta := size(&high) - size(&low); delta > 1; delta = size(&high) - size(&low) {
		step := delta - 1
		room, span := f.target(id)-low.mem[id], high.mem[id]-low.mem[id]
		if span > 0 && room >= 0 {
			step = int(min(int64(step), max(1, int64(delta)*room/span)))
		}
		test := more(low.clone(), step)
		if f.deal(&test)[id] <= f.target(id) {
			low = test
		} else {
			high = test
		}
	}
	return low
}

// bringBack makes layers without their experts whole again, from the first
// GPU on, and tries a part of one more for each.
func (f *fitter) bringBack(d dealt) dealt {
	n := len(f.a.rig.GPUs)
	d.dense = n - 1
	if d.shares[d.dense].layers == 0 {
		return d // not even the output has room
	}
	for d.dense > 0 && d.shares[d.dense-1].layers > 0 {
		d.dense--
	}
	for id := 0; id <= d.dense; id++ {
		high := d.clone()
		for j := d.dense; j < n; j++ {
			move := high.shares[j].layers
			if j == n-1 {
				move--
			}
			high.shares[id].layers += move
			high.shares[j].layers -= move
			high.shares[j].part = 0
		}
		high.dense = n - 1
		f.deal(&high)
		d = f.closeIn(id, d, high, func(x *dealt) int { return x.shares[id].full() }, func(x dealt, step int) dealt {
			for ; x.dense < n; x.dense++ {
				j := &x.shares[x.dense]
				move := min(step, j.part)
				j.layers -= move
				j.part -= move
				x.shares[id].layers += move
				step -= move
				if j.part > 0 {
					break
				}
			}
			x.dense = min(x.dense, n-1)
			return x
		})
		d = f.onePart(id, d)
	}
	return d
}

// onePart tries to take a part of one more layer onto GPU id: all but gate and
// down, then all but down, or only what is no feed-forward.
func (f *fitter) onePart(id int, d dealt) dealt {
	n := len(f.a.rig.GPUs)
	spare := 0
	if id == n-1 {
		spare = 1
	}
	if d.shares[d.dense].layers <= spare || d.shares[d.dense].part == 0 {
		return d
	}
	test := d.clone()
	from, to := &test.shares[test.dense], &test.shares[id]
	from.layers--
	from.part--
	to.layers++
	to.part++
	if from.part == 0 {
		test.dense = min(test.dense+1, n-1)
	}
	if id < n-1 {
		to.to = id + 1
	}
	try := func(keep fraction) bool {
		test = test.clone()
		test.shares[id].first = keep
		f.deal(&test)
		return test.mem[id] < f.target(id) && (id+1 == n || test.mem[id+1] < f.target(id+1))
	}
	if !try(keepUp) {
		if try(keepAttention) {
			return test
		}
		return d
	}
	d = test
	if try(keepGate) {
		return test
	}
	return d
}
