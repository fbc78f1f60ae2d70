package torch

import "runlocal/catalog"

// attentionOf finds the attention of a mixer, in itself or beside others.
func attentionOf(x *catalog.Mixer) *catalog.Mixer {
	switch x.Type {
	case catalog.MixerAttention, catalog.MixerMLA, catalog.MixerCSA:
		return x
	case catalog.MixerParallel:
		for i := range x.Mixers {
			if a := attentionOf(&x.Mixers[i]); a != nil {
				return a
			}
		}
	}
	return nil
}

// heads are the widths of one attention, elements a token.
type heads struct {
	count, groups int64 // query heads, key heads
	q, k, v, o    int64
	window        int64
}

func headsOf(x *catalog.Mixer) heads {
	hd := int64(x.HeadDim)
	vd := hd
	if x.VHeadDim > 0 {
		vd = int64(x.VHeadDim)
	}
	h := heads{count: int64(x.Heads), groups: max(1, int64(x.KVHeads)), window: int64(max(x.Window, x.Chunk))}
	h.q, h.k, h.v, h.o = h.count*hd, h.groups*hd, h.groups*vd, h.count*vd
	return h
}

// mixer replays whatever mixes the tokens of a layer.
func (p *pass) mixer(x *catalog.Mixer, in tensor) tensor {
	switch x.Type {
	case catalog.MixerAttention:
		return p.attend(x)
	case catalog.MixerMLA:
		return p.latent(x)
	case catalog.MixerParallel:
		return p.sideBySide(x, in)
	default:
		return p.linear(x)
	}
}

// sideBySide replays mixers that read the same input; their outputs are added.
func (p *pass) sideBySide(x *catalog.Mixer, in tensor) tensor {
	list := make([]tensor, 0, len(x.Mixers))
	for i := range x.Mixers {
		list = append(list, p.mixer(&x.Mixers[i], in))
	}
	if len(list) == 1 {
		return list[0]
	}
	out := p.make(useStream, p.tokens*int64(p.s.model.Hidden)*p.width)
	p.drop(list...)
	return out
}

// attend replays multi-head attention up to its output projection.
func (p *pass) attend(x *catalog.Mixer) tensor {
	h := headsOf(x)
	e := p.tokens * p.width
	qw := h.q
	if x.OutputGate == "full" {
		qw = 2 * h.q
	}
	q := p.make(useAttention, e*qw)
	k, v := p.make(useAttention, e*h.k), p.make(useAttention, e*h.v)
	if x.QKNorm != "" {
		q = p.replace(q, h.q)
		k = p.replace(k, h.k)
	}
	if !p.s.arch.NoRotary {
		q2, k2 := p.turn(h.q), p.turn(h.k)
		p.drop(q, k)
		q, k = q2, k2
	}
	k, v = p.store(x, h, k, v)
	o := p.score(h)
	if p.cache == cacheNone {
		p.drop(k, v)
	}
	out := p.make(useStream, e*int64(p.s.model.Hidden))
	p.drop(o, q)
	return out
}

// replace runs a norm over queries or keys and frees what it read.
func (p *pass) replace(x tensor, elements int64) tensor {
	n := p.norm(x, elements)
	p.drop(x)
	return n
}

// turn replays the rotary embedding of queries or keys: both halves of the
// sum, with the rotated copy in between.
func (p *pass) turn(elements int64) tensor {
	e := p.tokens * elements * p.width
	if p.s.arch.RotaryF32 && p.width == 2 {
		e *= 2
	}
	a := p.make(useAttention, e)
	half := p.make(useAttention, e/2)
	rotated := p.make(useAttention, e)
	p.drop(half)
	b := p.make(useAttention, e)
	p.drop(rotated)
	out := p.make(useAttention, e)
	p.drop(a, b)
	if p.s.arch.RotaryF32 && p.width == 2 {
		wide := out
		out = p.make(useAttention, e/2)
		p.drop(wide)
	}
	return out
}

// store puts keys and values into the cache and returns what attention reads.
func (p *pass) store(x *catalog.Mixer, h heads, k, v tensor) (tensor, tensor) {
	if p.cache == cacheNone || p.s.model.Encoder {
		return k, v
	}
	if x.SharesKVOf != "" {
		p.drop(k, v)
		return nothing, nothing
	}
	cells := p.seq
	if p.cache == cacheStatic {
		cells = p.room
		if h.window > 0 {
			cells = min(cells, h.window)
		}
	}
	e := p.batch * cells * p.width
	ck, cv := p.make(useCache, e*h.k), p.make(useCache, e*h.v)
	p.kept = append(p.kept, ck, cv)
	p.drop(k, v)
	return ck, cv
}

// linear replays a mixer that keeps a state instead of keys and values, with
// its fused kernels: the input projection, the convolution's output and the
// scan's live side by side.
func (p *pass) linear(x *catalog.Mixer) tensor {
	w := linearWidths(x, int64(p.s.model.Hidden))
	e := p.tokens * p.width
	in := p.make(useMixer, e*w.in)
	conv := p.make(useMixer, e*w.conv)
	if p.cache != cacheNone {
		p.kept = append(p.kept, p.make(useState, p.batch*w.convState*p.width), p.make(useState, p.batch*w.state*w.stateBytes))
	}
	scan := p.make(useMixer, e*w.inner)
	p.drop(conv)
	gated := p.make(useMixer, e*w.inner)
	p.drop(in, scan)
	out := p.make(useStream, e*int64(p.s.model.Hidden))
	p.drop(gated)
	return out
}
