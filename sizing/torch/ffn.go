package torch

import "runlocal/catalog"

// ffn replays the feed-forward of a layer up to its output.
func (p *pass) ffn(x *catalog.FFN, in tensor) tensor {
	d := int64(p.s.model.Hidden)
	if x.Type != catalog.FFNMoE {
		return p.dense(d, int64(x.Intermediate), x.Gated)
	}
	out := p.experts(x, d)
	if s := int64(x.SharedExperts) * int64(x.SharedIntermediate); s > 0 {
		out = p.plus(out, p.dense(d, s, x.Gated), d)
	}
	if r := int64(x.DenseResidualIntermediate); r > 0 {
		out = p.plus(out, p.dense(d, r, x.Gated), d)
	}
	_ = in
	return out
}

// plus adds two outputs of width d and frees them.
func (p *pass) plus(a, b tensor, d int64) tensor {
	s := p.make(useStream, p.tokens*d*p.width)
	p.drop(a, b)
	return s
}

// dense replays gate, activation, up and down; without a gate, up, activation
// and down.
func (p *pass) dense(d, ff int64, gated bool) tensor {
	e := p.tokens * p.width
	first := p.make(useFFN, e*ff)
	active := p.activate(first, e*ff)
	if gated {
		up := p.make(useFFN, e*ff)
		product := p.make(useFFN, e*ff)
		p.drop(active, up)
		active = product
	}
	out := p.make(useStream, e*d)
	p.drop(active)
	return out
}

// activate replays the activation of a tensor, which it frees: one operation,
// or GELU spelled out in several.
func (p *pass) activate(x tensor, bytes int64) tensor {
	if p.s.arch.Activation != "new" {
		a := p.make(useFFN, bytes)
		p.drop(x)
		return a
	}
	half := p.make(useFFN, bytes)
	cube := p.make(useFFN, bytes)
	tanh := p.make(useFFN, bytes)
	p.drop(cube)
	out := p.make(useFFN, bytes)
	p.drop(half, tanh, x)
	return out
}

// experts replays routed experts as the library's grouped product does them:
// every token is copied once for each of its experts, and so are gate and up,
// their product and the outputs.
func (p *pass) experts(x *catalog.FFN, d int64) tensor {
	n, ff := p.tokens*int64(x.Active), int64(x.ExpertIntermediate)
	if p.s.arch.DenseMoE {
		n = p.tokens * int64(x.Experts)
	}
	wide := int64(1)
	if x.Gated {
		wide = 2
	}
	logits := p.make(useSmall, p.tokens*int64(x.Experts)*p.width)
	soft := p.make(useSmall, 4*p.tokens*int64(x.Experts))
	chosen := p.make(useSmall, 12*n)
	p.drop(soft)
	order := p.make(useSmall, 16*n)
	in := p.make(useExperts, n*d*p.width)
	raw := p.make(useExperts, n*wide*ff*p.width)
	sorted := p.make(useExperts, n*wide*ff*p.width)
	p.drop(raw)
	active := p.make(useExperts, n*ff*p.width)
	if x.Gated {
		product := p.make(useExperts, n*ff*p.width)
		p.drop(active)
		active = product
	}
	p.drop(sorted)
	down := p.make(useExperts, n*d*p.width)
	p.drop(active)
	clean := p.make(useExperts, n*d*p.width)
	p.drop(down)
	routing := p.width
	if p.s.arch.RoutingF32 {
		routing = 4
	}
	weighed := p.make(useExperts, n*d*routing)
	back := p.make(useExperts, n*d*routing)
	p.drop(weighed)
	out := p.make(useStream, p.tokens*d*p.width)
	p.drop(order, in, clean, back, chosen, logits)
	return out
}
