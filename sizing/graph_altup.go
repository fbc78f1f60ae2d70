package sizing

// This file draws what Gemma's small models add to a layer: an embedding of
// each token for every layer, and (3n) several streams of which a layer works
// on one and corrects the others.

// perLayer draws the embeddings by layer, mixed from a table on the host and
// a projection of the stream: [width, tokens, layers].
func (s *sketch) perLayer(stream tid) tid {
	g := s.g
	n := int64(s.c.loadedLayers())
	width := s.c.perLayerInput / n
	table := g.leaf(0, s.host(), flagWeight)
	rows := g.compute(n*width, s.ub, 1, table, s.input(4*s.ub, 4|32, s.ub, 1))
	g.t[rows].rows = 0
	rows = s.unary(g.look(rows, width, n, s.ub))
	g.expand(rows)
	s.layer, s.k = s.at.layers[0], &s.c.kinds[s.c.layers[s.at.layers[0].index]]
	proj := s.unary(s.mulBy(s.modelWeight("per_layer_model_proj.weight"), n*width, stream))
	y := g.same(s.rms(g.look(proj, width, n, s.ub)), s.modelWeight("per_layer_proj_norm.weight"))
	y = s.unary(g.same(y, rows))
	return s.cont(g.part(y, width, s.ub, n), width, s.ub, n)
}

// modelWeight is a tensor outside the layers that goes with the first one.
func (s *sketch) modelWeight(name string) tid {
	if s.layer.dev < s.host() || s.weigh == nil {
		return s.anyWeight(s.layer.dev)
	}
	for i := range s.c.model0 {
		if t := &s.c.model0[i]; t.Name == name {
			return s.sizedWeight(s.layer.dev, 2*t.Elements(), 0) // it keeps the type of the source
		}
	}
	return s.sizedWeight(s.layer.dev, 4*s.d, 0)
}

// byLayer is the width of the embeddings by layer, a layer.
func (s *sketch) byLayer() int64 { return s.c.perLayerInput / int64(s.c.loadedLayers()) }

// mixPerLayer gates the layer's own embedding with x and brings it back to
// the stream's width.
func (s *sketch) mixPerLayer(x tid) tid {
	width := s.byLayer()
	y := s.unary(s.mulMat("inp_gate.weight", width, x))
	y = s.g.same(y, s.g.slice(s.perLayerIn, width, s.ub, 1))
	return s.norm(s.mulMat("proj.weight", s.d, y), "post_norm")
}

// addPerLayer ends a layer that has an embedding of its own.
func (s *sketch) addPerLayer(x tid) tid {
	if s.perLayerIn != none {
		x = s.g.same(x, s.mixPerLayer(x))
	}
	if s.a.ScaledLayer {
		x = s.g.same(x, s.weight("layer_output_scale.weight"))
	}
	return x
}

// magnitude is the length of each token's vector.
func (s *sketch) magnitude(x tid) tid {
	ne := s.g.t[x].ne
	return s.unary(s.g.compute(1, ne[1], ne[2], s.unary(x)))
}

// widen makes the other streams from the first.
func (s *sketch) widen(x tid) tid {
	g, n := s.g, int64(s.a.Streams)
	target := s.magnitude(x)
	more := s.mulBy(s.projection(), s.d, g.compute(s.d, s.ub, n-1, x))
	size := s.magnitude(more)
	more = g.same(g.same(more, target), size)
	return g.compute(s.d, s.ub, n, x, more)
}

// projection is the matrix between the streams, which goes with the output.
func (s *sketch) projection() tid {
	if s.at.output < s.host() || s.weigh == nil {
		return s.anyWeight(s.at.output)
	}
	return s.sizedWeight(s.at.output, 2*s.d*s.d*int64(s.a.Streams-1), 0)
}

