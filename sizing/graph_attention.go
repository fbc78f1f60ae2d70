package sizing

import "runlocal/catalog"

// attention draws attention with a cache of keys and values, from the normed
// stream to the output projection.
func (s *sketch) attention(x *catalog.Mixer, cur tid) tid {
	hd, hv := int64(x.HeadDim), int64(x.HeadDim)
	if x.VHeadDim > 0 {
		hv = int64(x.VHeadDim)
	}
	h, hk := int64(x.Heads), int64(x.KVHeads)
	q, k, v, gate := s.project(x, cur, h, hk, hd, hv)
	q, k = s.turn(x, q, k)
	if s.a.NormedValue && v != none {
		v = s.rms(v)
	}
	o := s.attend(x, q, k, v, h, hk, hd, hv)
	if gate != none {
		g := s.cont(gate, h*hd, s.ub, 1)
		o = s.g.same(o, s.unary(g))
	}
	y := s.mulMat("attn_output.weight", s.d, o)
	return s.biased(y, "attn_output.bias", x.OBias)
}

// project makes queries, keys and values, each as heads; gate is the other
// half of a doubled query.
func (s *sketch) project(x *catalog.Mixer, cur tid, h, hk, hd, hv int64) (q, k, v, gate tid) {
	g := s.g
	gate = none
	own := x.SharesKVOf == ""
	if s.c.arch.FusedQKV && own && !x.KEqV && x.QLoraRank == 0 {
		all := s.mulMat("attn_qkv.weight", h*hd+hk*(hd+hv), cur)
		all = s.biased(all, "attn_q.bias", x.QBias)
		return g.part(all, hd, h, s.ub), g.part(all, hd, hk, s.ub), g.part(all, hv, hk, s.ub), none
	}
	width := h * hd
	if x.OutputGate == "full" {
		width *= 2
	}
	if x.QLoraRank > 0 {
		in := s.norm(s.mulMat("attn_q_a.weight", int64(x.QLoraRank), cur), "attn_q_a_norm")
		q = s.mulMat("attn_q_b.weight", width, in)
	} else {
		q = s.mulMat("attn_q.weight", width, cur)
	}
	q = s.biased(q, "attn_q.bias", x.QBias)
	if x.QKNorm == "full" {
		q = s.norm(q, "attn_q_norm")
	}
	if x.OutputGate == "full" {
		all := q
		q, gate = g.part(all, hd, h, s.ub), g.part(all, hd, h, s.ub)
	} else {
		q = g.look(q, hd, h, s.ub)
	}
	if !own {
		return q, none, none, gate
	}
	k = s.biased(s.mulMat("attn_k.weight", hk*hd, cur), "attn_k.bias", x.KVBias)
	if x.KEqV {
		v = g.look(k, hv, hk, s.ub)
	} else {
		v = s.biased(s.mulMat("attn_v.weight", hk*hv, cur), "attn_v.bias", x.KVBias || x.VBias)
		v = g.look(v, hv, hk, s.ub)
	}
	if x.QKNorm == "full" {
		k = s.norm(k, "attn_k_norm")
	}
	return q, g.look(k, hd, hk, s.ub), v, gate
}

// turn applies the norms a head and the position to queries and keys.
func (s *sketch) turn(x *catalog.Mixer, q, k tid) (tid, tid) {
	each := func(t tid, name string) tid {
		if t == none {
			return none
		}
		if x.QKNorm == "head" && !s.a.NormAfterRope {
			t = s.normBy(t, name, s.a.LayerNorm)
		}
		if s.a.RopeInWindow && windowOf(x) == 0 || skipsRope(s.a, s.layer.index) {
			return t
		}
		t = s.rope(t)
		switch {
		case x.QKNorm == "head" && s.a.NormAfterRope:
			t = s.normBy(t, name, s.a.LayerNorm)
		case s.a.NormAfterRope:
			t = s.rms(t)
		}
		return t
	}
	q, k = each(q, "attn_q_norm"), each(k, "attn_k_norm")
	if s.a.ScaledQuery {
		q = s.unary(q)
	}
	if s.a.ScaleUnturned && windowOf(x) == 0 {
		q = s.g.same(q, s.in.attnScale)
	}
	return q, k
}

