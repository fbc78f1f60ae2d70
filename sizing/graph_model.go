package sizing

import "runlocal/catalog"

// draw makes the graph of a model for one batch. It reports false where a
// mixer is not drawn.
func (s *sketch) draw() bool {
	for i := range s.shared {
		s.shared[i] = none
	}
	s.fusions, s.logits, s.ropes = s.fusions[:0], none, none
	s.makeInputs()
	stream := s.embed()
	s.perLayerIn = none
	if s.c.perLayerInput > 0 {
		s.perLayerIn = s.perLayer(stream)
	}
	if s.a.Streams > 0 {
		stream = s.widen(stream)
	}
	last := len(s.at.layers) - 1
	for i, l := range s.at.layers {
		s.layer, s.k, s.named = l, &s.c.kinds[s.c.layers[l.index]], s.named[:0]
		var ok bool
		if stream, ok = s.drawLayer(stream, i == last); !ok {
			return false
		}
	}
	if s.a.Streams > 0 {
		stream = s.narrow(stream)
		if !s.a.LateRows {
			stream = s.rowsOf(stream)
		}
	}
	s.finish(stream)
	return true
}

// embed looks the tokens up, on the host, and scales what they become.
func (s *sketch) embed() tid {
	g := s.g
	table := g.leaf(0, s.host(), flagWeight)
	x := g.compute(s.d, s.ub, 1, table, s.in.tokens)
	g.t[x].rows = 0
	if s.a.EmbeddingScale && !s.a.LateScale {
		x = s.unary(x)
	}
	g.expand(x)
	if s.a.LateScale {
		x = s.unary(x)
	}
	if s.c.hasModelTensor("token_types.weight") {
		first := g.leaf(4*s.d, s.host(), 0) // its row is taken as a view, which is no weight
		x = g.same(x, first)
	}
	if s.a.PositionTable {
		rows := g.compute(s.d, s.ub, 1, g.leaf(0, s.host(), flagWeight), s.in.pos)
		g.t[rows].rows = 0
		x = g.same(rows, x)
	}
	if s.c.model.Encoder && s.c.hasModelTensor("token_embd_norm.weight") {
		s.layer, s.k, s.named = s.at.layers[0], &s.c.kinds[s.c.layers[s.at.layers[0].index]], s.named[:0]
		x = s.norm(x, "token_embd_norm")
	}
	return x
}

// drawLayer draws one layer; after the last one's mixer only the output rows
// go on.
func (s *sketch) drawLayer(in tid, last bool) (tid, bool) {
	if s.a.Streams > 0 {
		return s.altupLayer(in), true
	}
	b := s.k.block
	cur := in
	if !s.a.PostNormOnly && !s.a.NormAfterSum {
		cur = s.norm(in, "attn_norm")
	}
	normed := cur
	if b.Mixer.Type == catalog.MixerNone {
		return s.lone(in, s.feedForward(&b.FFN, cur), last), true
	}
	cur, ok := s.mix(&b.Mixer, cur, in)
	if !ok {
		return none, false
	}
	if b.FFN.Type == catalog.FFNNone {
		return s.lone(in, cur, last), true
	}
	rows := last && !s.a.LateRows
	if b.Mixer.Type == catalog.MixerParallel {
		cur = s.g.same(cur, in)
		if rows {
			cur = s.rowsOf(cur)
		}
		return s.g.same(s.feedForward(&b.FFN, s.norm(cur, "ffn_norm")), cur), true
	}
	if b.ParallelBlock || s.a.Parallel {
		return s.sideBySide(cur, in, normed, rows), true
	}
	if rows {
		cur, in = s.rowsOf(cur), s.rowsOf(in)
	}
	if s.a.NormAfterSum {
		mid := s.norm(s.residual(cur, in, false), "attn_output_norm")
		return s.norm(s.residual(s.feedForward(&b.FFN, mid), mid, false), "layer_output_norm"), true
	}
	if s.postNorms() {
		cur = s.norm(cur, "post_attention_norm")
	}
	mid := s.residual(cur, in, s.a.ResidualFirst == "both")
	cur = s.normedFeedForward(&b.FFN, mid)
	if s.postNorms() {
		cur = s.norm(cur, "post_ffw_norm")
	}
	cur = s.residual(cur, mid, s.a.ResidualFirst != "")
	return s.addPerLayer(cur), true
}

// sideBySide is the feed-forward that reads what the mixer reads, and the sum
// of both with the residual stream.
func (s *sketch) sideBySide(mixed, in, normed tid, rows bool) tid {
	b := s.k.block
	if !b.ParallelBlock && (b.Norms == nil || *b.Norms == 2) {
		normed = s.norm(in, "ffn_norm")
	}
	if rows {
		mixed, in, normed = s.rowsOf(mixed), s.rowsOf(in), s.rowsOf(normed)
	}
	ffn := s.feedForward(&b.FFN, normed)
	return s.g.same(s.g.same(ffn, in), mixed)
}

