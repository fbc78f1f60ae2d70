package torch

import (
	"fmt"
	"strings"

	"runlocal/catalog"
)

// names are the module names of a model class.
type names struct {
	stem, embedding, layers, head string
	before, after                 []string
}

func namesOf(a *catalog.HFArchitecture) names {
	n := names{stem: "model", embedding: "embed_tokens", layers: "layers", head: "lm_head", before: a.Before, after: a.After}
	for _, set := range []struct {
		to  *string
		own string
	}{{&n.stem, a.Stem}, {&n.embedding, a.Embedding}, {&n.layers, a.Layers}, {&n.head, a.Head}} {
		if set.own != "" {
			*set.to = set.own
		}
	}
	if n.after == nil {
		n.after = []string{"norm", "rotary_emb"}
	}
	return n
}

// sizeAs is the bytes of parameters as the device map counts them: quantised
// ones by their stored bits, without scales.
func sizeAs(list []param, q *catalog.Scheme) int64 {
	n := int64(0)
	for i := range list {
		p := &list[i]
		if stored(p, q) {
			n += p.elements() * int64(q.Bits) / 8
		} else {
			n += p.elements() * q.DtypeBytes()
		}
	}
	return n
}

// modules is the tree that the device map walks, and the two modules that
// share a parameter.
func (s *shape) modules(q *catalog.Scheme) (root []module, tied [2]string) {
	n := namesOf(s.arch)
	path := func(name string) string { return n.stem + "." + name }
	first, rest := s.stemSizes(q)
	stem := make([]module, 0, 2+len(n.before)+len(n.after))
	stem = append(stem, module{name: path(n.embedding), bytes: first})
	for i, name := range n.before {
		m := module{name: path(name)}
		if i == 0 {
			m.bytes = rest
		}
		stem = append(stem, m)
	}
	if len(n.before) == 0 {
		stem[0].bytes += rest
	}
	list := module{name: path(n.layers)}
	for i, k := range s.layers {
		b := sizeAs(s.kinds[k].params, q)
		list.children = append(list.children, module{name: fmt.Sprintf("%s.%d", list.name, i), bytes: b, whole: true})
		list.bytes += b
	}
	stem = append(stem, list)
	for _, name := range n.after {
		m := module{name: path(name)}
		switch {
		case strings.Contains(name, "norm") || strings.HasPrefix(name, "ln"):
			m.bytes = sizeAs(s.norm, q)
		case name == "rotary_emb":
			m.bytes = s.rotaryBytes()
		}
		stem = append(stem, m)
	}
	root = nest(n.stem, stem)
	head := module{name: n.head, bytes: sizeAs(s.head, q)}
	if s.model.TiedEmbeddings {
		tied = [2]string{path(n.embedding), n.head}
	}
	return append(root, head), tied
}

// stemSizes are the embedding and what else stands before the layers.
func (s *shape) stemSizes(q *catalog.Scheme) (embedding, rest int64) {
	for i := range s.stem {
		if b := sizeAs(s.stem[i:i+1], q); i == 0 {
			embedding = b
		} else {
			rest += b
		}
	}
	return embedding, rest
}

// nest wraps modules into the inner models of a dotted name.
func nest(stem string, children []module) []module {
	parts := strings.Split(stem, ".")
	for i := len(parts); i > 0; i-- {
		m := module{name: strings.Join(parts[:i], "."), children: children}
		for _, c := range children {
			m.bytes += c.bytes
		}
		children = []module{m}
	}
	return children
}

// rotaryBytes are the frequency tables that every rotary module keeps twice,
// in 32 bits.
func (s *shape) rotaryBytes() int64 {
	if s.arch.NoRotary {
		return 0
	}
	p := pass{s: s}
	n := 4 * p.rotaryWidth()
	if s.arch.TwoRotary {
		n *= 2
	}
	return n
}

// archOf is what is known of a model's class; a class without a record has
// the common form.
func archOf(records map[string]*catalog.HFArchitecture, m *catalog.Model) *catalog.HFArchitecture {
	if a := records[m.HFArch]; a != nil {
		return a
	}
	return &catalog.HFArchitecture{ID: m.HFArch}
}
