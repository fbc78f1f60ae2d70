package sizing

import "runlocal/catalog"

// feedForward draws a feed-forward from its normed input.
func (s *sketch) feedForward(x *catalog.FFN, cur tid) tid {
	if x.Type == catalog.FFNMoE {
		return s.experts(x, cur)
	}
	return s.dense("", int64(x.Intermediate), x.Gated, x.Bias, cur)
}

// dense draws gate, up, their product and down.
func (s *sketch) dense(suffix string, ff int64, gated, bias bool, cur tid) tid {
	g := s.g
	ne := g.t[cur].ne
	var y tid
	switch {
	case gated && s.c.arch.FusedGateUp && suffix == "":
		up := s.mulMat("ffn_up.weight", 2*ff, cur)
		y = g.compute(ff, ne[1], ne[2], up)
	case gated:
		up := s.biased(s.mulMat("ffn_up"+suffix+".weight", ff, cur), "ffn_up.bias", bias)
		gate := s.biased(s.mulMat("ffn_gate"+suffix+".weight", ff, cur), "ffn_gate.bias", bias)
		y = g.compute(ff, ne[1], ne[2], gate, up)
	default:
		y = s.unary(s.biased(s.mulMat("ffn_up"+suffix+".weight", ff, cur), "ffn_up.bias", bias))
		if s.a.SquaredReLU {
			y = s.unary(y)
		}
	}
	return s.biased(s.mulMat("ffn_down"+suffix+".weight", s.d, y), "ffn_down.bias", bias)
}

// experts draws a mixture: the router, the active experts' matrices over all
// tokens at once, their weighted sum, and what every token passes besides.
func (s *sketch) experts(x *catalog.FFN, cur tid) tid {
	in, width := cur, s.d
	if x.Latent > 0 {
		width = int64(x.Latent)
		in = s.mulMat("ffn_latent_down.weight", width, cur)
	}
	ids, weights := s.route(x, s.mulMat("ffn_gate_inp.weight", int64(x.Experts), cur))
	y := s.routed(x, in, ids, weights, width)
	if x.Latent > 0 {
		y = s.mulMat("ffn_latent_up.weight", s.d, y)
	}
	if n := int64(x.SharedExperts) * int64(x.SharedIntermediate); n > 0 {
		y = s.g.same(y, s.sharedExpert(x, n, cur))
	}
	if n := int64(x.DenseResidualIntermediate); n > 0 {
		y = s.g.same(y, s.dense("", n, x.Gated, false, cur))
	}
	return y
}

func (s *sketch) sharedExpert(x *catalog.FFN, n int64, cur tid) tid {
	y := s.dense("_shexp", n, x.Gated, false, cur)
	if !x.SharedGate {
		return y
	}
	gate := s.unary(s.mulMat("ffn_gate_inp_shexp.weight", 1, cur))
	return s.g.same(y, gate)
}

// route chooses the experts of each token and their weights. The CUDA backend
// does all of it in one kernel and keeps every step until the weights are
// there.
func (s *sketch) route(x *catalog.FFN, logits tid) (ids, weights tid) {
	g := s.g
	n, active := int64(x.Experts), int64(x.Active)
	tokens := g.t[logits].ne[1]
	logits = s.biased(logits, "ffn_gate_inp.bias", x.RouterBias && x.ExpertBias)
	probs, choice := logits, logits
	first := none
	if !s.a.WeighChosen {
		probs = s.unary(logits)
		choice, first = probs, probs
		if x.RouterBias && !x.ExpertBias {
			choice = g.same(probs, s.weight("exp_probs_b.bias"))
		}
	}
	if s.a.RouteOnLogits {
		choice = logits
	}
	if x.ExpertGroups > 1 {
		choice = s.chooseGroups(n, int64(x.ExpertGroups), tokens, choice)
	}
	sorted := g.typed(4, n, tokens, 1, choice)
	g.t[sorted].wide = 4 | 32
	ids = g.part(sorted, active, tokens, 1)
	weights = g.compute(1, active, tokens, g.look(probs, 1, n, tokens), ids)
	g.t[weights].rows = 0
	if s.a.WeighChosen {
		weights = g.look(s.unary(g.look(weights, active, tokens, 1)), 1, active, tokens)
	}
	if s.a.NormedWeights && !x.PlainWeights {
		flat := g.look(weights, active, tokens, 1)
		sum := s.unary(g.compute(1, tokens, 1, flat))
		weights = g.look(g.same(flat, sum), 1, active, tokens)
	}
	if x.WeightScale != 0 && x.WeightScale != 1 {
		weights = s.unary(weights)
	}
	g.expand(weights)
	if x.ExpertGroups <= 1 && s.fusesRouting(n) {
		s.fusions = append(s.fusions, fusion{first: first, last: weights, second: none, routing: true})
	}
	return ids, weights
}

// chosenGroups is how many groups of experts a token chooses from: it only
// sets the size of a tensor that is freed at once.
const chosenGroups = 2

