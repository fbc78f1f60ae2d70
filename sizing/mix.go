package sizing

import (
	"fmt"

	"runlocal/catalog"
)

// typeID is the position of a tensor type in an engine's table.
type typeID uint8

// tensorType is a catalog.TensorType in the form that the inner loop wants.
type tensorType struct {
	name         string
	block, bytes int64
	fallback     typeID
	hasFallback  bool
}

func (t *tensorType) row(n int64) int64 { return n / t.block * t.bytes }

// ruleRole is a role as the rules of a file type name it: catalog's roles and
// two that cut across them.
type ruleRole uint8

const (
	ruleStacked = ruleRole(catalog.RoleSource) + 1 + iota // three-dimensional tensors
	ruleAny
	ruleRoles // how many there are
)

//nolint:gochecknoglobals // a table, never written
var ruleRolesByName = map[string]ruleRole{
	"token_embd": ruleRole(catalog.RoleTokenEmbd), "output": ruleRole(catalog.RoleOutput),
	"attn_q": ruleRole(catalog.RoleAttnQ), "attn_k": ruleRole(catalog.RoleAttnK), "attn_v": ruleRole(catalog.RoleAttnV),
	"attn_output": ruleRole(catalog.RoleAttnOutput), "ffn_up": ruleRole(catalog.RoleFFNUp),
	"ffn_gate": ruleRole(catalog.RoleFFNGate), "ffn_down": ruleRole(catalog.RoleFFNDown),
	"stacked": ruleStacked, "any": ruleAny,
}

// mix is a file type with its names resolved.
type mix struct {
	record *catalog.Quant
	index  int // among the engine's mixes
	deflt  typeID
	// plain mixes (F32, F16, BF16) have no rules and no fallbacks: every
	// matrix that may change its type gets the default.
	plain bool
	// types are given by a file's own table; nil for the quantiser's mixes.
	types fileTypes
	file  []fileTensor // that table
	// normIsLast says of a file that the norm named after the embedding is the
	// last one.
	normIsLast bool
	rules      [ruleRoles][]mixRule
}

type mixRule struct {
	*catalog.Rule
	typ typeID
}

func (e *Engine) resolveMix(q *catalog.Quant) (*mix, error) {
	d, ok := e.typeIDs[q.Default]
	if !ok {
		return nil, fmt.Errorf("quant %s: unknown type %q", q.ID, q.Default)
	}
	m := &mix{record: q, deflt: d, plain: e.types[d].block == 1}
	for i := range q.Rules {
		r := &q.Rules[i]
		role, ok := ruleRolesByName[r.Role]
		if !ok {
			return nil, fmt.Errorf("quant %s, rule %d: unknown role %q", q.ID, i, r.Role)
		}
		t, ok := e.typeIDs[r.Type]
		if !ok {
			return nil, fmt.Errorf("quant %s, rule %d: unknown type %q", q.ID, i, r.Type)
		}
		m.rules[role] = append(m.rules[role], mixRule{Rule: r, typ: t})
	}
	return m, nil
}

// traits are the facts of a model that rules ask for.
type traits struct {
	arch     string
	layers   int // of the whole model: the n of a rule's fractions
	gqa      int // heads a KV head in layer 0; 0 where layer 0 has no attention of its own
	experts  int
	class70b bool
	imatrix  bool
}

// choice is what is left of a mix for one role of one model: the rules whose
// conditions on the model hold, the first unconditional one ending the list.
type choice struct {
	rules []mixRule // only those that still ask for the layer or the shape
	rest  typeID
}

// choices narrows a mix down for a model.
func (m *mix) choices(t traits) [ruleRoles]choice {
	var out [ruleRoles]choice
	for role := range m.rules {
		c := choice{rest: m.deflt}
		for _, r := range m.rules[role] {
			if !r.holdsFor(t) {
				continue
			}
			if !r.asksForTensor() {
				c.rest = r.typ
				break
			}
			c.rules = append(c.rules, r)
		}
		out[role] = c
	}
	return out
}

func (r *mixRule) holdsFor(t traits) bool {
	return t.gqa >= r.GQAMin && t.experts >= r.ExpertsMin &&
		(r.GQAOrExperts == 0 || t.gqa >= r.GQAOrExperts || t.experts >= r.GQAOrExperts) &&
		(r.Experts == 0 || t.experts == r.Experts) &&
		(r.NotExperts == 0 || t.experts != r.NotExperts) &&
		(r.Imatrix == nil || *r.Imatrix == t.imatrix) &&
		(!r.Class70B || t.class70b) &&
		(r.Arch == "" || r.Arch == t.arch) && (r.NotArch == "" || r.NotArch != t.arch)
}

func (r *mixRule) asksForTensor() bool {
	return r.MoreBits || r.FirstOf > 0 || r.FirstN > 0 || r.Middle || r.Indivisible
}

// position is where a tensor stands among those of its role: n is the number
// that fractions are taken of.
type position struct {
	layer, count, n int
	ffn             bool
}

// pick is the type for a tensor of the role at the position.
//
// In a mixture of experts feed-forwards go by their layer, as several of them
// share one.
func (c *choice) pick(types []tensorType, deflt typeID, cols int64, p position, moe bool) typeID {
	for i := range c.rules {
		r := &c.rules[i]
		at := p.count
		if moe && p.ffn && !r.ByCount {
			at = p.layer
		}
		if r.matches(at, p.n) && (!r.Indivisible || cols%types[deflt].block != 0) {
			return r.typ
		}
	}
	return c.rest
}

// matches evaluates the conditions on the position, in the integer arithmetic
// of the quantiser.
func (r *mixRule) matches(i, n int) bool {
	switch {
	case r.MoreBits && !moreBits(i, n):
		return false
	case r.FirstOf > 0 && i >= n/r.FirstOf:
		return false
	case r.FirstN > 0 && i >= r.FirstN:
		return false
	case r.Middle && (i < n/8 || i >= 7*n/8):
		return false
	}
	return true
}

// moreBits picks the first and last eighth of the layers and every third
// between them.
func moreBits(i, n int) bool { return i < n/8 || i >= 7*n/8 || (i-n/8)%3 == 2 }

// fit replaces a type whose block does not divide the row by its fallback,
// and by F16 where that does not divide it either.
func (e *Engine) fit(t typeID, cols int64) typeID {
	if cols%e.types[t].block == 0 {
		return t
	}
	if e.types[t].hasFallback {
		t = e.types[t].fallback
	}
	if cols%e.types[t].block != 0 {
		return e.f16
	}
	return t
}