// normedFeedForward draws the feed-forward with the norm before it. Twin
// experts read the stream through norms of their own.
func (s *sketch) normedFeedForward(x *catalog.FFN, mid tid) tid {
	cur := mid
	if !s.a.PostNormOnly {
		cur = s.norm(mid, "ffn_norm")
	}
	if !s.a.TwinExperts || x.Type != catalog.FFNMoE {
		return s.feedForward(x, cur)
	}
	beside := s.norm(s.dense("", besideExperts(x), x.Gated, false, cur), "post_ffw_norm_1")
	in := s.norm(mid, "pre_ffw_norm_2")
	router := s.g.same(s.unary(s.rms(mid)), s.weight("ffn_gate_inp.scale"))
	ids, weights := s.route(x, s.mulMat("ffn_gate_inp.weight", int64(x.Experts), router))
	y := s.norm(s.routed(x, in, ids, weights, s.d), "post_ffw_norm_2")
	return s.g.same(beside, y)
}

// besideExperts is the inner width of what every token passes beside the
// routed experts.
func besideExperts(x *catalog.FFN) int64 {
	return int64(x.SharedExperts)*int64(x.SharedIntermediate) + int64(x.DenseResidualIntermediate)
}

// residual adds what a part of a layer makes to the stream; which of the two
// comes first decides whose place the sum takes.
func (s *sketch) residual(x, stream tid, streamFirst bool) tid {
	if s.a.ScaledResidual {
		x = s.unary(x)
	}
	if streamFirst {
		return s.g.same(stream, x)
	}
	return s.g.same(x, stream)
}

func (s *sketch) postNorms() bool {
	return s.a.PostNormOnly || s.k.block.Norms != nil && *s.k.block.Norms == 4
}

// lone ends a layer that has only a mixer or only a feed-forward.
func (s *sketch) lone(in, out tid, last bool) tid {
	if last && !s.a.LateRows {
		out, in = s.rowsOf(out), s.rowsOf(in)
	}
	return s.residual(out, in, false)
}

// mix draws a mixer from its normed input; in is the stream itself.
func (s *sketch) mix(x *catalog.Mixer, cur, in tid) (tid, bool) {
	switch x.Type {
	case catalog.MixerAttention:
		return s.attention(x, cur), true
	case catalog.MixerMLA:
		if s.c.arch.PlainMLA {
			return none, false
		}
		return s.latent(x, cur), true
	case catalog.MixerMamba1:
		return s.mamba1(x, cur), true
	case catalog.MixerMamba2:
		return s.mamba2(x, cur), true
	case catalog.MixerGatedDeltaNet:
		return s.deltaNet(x, cur), true
	case catalog.MixerShortConv:
		return s.shortConv(x, cur), true
	case catalog.MixerParallel:
		return s.parallel(x, cur, in)
	}
	return none, false
}

// parallel draws several mixers over one stream, each with its own norm, and
// adds them.
func (s *sketch) parallel(x *catalog.Mixer, cur, in tid) (tid, bool) {
	sum := none
	for i := range x.Mixers {
		if i > 0 {
			cur = s.norm(in, "attn_norm")
		}
		y, ok := s.mix(&x.Mixers[i], cur, in)
		if !ok {
			return none, false
		}
		if sum == none {
			sum = y
			continue
		}
		sum = s.g.same(sum, y)
	}
	return sum, true
}

// finish draws the final norm and the logits.
func (s *sketch) finish(cur tid) {
	g := s.g
	s.layer, s.named = graphLayer{index: -1, dev: s.at.output}, s.named[:0]
	cur = s.lateRows(cur, "raw")
	if !s.c.arch.FinalNormIsInput {
		cur = s.finalNorm(cur)
	}
	cur = s.lateRows(cur, "normed")
	g.t[cur].flags |= flagOutput
	if s.c.model.Encoder {
		g.expand(s.pool(cur))
		return
	}
	logits := s.mulBy(s.outputWeight(), s.c.vocab, cur)
	s.logits = logits
	if s.a.SoftCap > 0 {
		logits = s.unary(logits)
	}
	g.t[logits].flags |= flagOutput
	g.expand(logits)
}

// lateRows keeps the last layer's stream, as it is or normed, where a draft
// may read it, and takes its output rows only then.
func (s *sketch) lateRows(x tid, form string) tid {
	if s.a.KeepHidden != form {
		return x
	}
	s.g.t[x].flags |= flagOutput
	if s.a.LateRows {
		x = s.rowsOf(x)
	}
	return x
}

// pool makes one vector of each sequence.
func (s *sketch) pool(x tid) tid {
	switch s.a.Pooling {
	case "mean":
		turned := s.g.compute(s.ub, s.d, 1, x)
		return s.g.compute(s.d, s.r.seqs, 1, turned, s.in.pooled)
	case "first":
		return s.g.compute(s.d, s.r.seqs, 1, x, s.in.pooled)
	}
	return x
}

// finalNorm is not tied to a layer's device.
func (s *sketch) finalNorm(x tid) tid {
	y := s.g.same(x)
	if s.a.LayerNorm || s.c.model.NormBias {
		s.g.t[y].op = opCompute
	}
	return s.g.same(y, s.weightOn(s.at.output, "output_norm.weight"))
}

func (s *sketch) outputWeight() tid {
	if s.at.output < s.host() || s.weigh == nil {
		return s.anyWeight(s.at.output)
	}
	return s.sizedWeight(s.at.output, s.r.weights.outBig, s.r.weights.outPad)
}
