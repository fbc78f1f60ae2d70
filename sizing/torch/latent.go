package torch

import "runlocal/catalog"

// latent replays multi-head latent attention. The cache keeps the latent
// vector and the shared rotary key; keys and values are expanded for every
// pass.
func (p *pass) latent(x *catalog.Mixer) tensor {
	e := p.tokens * p.width
	n := int64(x.Heads)
	nope, rope, vd := int64(x.QKNopeHeadDim), int64(x.QKRopeHeadDim), int64(x.VHeadDim)
	qw := n * (nope + rope)
	var q tensor
	if x.QLoraRank > 0 {
		low := p.make(useAttention, e*int64(x.QLoraRank))
		low = p.replace(low, int64(x.QLoraRank))
		q = p.make(useAttention, e*qw)
		p.drop(low)
	} else {
		q = p.make(useAttention, e*qw)
	}
	kv := p.make(useAttention, e*(int64(x.KVLoraRank)+rope))
	c := p.norm(kv, int64(x.KVLoraRank))
	qr, kr := p.turn(n*rope), p.turn(rope)
	c, kr = p.storeLatent(x, c, kr)
	query := p.make(useAttention, e*qw)
	expanded := p.make(useAttention, e*n*(nope+vd))
	key := p.make(useAttention, e*qw)
	o := p.latentScore(n, qw, n*vd)
	if p.cache == cacheNone {
		p.drop(c, kr)
	}
	out := p.make(useStream, e*int64(p.s.model.Hidden))
	p.drop(o, q, qr, kv, query, key, expanded)
	return out
}

func (p *pass) storeLatent(x *catalog.Mixer, c, kr tensor) (tensor, tensor) {
	if p.cache == cacheNone {
		return c, kr
	}
	cells := p.seq
	if p.cache == cacheStatic {
		cells = p.room
	}
	e := p.batch * cells * p.width
	lat, key := p.make(useCache, e*int64(x.KVLoraRank)), p.make(useCache, e*int64(x.QKRopeHeadDim))
	p.kept = append(p.kept, lat, key)
	p.drop(c, kr)
	return lat, key
}

// latentScore: queries and keys are wider than values, which the flash kernel
// does not take as they are.
func (p *pass) latentScore(n, q, o int64) tensor {
	h := heads{count: n, groups: n, q: q, k: q, v: o, o: o}
	if p.attention == attentionEager {
		return p.eager(h)
	}
	e := p.tokens * p.width
	a := p.make(useAttention, e*o)
	p.brief(useSmall, 4*p.tokens*n)
	b := p.make(useAttention, e*o)
	p.drop(a)
	return b
}
