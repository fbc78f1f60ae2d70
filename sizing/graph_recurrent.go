package sizing

import "runlocal/catalog"

// state draws the reading of a layer's state: clear what is new, gather the
// rows of this batch's sequences. width is in elements a sequence.
func (s *sketch) state(width int64) (cache, rows tid) {
	g := s.g
	n := s.r.seqs
	cache = g.leaf(4*width*n, s.cacheDev(), 0)
	g.t[cache].ne, g.t[cache].wide = [3]int64{width, n, 1}, 4
	g.expand(g.store(cache, cache))
	states := g.look(cache, width, n, 1)
	rows = g.compute(width, n, 1, states, s.in.sequences)
	g.t[rows].rows = 0
	g.expand(rows)
	s.spare(cache, states)
	return cache, rows
}

// spare draws the copy of the states of sequences that are not in the batch:
// there are none, but the operations are in the graph and have a device.
func (s *sketch) spare(cache, states tid) {
	g := s.g
	rest := g.compute(g.t[cache].ne[0], 0, 1, states, s.in.absent)
	g.t[rest].rows = 0
	g.expand(g.store(cache, rest, g.part(cache, 1, 1, 1)))
}

// convolve draws a short convolution over the last tokens: its state before
// the batch, the batch, and the state after it.
func (s *sketch) convolve(x tid, taps, width int64, name string) tid {
	g := s.g
	cache, old := s.state((taps - 1) * width)
	per := s.ub/s.r.seqs + taps - 1
	in := g.compute(per, width, s.r.seqs, g.look(old, taps-1, width, s.r.seqs), g.part(x, s.ub/s.r.seqs, width, s.r.seqs))
	g.expand(g.store(cache, g.part(in, taps-1, width, s.r.seqs), g.part(cache, 1, 1, 1)))
	return g.compute(width, s.ub, 1, in, s.weight(name))
}

// flat is the result of a mixer that works by sequence, as rows of tokens
// again: a view, whose place the sum with the stream can't take.
func (s *sketch) flat(x tid) tid { return s.g.look(x, s.d, s.ub, 1) }

// mulEach multiplies by a weight sequence by sequence: the batch that may be
// worth a copy of the weight is that of one sequence.
func (s *sketch) mulEach(name string, out int64, x tid) tid {
	y := s.mulMat(name, out, x)
	s.g.t[y].rows = s.ub / s.r.seqs
	return y
}

// mamba1 draws a selective state space of the first kind.
func (s *sketch) mamba1(x *catalog.Mixer, cur tid) tid {
	g := s.g
	in, n, rank := int64(x.DInner), int64(x.DState), int64(x.DtRank)
	xz := s.mulEach("ssm_in.weight", 2*in, cur)
	z := g.part(xz, in, s.ub, 1)
	c := s.convolve(g.part(xz, in, s.ub, 1), int64(x.DConv), in, "ssm_conv1d.weight")
	c = s.unary(g.same(c, s.weight("ssm_conv1d.bias")))
	db := s.mulEach("ssm_x.weight", rank+2*n, c)
	dt, b, cc := g.part(db, rank, s.ub, 1), g.part(db, n, 1, s.ub), g.part(db, n, 1, s.ub)
	switch {
	case x.PlainNorms:
		dt, b, cc = s.rms(dt), s.rms(b), s.rms(cc)
	case !x.InnerNorms:
		dt = s.cont(dt, rank, s.ub, 1)
	default:
		dt, b, cc = s.normBy(dt, "ssm_dt_norm", false), s.normBy(b, "ssm_b_norm", false), s.normBy(cc, "ssm_c_norm", false)
	}
	dt = g.same(s.mulEach("ssm_dt.weight", in, dt), s.weight("ssm_dt.bias"))
	y := s.scan(g.look(c, 1, in, s.ub), dt, b, cc, in, n)
	y = g.same(g.slice(y, in, s.ub, 1), g.same(c, s.weight("ssm_d")))
	y = g.compute(in, s.ub, 1, s.cont(z, in, s.ub, 1), y)
	return s.flat(s.mulEach("ssm_out.weight", s.d, y))
}

// scan draws the state space itself: outputs and new states in one result.
func (s *sketch) scan(x, dt, b, c tid, inner, n int64) tid {
	g := s.g
	cache := g.leaf(4*inner*n*s.r.seqs, s.cacheDev(), 0)
	g.t[cache].ne, g.t[cache].wide = [3]int64{inner * n, s.r.seqs, 1}, 4
	g.expand(g.store(cache, cache))
	states := g.look(cache, inner*n, s.r.seqs, 1)
	y := g.compute(inner, s.ub+n*s.r.seqs, 1,
		g.look(states, inner, n, s.r.seqs), x, dt, s.weight("ssm_a"), b, c, s.in.sequences)
	g.t[y].rows = 1 // one long row: never a big batch
	g.expand(y)
	s.spare(cache, states)
	g.expand(g.store(cache, g.slice(y, inner, n, s.r.seqs), g.part(cache, 1, 1, 1)))
	return y
}

