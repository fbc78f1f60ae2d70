package sizing

import (
	"slices"
	"strings"
)

// fraction is how much of a layer's feed-forward stays on its GPU.
type fraction uint8

const (
	keepAttention fraction = iota // none of it
	keepUp                        // the up projection
	keepGate                      // up and gate
	keepDense                     // everything but the experts' own
)

// spills tells whether a layer of that fraction sends a tensor away.
func (f fraction) spills(t *named) bool {
	switch f {
	case keepAttention:
		return hasAnyPrefix(t.name, "ffn_gate", "ffn_up", "ffn_down")
	case keepUp:
		return hasAnyPrefix(t.name, "ffn_gate", "ffn_down")
	case keepGate:
		return strings.HasPrefix(t.name, "ffn_down")
	case keepDense:
		return hasAnyPrefix(t.name, "ffn_up_exps", "ffn_down_exps", "ffn_gate_up_exps", "ffn_gate_exps",
			"ffn_up_chexps", "ffn_down_chexps", "ffn_gate_up_chexps", "ffn_gate_chexps")
	}
	return false
}

// pattern is the same as llama.cpp writes it down, after "blk\.N\.".
func (f fraction) pattern() string {
	return [...]string{`ffn_(gate|up|gate_up|down).*`, `ffn_(gate|gate_up|down).*`, `ffn_down.*`, `ffn_(up|down|gate_up|gate)_(ch|)exps`}[f]
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
