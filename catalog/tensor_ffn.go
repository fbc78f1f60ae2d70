package catalog

// emitFFN emits the tensors of a feed-forward in a stream of width d.
func emitFFN(f func(Tensor), a *Architecture, d int64, x *FFN) {
	switch x.Type {
	case FFNDense:
		emitDense(f, a, "", d, int64(x.Intermediate), x.Gated)
		if x.Bias {
			emitDenseBias(f, d, x)
		}
	case FFNMoE:
		emitMoE(f, a, d, x)
	}
}

func emitDense(f func(Tensor), a *Architecture, suffix string, d, ff int64, gated bool) {
	switch {
	case gated && a.FusedGateUp && suffix == "":
		f(matrix("ffn_up.weight", RoleFFNUp, d, 2*ff))
	case gated:
		f(matrix("ffn_gate"+suffix+".weight", RoleFFNGate, d, ff))
		f(matrix("ffn_up"+suffix+".weight", RoleFFNUp, d, ff))
	default:
		f(matrix("ffn_up"+suffix+".weight", RoleFFNUp, d, ff))
	}
	f(matrix("ffn_down"+suffix+".weight", RoleFFNDown, ff, d))
}

func emitDenseBias(f func(Tensor), d int64, x *FFN) {
	ff := int64(x.Intermediate)
	if x.Gated {
		f(vector("ffn_gate.bias", ff))
	}
	f(vector("ffn_up.bias", ff))
	f(vector("ffn_down.bias", d))
}

func emitMoE(f func(Tensor), a *Architecture, d int64, x *FFN) {
	n, eff, width := int64(x.Experts), int64(x.ExpertIntermediate), d
	f(fixedMatrix("ffn_gate_inp.weight", d, n))
	if x.RouterBias {
		f(vector("exp_probs_b.bias", n))
	}
	if x.Latent > 0 {
		width = int64(x.Latent)
		f(matrix("ffn_latent_down.weight", RoleOther, d, width))
		f(matrix("ffn_latent_up.weight", RoleOther, width, d))
	}
	emitExperts(f, a, width, eff, n, x)
	if s := int64(x.SharedExperts) * int64(x.SharedIntermediate); s > 0 {
		emitDense(f, a, "_shexp", d, s, x.Gated)
		if x.SharedGate {
			f(vector("ffn_gate_inp_shexp.weight", d))
		}
	}
	if r := int64(x.DenseResidualIntermediate); r > 0 {
		emitDense(f, a, "", d, r, x.Gated)
	}
}

func emitExperts(f func(Tensor), a *Architecture, width, eff, n int64, x *FFN) {
	expert := func(name string, role Role, cols, rows int64) {
		f(Tensor{Name: name, Role: role, Cols: cols, Rows: rows, Depth: n, Routed: true})
	}
	switch {
	case x.Gated && a.FusedExpertGateUp:
		expert("ffn_gate_up_exps.weight", RoleFFNGate, width, 2*eff)
	case x.Gated:
		expert("ffn_gate_exps.weight", RoleFFNGate, width, eff)
		expert("ffn_up_exps.weight", RoleFFNUp, width, eff)
	default:
		expert("ffn_up_exps.weight", RoleFFNUp, width, eff)
	}
	expert("ffn_down_exps.weight", RoleFFNDown, eff, width)
	if x.ExpertBias {
		bias := func(name string, w int64) {
			f(Tensor{Name: name, Role: RoleFixed, Cols: w, Rows: n, Depth: 1, Routed: true})
		}
		if x.Gated {
			bias("ffn_gate_exps.bias", eff)
		}
		bias("ffn_up_exps.bias", eff)
		bias("ffn_down_exps.bias", width)
	}
}