// skipsRope tells that a layer is one of those that are not turned.
func skipsRope(a *catalog.Graph, layer int) bool {
	return a.RopeSkip > 0 && (layer+1)%a.RopeSkip == 0
}

// attend stores keys and values and lets the queries attend: h heads of hd,
// values of hv. The result is a row of all heads a token.
func (s *sketch) attend(x *catalog.Mixer, q, k, v tid, h, hk, hd, hv int64) tid {
	if s.c.model.Encoder {
		return s.attendBatch(x, q, k, v, h, hk, hd, hv)
	}
	in := s.cacheOf(x)
	if in.kRot != none {
		q = s.rotate(q, in.kRot)
		if k != none {
			k = s.rotate(k, in.kRot)
		}
	}
	if in.vRot != none && v != none {
		v = s.rotate(v, in.vRot)
	}
	g := s.g
	if x.SharesKVOf == "" {
		in.keys = g.leaf(s.r.typeK.row(hk*hd)*in.cells*s.r.streams, s.cacheDev(), 0)
		in.values = g.leaf(s.r.typeV.row(hk*hv)*in.cells*s.r.streams, s.cacheDev(), 0)
	}
	keys, values := in.keys, in.values
	g.expand(q)
	if v != none && s.c.swaLayers == 0 {
		g.expand(v)
	}
	if k != none {
		g.expand(k)
	}
	if v != none {
		g.expand(v)
	}
	if k != none {
		g.expand(g.store(keys, g.look(k, hk*hd, s.ub, 1), in.kIdx, keys))
	}
	if v != none {
		g.expand(g.store(values, g.look(v, hk*hv, s.ub, 1), in.vIdx, values))
	}
	o := s.softmax(x, in, q, s.seen(keys), s.seen(values), h, hk, hd, hv)
	if in.vRot != none {
		o = s.rotate(o, in.vRot)
	}
	return o
}

// seen is the view of a cache that attention reads.
func (s *sketch) seen(cache tid) tid {
	size := s.g.t[cache].size
	v := s.g.look(cache, 1, 1, 1)
	s.g.t[v].size = size
	return v
}

func (s *sketch) cacheOf(x *catalog.Mixer) *graphCache {
	if windowOf(x) > 0 && s.c.arch.SlidingWindowCache {
		return &s.in.swa
	}
	return &s.in.full
}

// rotate turns rows by the rotation that a quantised cache is stored under.
func (s *sketch) rotate(x, by tid) tid {
	ne := s.g.t[x].ne
	side := s.g.t[by].ne[0]
	n := ne[0] * ne[1] * ne[2] / side
	var flat tid
	if s.g.t[x].wide&16 != 0 {
		flat = s.cont(x, side, n, 1) // part of a fused projection
	} else {
		flat = s.g.look(x, side, n, 1)
	}
	y := s.g.compute(side, n, 1, by, flat)
	return s.g.look(y, ne[0], ne[1], ne[2])
}

