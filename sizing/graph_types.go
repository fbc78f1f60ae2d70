package sizing

import "runlocal/catalog"

// layerTypes are the types of the layers' tensors in one file type.
type layerTypes struct {
	engine *Engine
	of     [][]typeID // by layer and tensor
	outer  []typeID   // of the tensors outside the layers
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
	outer := make([]typeID, len(c.model0))
	for i := range c.model0 {
		outer[i] = x.typeOf(&c.model0[i], outside)
	}
	t := &layerTypes{engine: e, outer: outer, of: make([][]typeID, len(c.layers)), class: make([]uint8, len(c.layers))}
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
