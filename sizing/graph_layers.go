package sizing

import "reflect"

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
		if true || s.again(from, to) || i >= n-2 {
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
		moved := s.at.moves.classOf(i)
		if types != nil && (dev == gpus || i < s.at.hosted || moved > 0) {
			sort |= s.at.moves.combine(types.class[i], moved) << 24
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

// hasModelTensor tells whether the model has a tensor outside its layers.
func (c *compiled) hasModelTensor(name string) bool {
	for i := range c.model0 {
		if c.model0[i].Name == name {
			return true
		}
	}
	return false
}