// narrow merges the streams into one.
func (s *sketch) narrow(x tid) tid {
	g, n := s.g, int64(s.a.Streams)
	target := s.magnitude(g.slice(x, s.d, s.ub, 1))
	rest := s.mulBy(s.projection(), s.d, g.slice(x, s.d, s.ub, n-1))
	size := s.magnitude(rest)
	rest = g.same(g.same(rest, target), size)
	y := g.slice(x, s.d, s.ub, 1)
	for range n - 1 {
		y = g.same(y, g.slice(rest, s.d, s.ub, 1))
	}
	return s.unary(y)
}

// modalities is the router over the streams.
func (s *sketch) modalities(x tid) tid {
	r := s.unary(s.norm(x, "altup_router_norm"))
	return s.unary(s.mulMat("altup_router.weight", int64(s.a.Streams), r))
}

// predict guesses what the layer will do to every stream.
func (s *sketch) predict(x tid) tid {
	g, n := s.g, int64(s.a.Streams)
	coef := s.mulMat("altup_predict_coef.weight", n*n, s.modalities(g.slice(x, s.d, s.ub, 1)))
	turned := s.cont(g.part(x, n, s.d, s.ub), n, s.d, s.ub)
	y := g.compute(s.d, n, s.ub, turned, g.look(coef, n, n, s.ub))
	y = s.cont(g.part(y, s.d, s.ub, n), s.d, s.ub, n)
	return g.same(y, x)
}

// correct moves the guesses by what the layer really did to the active one.
func (s *sketch) correct(guess, done tid) tid {
	g, n := s.g, int64(s.a.Streams)
	m := s.modalities(done)
	diff := g.same(done, g.slice(guess, s.d, s.ub, 1))
	coef := s.unary(s.mulMat("altup_correct_coef.weight", n, m))
	coef = s.cont(g.part(coef, s.ub, n, 1), 1, s.ub, n)
	all := g.compute(s.d, s.ub, n, diff)
	return g.same(g.same(all, coef), guess)
}

// altupLayer draws a layer of several streams.
func (s *sketch) altupLayer(in tid) tid {
	g := s.g
	guess := s.predict(in)
	active := g.slice(guess, s.d, s.ub, 1)
	cur := s.norm(active, "attn_norm")
	low := s.mulMat("laurel_r.weight", s.d, s.mulMat("laurel_l.weight", 64, cur))
	low = g.same(s.norm(low, "laurel_post_norm"), cur)
	cur = s.attention(&s.k.block.Mixer, cur)
	cur = g.same(s.norm(cur, "post_attention_norm"), active)
	mid := s.unary(g.same(cur, low))
	cur = s.norm(mid, "ffn_norm")
	cur = s.norm(s.sparse(int64(s.k.block.FFN.Intermediate), cur), "post_ffw_norm")
	out := s.correct(guess, g.same(cur, mid))
	first := g.same(g.slice(out, s.d, s.ub, 1), s.weight("altup_correct_scale.weight"))
	first = s.mixPerLayer(first)
	rest := g.same(g.slice(out, s.d, s.ub, int64(s.a.Streams-1)), first)
	return g.compute(s.d, s.ub, int64(s.a.Streams), g.slice(out, s.d, s.ub, 1), rest)
}

// sparse draws a feed-forward whose gate keeps only its largest values, in
// the first layers.
func (s *sketch) sparse(ff int64, cur tid) tid {
	g := s.g
	up := s.mulMat("ffn_up.weight", ff, cur)
	gate := s.mulMat("ffn_gate.weight", ff, cur)
	if s.layer.index < s.a.SparseLayers {
		mean := g.compute(1, s.ub, 1, gate)
		dev := s.unary(s.unary(s.unary(g.compute(1, s.ub, 1, s.unary(g.same(gate, mean))))))
		gate = s.unary(g.same(gate, g.same(mean, dev)))
	}
	return s.mulMat("ffn_down.weight", s.d, g.same(up, s.unary(gate)))
}