// softmax is attention proper, fused or not.
func (s *sketch) softmax(x *catalog.Mixer, in *graphCache, q, k, v tid, h, hk, hd, hv int64) tid {
	g, r := s.g, s.r
	qv := g.part(g.part(q, hd, h, s.ub), hd, s.ub, h)
	kv, vv := g.part(k, 1, 1, 1), g.part(v, 1, 1, 1)
	g.t[kv].size, g.t[vv].size = g.t[k].size, g.t[v].size
	g.t[kv].extra, g.t[vv].extra = padding(r.typeK, hd), padding(r.typeV, hv) // of a copy
	if r.flash {
		o := g.compute(hv, h, s.ub, qv, kv, vv, in.mask)
		g.t[o].flags |= s.fusedFlags(h, hk, hd, hv, in.cells)
		if x.Sinks {
			g.t[o].src[4] = s.weight("attn_sinks.weight")
		}
		g.t[o].extra = s.scratch(g.t[o].size, in.cells, hk*hd, hk*hv)
		o = g.look(o, h*hv, s.ub, 1)
		g.expand(o)
		return o
	}
	kq := g.compute(in.cells, s.ub/r.streams, h*r.streams, kv, qv)
	for range s.a.SoftCap {
		kq = s.unary(kq)
	}
	p := g.same(kq, in.mask)
	if x.Sinks {
		g.t[p].src[2] = s.weight("attn_sinks.weight")
	}
	o := g.compute(hv, s.ub, h, vv, p)
	o = s.cont(g.part(o, hv, h, s.ub), h*hv, s.ub, 1)
	if !s.at.kvOffload {
		g.t[o].dev = s.host()
	}
	g.expand(o)
	return o
}

// fusedFlags are those of fused attention: it is computed where its neighbours
// are, or on the host if the CUDA backend has no kernel for heads of its size.
func (s *sketch) fusedFlags(h, hk, hd, hv, cells int64) uint8 {
	if fusedOnGPU(h/max(1, hk), hd, hv, cells) {
		return flagLoose
	}
	return flagLoose | flagHostOnly
}

// fusedOnGPU tells whether the CUDA backend has a fused attention kernel for
// keys and values of these widths, so many query heads to a key head and so
// many cells.
func fusedOnGPU(group, k, v, cells int64) bool {
	grouped := group >= 2 && cells%cellPad == 0
	switch k {
	case 40, 64, 72, 80, 96, 112, 128, 256:
		return v == k
	case 192:
		return v == 128 && grouped && group%8 == 0
	case 320:
		return v == 256 && grouped && group%32 == 0
	case 512:
		return v == k && grouped
	case 576:
		return v == 512 && grouped
	}
	return false
}

// scratch is what fused attention on the GPU needs after its result: f16
// copies of keys and values that are not f16.
func (s *sketch) scratch(size, cells, k, v int64) int64 {
	r := s.r
	end := size
	n := cells * r.streams
	if r.build.NoCacheCopy {
		return 0
	}
	if r.typeK.name != "F16" && s.converts(r.typeK) {
		end = ceil(end, gpuAlign) + 2*n*k
	}
	if v > 0 && r.typeV.name != "F16" && s.converts(r.typeV) {
		end = ceil(end, gpuAlign) + 2*n*v
	}
	return end - size
}

// converts tells whether the kernel for this batch wants f16: the one for one
// or two tokens reads quantised caches as they are.
func (s *sketch) converts(t *tensorType) bool { return s.ub/s.r.streams > 2 || t.name == "F32" }

// attendBatch is attention among the tokens of the batch, without a cache.
func (s *sketch) attendBatch(x *catalog.Mixer, q, k, v tid, h, hk, hd, hv int64) tid {
	g := s.g
	g.expand(q)
	g.expand(k)
	g.expand(v)
	in := s.cacheOf(x)
	qv, kv, vv := g.part(q, hd, s.ub, h), g.part(k, hd, s.ub, hk), g.part(v, hv, s.ub, hk)
	if s.r.flash {
		kv = g.typed(2, hd, s.ub, hk, kv)
		vv = g.typed(2, hv, s.ub, hk, vv)
		o := g.compute(hv, h, s.ub, qv, kv, vv, in.mask)
		g.t[o].flags |= s.fusedFlags(h, hk, hd, hv, s.ub)
		o = g.look(o, h*hv, s.ub, 1)
		g.expand(o)
		return o
	}
	kq := g.compute(s.ub, s.ub, h, kv, qv)
	p := g.same(kq, in.mask)
	vt := g.compute(s.ub, hv, hk, g.part(vv, s.ub, hv, hk))
	o := g.compute(hv, s.ub, h, vt, p)
	o = s.cont(g.part(o, hv, h, s.ub), h*hv, s.ub, 1)
	g.expand(o)
	return o
}
