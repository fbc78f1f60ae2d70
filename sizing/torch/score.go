package torch

import "runlocal/catalog"

// masked tells whether attention gets an explicit mask: with a window shorter
// than the prompt, or eagerly. Without one the kernels mask causally by
// themselves.
func (p *pass) masked(h heads) bool {
	return p.attention == attentionEager || p.attention == attentionSDPA && h.window > 0 && p.seq > h.window
}

// keys is how many keys a query sees.
func (p *pass) keys() int64 {
	if p.cache == cacheStatic && p.attention == attentionEager {
		return p.room
	}
	return p.seq
}

// makeMasks makes the masks over tokens × tokens that the model's frame holds
// all through the pass: one byte an entry, in eager attention an element.
func (p *pass) makeMasks() {
	full, windowed := false, false
	for i := range p.s.kinds {
		x := attentionOf(&p.s.kinds[i].block.Mixer)
		if x == nil || x.Type != catalog.MixerAttention && p.attention != attentionEager {
			continue
		}
		if h := headsOf(x); p.masked(h) {
			full = full || h.window == 0
			windowed = windowed || h.window > 0
		}
	}
	p.masks = [2]tensor{nothing, nothing}
	for i, want := range [2]bool{full, windowed} {
		if want {
			p.masks[i] = p.makeMask(i == 1)
		}
	}
}

func (p *pass) makeMask(windowed bool) tensor {
	p.at = "mask"
	n := p.batch * p.seq * p.keys()
	a := p.make(useMask, n)
	if windowed { // two conditions, joined one after the other
		b := p.make(useMask, n)
		p.drop(a)
		c := p.make(useMask, n)
		a = p.make(useMask, n)
		p.drop(c, b)
	}
	if p.attention != attentionEager {
		return a
	}
	wide := p.make(useMask, n*p.width)
	p.drop(a)
	return wide
}

// score replays the product of queries and keys, its softmax and the product
// with the values: whole in eager attention and in PyTorch's plain path,
// never as a whole in the fused kernels.
func (p *pass) score(h heads) tensor {
	switch {
	case p.attention == attentionEager:
		return p.eager(h)
	case p.masked(h):
		return p.withMask(h)
	case p.width == 4 && p.attention == attentionSDPA && h.count != h.groups:
		return p.plain(h)
	}
	o := p.make(useAttention, p.tokens*h.o*p.width)
	p.brief(useSmall, 4*p.tokens*h.count)
	return o
}

// withMask: keys and values are repeated for every head, and the mask becomes
// a bias of the queries' type.
func (p *pass) withMask(h heads) tensor {
	e := p.tokens * p.width
	k, v := nothing, nothing
	if h.count != h.groups {
		k, v = p.make(useAttention, e*h.q), p.make(useAttention, e*h.o)
	}
	bias := p.make(useMask, p.batch*p.seq*p.keys()*p.width)
	o := p.make(useAttention, e*h.o)
	p.brief(useSmall, 4*p.tokens*h.count)
	p.drop(bias, k, v)
	return o
}

// plain is the path that PyTorch takes where no fused kernel does: 32-bit
// queries that share key heads, which neither the flash nor the
// memory-efficient kernel has. Scores and probabilities exist side by side,
// and a byte for each marks rows without a key.
func (p *pass) plain(h heads) tensor {
	e := p.tokens * p.width
	n := p.batch * h.count * p.seq * p.keys()
	one := p.seq * p.keys()
	scaled := p.make(useAttention, e*h.q)
	a := p.make(useMask, one)
	b := p.make(useMask, one)
	p.drop(a)
	bias := p.make(useMask, 4*one)
	p.drop(b)
	k, v := p.make(useAttention, e*h.q), p.make(useAttention, e*h.o)
	scaledKeys := p.make(useAttention, e*h.q)
	scores := p.make(useScores, n*p.width)
	p.drop(scaledKeys)
	soft := p.make(useScores, n*p.width)
	p.brief(useScores, n)
	p.drop(scores)
	o := p.make(useAttention, e*h.o)
	p.drop(k, v, scaled, bias, soft)
	out := p.make(useAttention, e*h.o)
	p.drop(o)
	return out
}

// eager writes scores out: the product, the scaled one, the masked one, then
// a softmax in 32 bits.
func (p *pass) eager(h heads) tensor {
	e := p.tokens * p.width
	n := p.batch * h.count * p.seq * p.keys()
	k, v := nothing, nothing
	if h.count != h.groups {
		k, v = p.make(useAttention, e*h.q), p.make(useAttention, e*h.o)
	}
	product := p.make(useScores, n*p.width)
	scaled := p.make(useScores, n*p.width)
	p.drop(product)
	masked := p.make(useScores, n*p.width)
	p.drop(scaled)
	var soft tensor
	if p.width == 4 {
		soft = p.make(useScores, 4*n)
		p.drop(masked)
	} else {
		wide := p.make(useScores, 4*n)
		prob := p.make(useScores, 4*n)
		p.drop(wide)
		soft = p.make(useScores, n*p.width)
		p.drop(prob, masked)
	}
	o := p.make(useAttention, e*h.o)
	out := p.make(useAttention, e*h.o)
	p.drop(soft, o, k, v)
	return out
}
