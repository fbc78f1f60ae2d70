package torch

import "runlocal/catalog"

// What the backward pass needs is what autograd keeps: the inputs of every
// product whose weight is trained, both factors of every product of
// activations, and what norms, activations and attention kernels ask for. The
// counts below follow the library's modelling code and were read off an
// allocator's history on an H100, tensor by tensor.

// saver adds up the bytes a token that layers keep.
type saver struct {
	t *trainer
	b int64 // bytes of an activation in the arithmetic
}

// layer is what one layer keeps, bytes a token.
func (v saver) layer(k *layerKind) int64 {
	d := int64(v.t.s.model.Hidden)
	b := k.block
	norms := int64(2)
	if b.Norms != nil {
		norms = int64(*b.Norms)
	}
	n := v.mixer(&b.Mixer, d) + v.ffn(&b.FFN, d)
	reads := min(norms, 2) // norms whose output a product reads
	n += reads*v.norm(d, true) + (norms-reads)*v.norm(d, false)
	return n
}

// norm is what one norm over so many elements keeps: its input in 32 bits and,
// where its weight is trained, the normalised copy and the output that a
// trained product reads.
func (v saver) norm(n int64, read bool) int64 {
	full := v.t.full()
	switch {
	case v.t.amp():
		return 8 * n // input and normalised in 32 bits; products keep casts of their own
	case v.t.s.layerNormed():
		return v.b * n * map[bool]int64{true: 2, false: 1}[read && full]
	case v.b == 4:
		keep := int64(8)
		if read && full {
			keep += 4
		}
		return keep * n
	case v.t.s.arch.Norm == "gemma":
		keep := int64(8)
		if read && full {
			keep += 2
		}
		return keep * n
	case !full:
		return 4 * n
	case read:
		return 8 * n
	}
	return 6 * n
}

// mixer is what attention keeps.
func (v saver) mixer(x *catalog.Mixer, d int64) int64 {
	switch x.Type {
	case catalog.MixerAttention:
		return v.attention(x, d)
	case catalog.MixerMLA:
		return v.latent(x, d)
	case catalog.MixerParallel:
		n := int64(0)
		for i := range x.Mixers {
			n += v.mixer(&x.Mixers[i], d)
		}
		return n
	case catalog.MixerNone:
		return 0
	}
	w := linearWidths(x, d)
	return v.b * (w.in + w.conv + 3*w.inner)
}

func (v saver) attention(x *catalog.Mixer, d int64) int64 {
	h := headsOf(x)
	n := 4 * h.count // sums of the softmax
	switch {
	case v.t.set.Attention == attentionEager:
		n += v.b*(3*h.q+h.o) + h.count*v.t.seq()*(v.b+4)
	case v.b == 4 && h.count != h.groups && h.window == 0:
		n += 4*h.count*v.t.seq() + 3*4*h.q + 4*h.o
	case h.window > 0 && v.t.seq() > h.window:
		n += v.b*(2*h.q+2*h.o) + v.b*v.t.seq()
	default:
		n += v.b * (h.q + h.k + h.v + h.o)
	}
	if x.QKNorm != "" {
		n += v.norm(h.q, false) + v.norm(h.k, false)
	}
	n += v.inputs("q_proj", d, h.q) + v.inputs("k_proj", d, h.k) + v.inputs("v_proj", d, h.v)
	return n + v.inputs("o_proj", h.o, d)
}

func (v saver) latent(x *catalog.Mixer, d int64) int64 {
	n := int64(x.Heads)
	q, o := n*int64(x.QKNopeHeadDim+x.QKRopeHeadDim), n*int64(x.VHeadDim)
	kv := int64(x.KVLoraRank)
	sum := v.b*(2*q+o+o) + 4*n + v.norm(kv, true) + v.b*n*int64(x.QKNopeHeadDim+x.VHeadDim)
	if x.QLoraRank > 0 {
		sum += v.norm(int64(x.QLoraRank), true)
	}
	return sum + v.inputs("q_proj", d, q) + v.inputs("kv_a_proj_with_mqa", d, kv) + v.inputs("o_proj", o, d)
}

// inputs is what a linear layer keeps of its input beyond what is kept anyway:
// under autocast a 16-bit copy; with an adapter a 32-bit copy, the low-rank
// product, and for DoRA its own outputs.
func (v saver) inputs(module string, in, out int64) int64 {
	switch {
	case v.t.full():
		if v.t.amp() && module != "o_proj" && module != "down_proj" {
			return 2 * in
		}
		return 0
	case !v.t.targets(module):
		return 0
	}
	n := 4*in + 4*v.t.rank()
	if v.t.set.Train.Mode == "dora" {
		n += 6 * out
	}
	return n
}

// ffn is what the feed-forward keeps.
func (v saver) ffn(x *catalog.FFN, d int64) int64 {
	switch x.Type {
	case catalog.FFNDense:
		return v.dense(int64(x.Intermediate), d, x.Gated)
	case catalog.FFNMoE:
		return v.experts(x, d)
	}
	return 0
}

func (v saver) dense(ff, d int64, gated bool) int64 {
	copies := int64(1) // what the activation reads
	if v.t.full() {
		copies++ // what down reads
	}
	n := v.inputs("up_proj", d, ff) + v.inputs("down_proj", ff, d)
	if gated {
		copies += 2 // the activation's output, and up
		n += v.inputs("gate_proj", d, ff)
	}
	if v.t.s.arch.Activation == "new" {
		copies += 2
	}
	return n + v.b*copies*ff
}

func (v saver) experts(x *catalog.FFN, d int64) int64 {
	k, ff := int64(x.Active), int64(x.ExpertIntermediate)
	if v.t.s.arch.DenseMoE {
		k = int64(x.Experts)
	}
	copies := int64(2)
	if x.Gated {
		copies += 2
	}
	routing := v.b
	if v.t.s.arch.RoutingF32 {
		routing = 4
	}
	n := k * (v.b*copies*ff + (v.b+routing)*d)
	if s := int64(x.SharedExperts) * int64(x.SharedIntermediate); s > 0 {
		n += v.dense(s, d, x.Gated)
	}
	return n
}
