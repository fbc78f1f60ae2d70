package torch

import (
	"strings"

	"runlocal/catalog"
)

// shape is a model as PyTorch holds it: which modules with which parameters.
type shape struct {
	model  *catalog.Model
	arch   *catalog.HFArchitecture
	kinds  []layerKind
	layers []int // kind of each layer
	stem   []param
	norm   []param
	head   []param // empty where it is tied to the embedding
}

// layerKind is one sort of layer.
type layerKind struct {
	block  *catalog.Block
	params []param
}

// param is one parameter (or a few of the same form) of a module.
type param struct {
	name    string // GGUF's, which says what it is for
	in, out int64  // of one matrix; a vector has out 1
	count   int64  // experts that are stacked in one tensor; 1 otherwise
	linear  bool   // a matrix of a linear layer, which quantisers convert
	expert  bool   // of the fused routed experts
}

func (p *param) elements() int64 { return p.in * p.out * p.count }

func shapeOf(m *catalog.Model, a *catalog.HFArchitecture) *shape {
	s := &shape{model: m, arch: a}
	m.EachModelTensor(nil, func(t catalog.Tensor) {
		if t.Derived {
			return
		}
		switch p := paramOf(t, false); t.Role {
		case catalog.RoleOutput:
			p.linear = true
			s.head = append(s.head, p)
		case catalog.RoleTokenEmbd:
			s.stem = append(s.stem, p)
		default:
			if strings.Contains(t.Name, "norm") {
				s.norm = append(s.norm, p)
			} else {
				s.stem = append(s.stem, p)
			}
		}
	})
	for _, n := range m.ExtraParams {
		s.stem = append(s.stem, param{name: "extra", in: n, out: 1, count: 1})
	}
	seen := map[*catalog.Block]int{}
	m.EachLayer(func(l catalog.Layer) {
		k, ok := seen[l.Block]
		if !ok {
			k = len(s.kinds)
			seen[l.Block] = k
			s.kinds = append(s.kinds, layerKind{block: l.Block, params: blockParams(m, l.Block)})
		}
		s.layers = append(s.layers, k)
	})
	return s
}

// blockParams lists a layer's parameters: the two halves of a gated expert
// are one tensor, as the library stacks them.
func blockParams(m *catalog.Model, b *catalog.Block) []param {
	var list []param
	gate := -1
	m.EachBlockTensor(nil, b, func(t catalog.Tensor) {
		if t.Derived {
			return
		}
		p := paramOf(t, true)
		switch {
		case strings.HasPrefix(t.Name, "ffn_gate_exps.") && t.Depth > 1:
			gate = len(list)
		case strings.HasPrefix(t.Name, "ffn_up_exps.") && gate >= 0 && t.Depth > 1:
			list[gate].out += p.out
			return
		}
		list = append(list, p)
	})
	for _, n := range b.ExtraParams {
		list = append(list, param{name: "extra", in: n, out: 1, count: 1})
	}
	return list
}

func paramOf(t catalog.Tensor, inLayer bool) param {
	p := param{name: t.Name, in: t.Cols, out: t.Rows, count: t.Depth, expert: t.Routed}
	fixed := t.Role == catalog.RoleFixed || t.Role == catalog.RoleSource
	p.linear = inLayer && !fixed && !t.Routed && t.Rows > 1 && strings.HasSuffix(t.Name, ".weight")
	return p
}

// eachWeight calls f with the bytes of every tensor that the parameters
// become in a storage scheme.
func eachWeight(list []param, q *catalog.Scheme, f func(bytes int64)) {
	for i := range list {
		p := &list[i]
		if !stored(p, q) {
			f(p.elements() * q.DtypeBytes())
			continue
		}
		q.EachPart(p.in, p.out*p.count, f)
	}
}

// stored tells whether a scheme converts a parameter.
func stored(p *param, q *catalog.Scheme) bool {
	switch {
	case q.Plain():
		return false
	case p.expert:
		return q.Experts != "no"
	default:
		return p.linear && q.Experts != "only" && (q.Output || p.name != "output.weight")
	}
}

func weightBytes(list []param, q *catalog.Scheme) int64 {
	n := int64(0)
	eachWeight(list, q, func(b int64) { n += b })
	return n
}

// weights are all parameter bytes of the model.
func (s *shape) weights(q *catalog.Scheme) int64 {
	n := weightBytes(s.stem, q) + weightBytes(s.norm, q) + weightBytes(s.head, q)
	each := make([]int64, len(s.kinds))
	for i := range s.kinds {
		each[i] = weightBytes(s.kinds[i].params, q)
	}
	for _, k := range s.layers {
		n += each[k]
	}
	return n
}

// parameters counts the parameters of the text model.
func (s *shape) parameters() int64 {
	n := count(s.stem) + count(s.norm) + count(s.head)
	for _, k := range s.layers {
		n += count(s.kinds[k].params)
	}
	return n
}

func count(list []param) int64 {
	n := int64(0)
	for i := range list {
		n += list[i].elements()
	}
	return n
}