// mamba2 draws a state space of the second kind, with heads and groups.
func (s *sketch) mamba2(x *catalog.Mixer, cur tid) tid {
	g := s.g
	in, n, h, groups := int64(x.DInner), int64(x.DState), int64(x.Heads), int64(x.NGroups)
	width := in + 2*groups*n
	all := s.mulMat("ssm_in.weight", in+width+h, cur)
	z, dt := g.part(all, in, s.ub, 1), g.part(all, h, s.ub, 1)
	c := s.convolve(g.part(all, width, s.ub, 1), int64(x.DConv), width, "ssm_conv1d.weight")
	c = s.unary(g.same(c, s.weight("ssm_conv1d.bias")))
	v := g.part(c, in, s.ub, 1)
	dt = g.same(s.cont(dt, h, s.ub, 1), s.weight("ssm_dt.bias"))
	y := s.scan(v, dt, g.part(c, n, groups, s.ub), g.part(c, n, groups, s.ub), in, n)
	y = g.same(g.slice(y, in, s.ub, 1), g.same(v, s.weight("ssm_d")))
	y = g.compute(in, s.ub, 1, s.cont(z, in, s.ub, 1), y)
	if x.Norm == nil || *x.Norm {
		y = s.normBy(g.look(y, in/max(1, groups), groups, s.ub), "ssm_norm", false)
	}
	return s.mulMat("ssm_out.weight", s.d, g.look(y, in, s.ub, 1))
}

// deltaNet draws a gated delta net.
func (s *sketch) deltaNet(x *catalog.Mixer, cur tid) tid {
	g := s.g
	kh, vh := int64(x.KeyHeads), int64(x.ValueHeads)
	kd, vd := int64(x.KeyHeadDim), int64(x.ValueHeadDim)
	inner := vh * vd
	width := inner + 2*kh*kd
	g.expand(cur)
	mixed := s.mulMat("attn_qkv.weight", width, cur)
	z := s.mulMat("attn_gate.weight", inner, cur)
	beta, gate := s.deltaGates(vh, cur)
	c := s.convolve(mixed, int64(x.Conv), width, "ssm_conv1d.weight")
	cache, old := s.state(kd * inner)
	c = s.unary(c)
	q, k, v := g.part(c, kd, kh, s.ub), g.part(c, kd, kh, s.ub), g.part(c, vd, vh, s.ub)
	q, k = g.compute(kd, kh, s.ub, q), g.compute(kd, kh, s.ub, k)
	if kh != vh && s.a.RepeatKeys {
		q = g.compute(kd, vh, s.ub, g.look(q, kd, kh, s.ub))
		k = g.compute(kd, vh, s.ub, g.look(k, kd, kh, s.ub))
	}
	y := g.compute(inner, s.ub+kd*s.r.seqs, 1, q, k, v, gate, beta, old)
	g.expand(g.store(cache, g.slice(y, inner, kd, s.r.seqs), g.part(cache, 1, 1, 1)))
	o := s.normBy(g.slice(y, vd, vh, s.ub), "ssm_norm", false)
	o = g.same(o, s.unary(g.look(z, vd, vh, s.ub)))
	return s.flat(s.mulEach("ssm_out.weight", s.d, g.look(o, inner, s.ub, 1)))
}

func (s *sketch) deltaGates(vh int64, cur tid) (beta, gate tid) {
	g := s.g
	var alpha tid
	if s.c.arch.SplitBetaAlpha {
		beta = s.unary(g.look(s.mulMat("ssm_beta.weight", vh, cur), 1, vh, s.ub))
		alpha = g.look(s.mulMat("ssm_alpha.weight", vh, cur), vh, s.ub, 1)
	} else {
		both := s.mulMat("ssm_ba.weight", 2*vh, cur)
		beta = s.unary(s.cont(g.part(both, vh, s.ub, 1), vh, s.ub, 1))
		alpha = s.cont(g.part(both, vh, s.ub, 1), vh, s.ub, 1)
	}
	gate = s.unary(g.same(alpha, s.weight("ssm_dt.bias")))
	gate = g.same(gate, s.weight("ssm_a"))
	return g.look(beta, 1, vh, s.ub), g.look(gate, 1, vh, s.ub)
}

// shortConv draws a gated short convolution.
func (s *sketch) shortConv(x *catalog.Mixer, cur tid) tid {
	g := s.g
	all := s.mulEach("shortconv.in_proj.weight", 3*s.d, cur)
	b, c, v := g.part(all, s.d, s.ub, 1), g.part(all, s.d, s.ub, 1), g.part(all, s.d, s.ub, 1)
	bx := g.same(b, v)
	y := s.convolve(bx, int64(x.Width), s.d, "shortconv.conv.weight")
	y = g.same(c, y)
	return s.flat(s.mulEach("shortconv.out_proj.weight", s.d, y))
}
