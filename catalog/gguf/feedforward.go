package gguf

import "runlocal/catalog"

// feedForward finds out from a layer's tensors what its feed-forward is.
func (d *describer) feedForward(l *layer) (catalog.FFN, error) {
	switch {
	case l.has("ffn_down_exps.weight"):
		return d.experts(l)
	case l.has("ffn_down.weight"):
		ff := l.dim("ffn_down.weight", 0)
		return catalog.FFN{
			Type: catalog.FFNDense, Intermediate: d.size("ffn_down.weight", ff),
			Gated: l.has("ffn_gate.weight") || l.dim("ffn_up.weight", 1) == 2*ff,
			Bias:  l.has("ffn_down.bias") && l.has("ffn_up.bias"),
		}, nil
	case l.has("channel_mix_value.weight"):
		return catalog.FFN{Type: catalog.FFNDense, Intermediate: d.size("channel_mix_value.weight", l.dim("channel_mix_value.weight", 0))}, nil
	}
	return catalog.FFN{Type: catalog.FFNNone}, nil
}

func (d *describer) experts(l *layer) (catalog.FFN, error) {
	n, width := l.dim("ffn_down_exps.weight", 2), l.dim("ffn_down_exps.weight", 1)
	active := d.key("expert_used_count", l.index, 0)
	if active < 1 || active > n {
		return catalog.FFN{}, damaged(keyName(d.prefix+"expert_used_count"), "%d of %d experts", active, n)
	}
	x := catalog.FFN{
		Type: catalog.FFNMoE, Experts: d.size("ffn_down_exps.weight", n), Active: d.size("expert_used_count", active),
		ExpertIntermediate: d.size("ffn_down_exps.weight", l.dim("ffn_down_exps.weight", 0)),
		Gated:              l.has("ffn_gate_exps.weight") || l.has("ffn_gate_up_exps.weight"),
		RouterBias:         l.has("exp_probs_b.bias"),
		SharedGate:         l.has("ffn_gate_inp_shexp.weight"),
		ExpertBias:         l.has("ffn_down_exps.bias") && l.has("ffn_up_exps.bias"),
	}
	if width != d.hidden {
		x.Latent = d.size("ffn_down_exps.weight", width)
	}
	if shared := l.dim("ffn_down_shexp.weight", 0); shared > 0 {
		count := max(1, d.key("expert_shared_count", l.index, 1))
		if shared%count != 0 {
			count = 1
		}
		x.SharedExperts = d.size("expert_shared_count", count)
		x.SharedIntermediate = d.size("ffn_down_shexp.weight", shared/count)
	}
	d.routing(l, &x)
	x.DenseResidualIntermediate = d.size("ffn_down.weight", l.dim("ffn_down.weight", 0))
	return x, nil
}

// routing is how the chosen experts are weighed and whether they are chosen by
// groups. A file that states the scale of the weights states also whether they
// are divided by their sum.
func (d *describer) routing(l *layer, x *catalog.FFN) {
	x.ExpertGroups = d.size("expert_group_count", d.key("expert_group_count", l.index, 0))
	normed, stated := d.at("expert_weights_norm", l.index)
	scale, scaled := d.f.keys[d.prefix+"expert_weights_scale"]
	if scaled {
		x.WeightScale, _ = scale.Float()
	}
	x.PlainWeights = normed == 0 && (stated || scaled)
}