// chooseGroups draws the choice of groups by the sum of their two best
// experts, and the masking of the others.
func (s *sketch) chooseGroups(n, groups, tokens int64, choice tid) tid {
	g := s.g
	each := n / groups
	grouped := g.look(choice, each, groups, tokens)
	sorted := g.typed(4, each, groups, tokens, grouped)
	best := g.compute(1, 2, groups*tokens, g.look(grouped, 1, each, groups*tokens), g.part(sorted, 2, groups, tokens))
	g.t[best].rows = 0
	score := g.look(g.compute(1, groups, tokens, g.look(best, 2, groups, tokens)), groups, tokens, 1)
	order := g.typed(4, groups, tokens, 1, score)
	chosen := g.part(order, max(1, groups/chosenGroups), tokens, 1)
	rows := g.compute(each, max(1, groups/chosenGroups), tokens, grouped, chosen)
	g.t[rows].rows = 0
	masked := g.same(grouped)
	set := g.store(masked, rows, chosen, masked)
	g.t[set].ne, g.t[set].wide = [3]int64{each, groups, tokens}, 4
	return g.look(set, n, tokens, 1)
}

// fusesRouting tells whether there is a kernel for so many experts that keeps
// its operands.
func (s *sketch) fusesRouting(experts int64) bool {
	if s.a.RouteOnLogits || s.a.WeighChosen {
		return false
	}
	return experts <= 512 && experts&(experts-1) == 0 || experts == 288 || experts == 576
}

// maxFusedExperts is the most experts that one kernel weighs and sums.
const maxFusedExperts = 15

// routed draws the active experts and the weighted sum of their outputs.
func (s *sketch) routed(x *catalog.FFN, in, ids, weights tid, width int64) tid {
	g := s.g
	active, eff := int64(x.Active), int64(x.ExpertIntermediate)
	tokens := g.t[in].ne[1]
	each := g.look(in, width, 1, tokens)
	if s.a.WeighInput {
		each = g.same(g.compute(width, active, tokens, each), weights)
	}
	y := s.expertsInner(x, each, ids, active, eff, tokens)
	out := s.byExpert("ffn_down_exps", width, active, tokens, y, ids, x.ExpertBias)
	first, second := none, none
	if s.a.TwinExperts {
		out = s.scaleExperts(out, int64(x.Experts), active, tokens, ids)
		first = out
	}
	if !s.a.WeighInput {
		out = g.same(out, weights)
	}
	if first == none {
		first = out
	} else {
		second = out
	}
	g.expand(out)
	sum := s.sumExperts(out, active, width, tokens)
	if !s.a.WeighInput && active > 1 && active <= maxFusedExperts {
		s.fusions = append(s.fusions, fusion{first: first, last: sum, second: second})
	}
	return sum
}

// scaleExperts draws the scale that each expert's output has.
func (s *sketch) scaleExperts(out tid, experts, active, tokens int64, ids tid) tid {
	g := s.g
	w := g.look(s.weight("ffn_down_exps.scale"), 1, experts, 1)
	g.t[w].size = 4 * experts
	each := g.compute(1, experts, tokens, w)
	scale := g.compute(1, active, tokens, each, ids)
	g.t[scale].rows = 0
	return g.same(out, scale)
}

func (s *sketch) expertsInner(x *catalog.FFN, each, ids tid, active, eff, tokens int64) tid {
	g := s.g
	switch {
	case x.Gated && s.c.arch.FusedExpertGateUp:
		both := s.byExpert("ffn_gate_up_exps", 2*eff, active, tokens, each, ids, false)
		return g.compute(eff, active, tokens, g.part(both, eff, active, tokens), g.part(both, eff, active, tokens))
	case x.Gated:
		up := s.byExpert("ffn_up_exps", eff, active, tokens, each, ids, x.ExpertBias)
		gate := s.byExpert("ffn_gate_exps", eff, active, tokens, each, ids, x.ExpertBias)
		return g.compute(eff, active, tokens, gate, up)
	}
	y := s.unary(s.byExpert("ffn_up_exps", eff, active, tokens, each, ids, x.ExpertBias))
	if s.a.SquaredReLU {
		y = s.unary(y)
	}
	return y
}

// byExpert multiplies each token by the matrices of its experts.
func (s *sketch) byExpert(name string, out, active, tokens int64, x, ids tid, bias bool) tid {
	y := s.g.compute(out, active, tokens, s.weight(name+".weight"), x, ids)
	s.g.t[y].rows = tokens
	if bias {
		y = s.g.same(y, s.weight(name+".bias"), ids)
	}
	return y
}

// sumExperts adds the experts' outputs up. The CUDA backend does weighting and
// sum in one kernel and keeps its operands until the sum is there.
func (s *sketch) sumExperts(weighted tid, active, width, tokens int64) tid {
	g := s.g
	parts := make([]tid, 0, 16)
	for range active {
		v := g.part(weighted, width, tokens, 1)
		g.expand(v)
		parts = append(parts, v)
	}
	sum := parts[0]
	for _, p := range parts[1:] {
		sum = g.same(sum, p)
		g.expand(sum)
	}
	if active == 1 {
		return s.cont(sum, width, tokens, 1)
	}
	return sum
}
