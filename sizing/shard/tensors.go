package shard

import (
	"strings"

	"runlocal/catalog"
)

// cut says how a tensor is divided.
type cut uint8

const (
	whole     cut = iota // on every GPU
	byOutputs            // rows of the matrix
	byInputs             // columns
	byHeads              // key and value heads, copied where there are too few
	byExperts            // routed experts, their inner width or whole ones
	byDepth              // a stack of heads
)

// cuts are the tensors that are divided, by the start of their name; what is
// not here is on every GPU.
//
//nolint:gochecknoglobals // a table, never written
var cuts = []struct {
	prefix string
	how    cut
}{
	{"attn_q_a", whole}, {"attn_kv_a", whole}, {"attn_q_norm", whole}, {"attn_k_norm", whole},
	{"attn_k_b", byDepth}, {"attn_v_b", byDepth}, {"attn_q_b", byOutputs}, {"attn_kv_b", byOutputs},
	{"attn_qkv", byOutputs}, {"attn_q", byOutputs}, {"attn_gate", byOutputs}, {"attn_sinks", byOutputs},
	{"attn_kv", whole}, {"attn_k", byHeads}, {"attn_v", byHeads},
	{"attn_output", byInputs},
	{"ffn_gate_inp", whole}, {"ffn_latent", whole},
	{"ffn_gate", byOutputs}, {"ffn_up", byOutputs}, {"ffn_down", byInputs},
	{"ssm_norm", whole}, {"ssm_f_a", whole}, {"ssm_g_a", whole}, {"ssm_b_norm", whole}, {"ssm_c_norm", whole}, {"ssm_dt_norm", whole},
	{"ssm_x", byInputs}, {"ssm_out", byInputs}, {"ssm_", byOutputs},
	{"shortconv.out_proj", byInputs}, {"shortconv", byOutputs},
	{"time_mix_output", byInputs}, {"rglru_out", byInputs},
}

func cutOf(t catalog.Tensor) cut {
	if t.Routed {
		return byExperts
	}
	for _, c := range cuts {
		if strings.HasPrefix(t.Name, c.prefix) {
			return c.how
		}
	}
	return whole
}

// tensor is one weight and how it is divided.
type tensor struct {
	in, out, count int64
	cut            cut
	linear         bool // quantisers convert it
	expert         bool
	heads          int64 // key heads, of those that are cut by them
	down           bool  // an expert's second matrix
	vector         bool
}

func tensorOf(t catalog.Tensor, kvHeads int64) tensor {
	x := tensor{in: t.Cols, out: t.Rows, count: t.Depth, cut: cutOf(t), expert: t.Routed, heads: max(1, kvHeads)}
	fixed := t.Role == catalog.RoleFixed || t.Role == catalog.RoleSource
	x.vector = !strings.HasSuffix(t.Name, ".weight") || t.Rows == 1
	x.linear = !fixed && !t.Routed && !x.vector
	x.expert = t.Routed && !strings.HasSuffix(t.Name, ".bias")
	x.down = strings.HasPrefix(t.Name, "ffn_down")
	return x
}

// part is what one GPU has of a tensor.
func (t tensor) part(l Layout) tensor {
	n := int64(l.Tensor)
	switch t.cut {
	case byOutputs:
		if t.vector && t.out == 1 {
			t.in = ceil(t.in, n)
		} else {
			t.out = ceil(t.out, n)
		}
	case byHeads:
		each := max(1, ceil(t.heads, n))
		if t.vector && t.out == 1 {
			t.in = t.in / t.heads * each
		} else {
			t.out = t.out / t.heads * each
		}
	case byInputs:
		if !t.vector {
			t.in = ceil(t.in, n)
		}
	case byDepth:
		t.count = ceil(t.count, n)
	case byExperts:
		t.expertPart(l)
	case whole:
	}
	return t
}

func (t *tensor) expertPart(l Layout) {
	n := l.expertRanks()
	switch {
	case l.Experts && !t.expert: // biases: a row for each expert
		t.out = ceil(t.out, n)
	case l.Experts:
		t.count = ceil(t.count, n)
	case t.down && t.expert:
		t.in = ceil(t.in, n)
	case t.down:
	case t.expert:
		t.out = ceil(t.out, n)
	default:
		t.in = ceil(t.in, n)
	}
}

// bytes are what a tensor takes in a storage scheme.
func (t tensor) bytes(q *catalog.Scheme) int64 {
	if !t.stored(q) {
		return t.in * t.out * t.count * q.DtypeBytes()
	}
	return q.MatrixBytes(t.in, t.out*t.count)
}

// stored tells whether a scheme converts the tensor. These servers convert
// stacked experts with bitsandbytes as well.
func (t tensor) stored(q *catalog.Scheme) bool {
	switch {
	case q.Plain():
		return false
	case t.expert:
		return q.Experts != "no" || q.Method == "bitsandbytes"
	default:
		return t.linear && q.Experts != "only"
	}
}
