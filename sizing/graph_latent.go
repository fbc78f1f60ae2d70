package sizing

import "runlocal/catalog"

// latent draws multi-head latent attention: queries are taken into the
// compressed space, so that all heads share one cached row a token.
func (s *sketch) latent(x *catalog.Mixer, cur tid) tid {
	g := s.g
	h, nope, rope := int64(x.Heads), int64(x.QKNopeHeadDim), int64(x.QKRopeHeadDim)
	rank, hv := int64(x.KVLoraRank), int64(x.VHeadDim)
	var q tid
	if x.QLoraRank > 0 {
		in := s.norm(s.mulMat("attn_q_a.weight", int64(x.QLoraRank), cur), "attn_q_a_norm")
		q = s.mulMat("attn_q_b.weight", h*(nope+rope), in)
	} else {
		q = s.mulMat("attn_q.weight", h*(nope+rope), cur)
	}
	qNope, qPE := g.part(q, nope, h, s.ub), g.part(q, rope, h, s.ub)
	kv := s.mulMat("attn_kv_a_mqa.weight", rank+rope, cur)
	compressed, kPE := g.part(kv, rank, s.ub, 1), g.part(kv, rope, 1, s.ub)
	qPE, kPE = s.rope(qPE), s.rope(kPE)
	compressed = s.norm(compressed, "attn_kv_a_norm")
	absorbed := s.mulBy(s.weight("attn_k_b.weight"), rank, g.part(qNope, nope, s.ub, h))
	qq := g.compute(rank+rope, h, s.ub, g.part(absorbed, rank, h, s.ub), qPE)
	compressed = g.look(compressed, rank, 1, s.ub)
	kk := g.compute(rank+rope, 1, s.ub, compressed, kPE)
	g.expand(qq)
	g.expand(compressed)
	g.expand(kk)
	in := &s.in.full
	keys := g.leaf(s.r.typeK.row(rank+rope)*in.cells*s.r.streams, s.cacheDev(), 0)
	g.expand(g.store(keys, g.look(kk, rank+rope, s.ub, 1), in.kIdx, keys))
	o := s.latentSoftmax(in, qq, s.seen(keys), h, rank, rope, hv)
	return s.mulMat("attn_output.weight", s.d, o)
}

func (s *sketch) latentSoftmax(in *graphCache, q, k tid, h, rank, rope, hv int64) tid {
	g := s.g
	qv := g.part(g.part(q, rank+rope, h, s.ub), rank+rope, s.ub, h)
	kv, vv := g.part(k, 1, 1, 1), g.part(g.part(k, 1, 1, 1), 1, 1, 1)
	g.t[kv].size, g.t[vv].size = g.t[k].size, g.t[k].size-s.r.typeK.row(rope)
	g.t[kv].extra, g.t[vv].extra = padding(s.r.typeK, rank+rope), padding(s.r.typeK, rank) // of a copy
	var o tid
	if s.r.flash {
		o = g.compute(rank, h, s.ub, qv, kv, vv, in.mask)
		g.t[o].flags |= s.fusedFlags(h, 1, rank+rope, rank, in.cells)
		g.t[o].extra = s.scratch(g.t[o].size, in.cells, rank+rope, 0)
		o = s.mulBy(s.weight("attn_v_b.weight"), hv, g.part(o, rank, s.ub, h))
		o = s.cont(g.part(o, hv, h, s.ub), hv, h, s.ub)
		o = g.look(o, h*hv, s.ub, 1)
		g.expand(o)
		return o
	}
	kq := g.compute(in.cells, s.ub/s.r.streams, h*s.r.streams, kv, qv)
	p := g.same(kq, in.mask)
	vt := g.typed(max(1, s.r.typeK.row(1)), in.cells, rank, s.r.streams, vv)
	o = g.compute(rank, s.ub, h, vt, p)
	o = s.mulBy(s.weight("attn_v_b.weight"), hv, o)
	o = s.cont(g.part(o, hv, h, s.ub), h*hv, s.ub, 1)
	if !s.at.kvOffload {
		g.t[o].dev = s.host()
	}
	g.expand(o)
	return o
}
