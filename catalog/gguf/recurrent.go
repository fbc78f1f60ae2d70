package gguf

import "runlocal/catalog"

// maxState is the largest state of a layer for one sequence, elements.
const maxState = 1 << 28

// mamba is one of the two state space mixers: the first computes its steps
// from a projection of its own.
func (d *describer) mamba(l *layer) (catalog.Mixer, error) {
	i := l.index
	x := catalog.Mixer{
		Type:   catalog.MixerMamba2,
		DInner: d.size("ssm.inner_size", d.key("ssm.inner_size", i, l.dim("ssm_out.weight", 0))),
		DConv:  d.size("ssm.conv_kernel", d.key("ssm.conv_kernel", i, l.dim("ssm_conv1d.weight", 0))),
		DState: d.size("ssm.state_size", d.key("ssm.state_size", i, l.dim("ssm_a", 0))),
	}
	if int64(x.DInner)*int64(x.DState) > maxState {
		return x, damaged("", "a state of %d × %d elements", x.DInner, x.DState)
	}
	steps := d.key("ssm.time_step_rank", i, 0)
	if l.has("ssm_x.weight") {
		x.Type = catalog.MixerMamba1
		x.DtRank = d.size("ssm.time_step_rank", max(steps, l.dim("ssm_dt.weight", 0)))
		x.InnerNorms = l.has("ssm_dt_norm.weight")
		x.PlainNorms = d.key("ssm.dt_b_c_rms", i, 0) != 0 && !x.InnerNorms
		return positive(x, "the size of the state", x.DInner, x.DConv, x.DState, x.DtRank)
	}
	x.Heads = d.size("ssm.time_step_rank", max(steps, l.dim("ssm_dt.bias", 0)))
	x.NGroups = d.size("ssm.group_count", d.key("ssm.group_count", i, 1))
	if !l.has("ssm_norm.weight") {
		none := false
		x.Norm = &none
	}
	return positive(x, "the size of the state", x.DInner, x.DConv, x.DState, x.Heads, x.NGroups)
}

func (d *describer) deltaNet(l *layer) (catalog.Mixer, error) {
	i := l.index
	inner := int64(d.size("ssm.inner_size", d.key("ssm.inner_size", i, l.dim("ssm_out.weight", 0))))
	x := catalog.Mixer{
		Type:       catalog.MixerGatedDeltaNet,
		ValueHeads: d.size("ssm.time_step_rank", d.key("ssm.time_step_rank", i, l.elements("ssm_a"))),
		KeyHeads:   d.size("ssm.group_count", d.key("ssm.group_count", i, 0)),
		KeyHeadDim: d.size("ssm.state_size", d.key("ssm.state_size", i, l.elements("ssm_norm.weight"))),
		Conv:       d.size("ssm.conv_kernel", d.key("ssm.conv_kernel", i, l.dim("ssm_conv1d.weight", 0))),
	}
	x.ValueHeadDim = d.size("ssm.inner_size", inner/int64(max(1, x.ValueHeads)))
	if inner*int64(x.KeyHeadDim) > maxState || int64(x.KeyHeads)*int64(x.KeyHeadDim) > maxWidth {
		return x, damaged("", "a state of %d × %d elements", inner, x.KeyHeadDim)
	}
	return positive(x, "the size of the state", x.ValueHeads, x.KeyHeads, x.KeyHeadDim, x.ValueHeadDim, x.Conv)
}

// kda is Kimi's delta attention; its widths stand in its convolutions.
func (d *describer) kda(l *layer) catalog.Mixer {
	head := max(1, l.elements("ssm_norm.weight"))
	taps := max(1, l.dim("ssm_conv1d_q.weight", 0))
	return catalog.Mixer{
		Type: catalog.MixerKDA, HeadDim: d.size("ssm_norm.weight", min(head, maxRow>>8)),
		Heads: d.size("ssm_conv1d_q.weight", l.elements("ssm_conv1d_q.weight")/taps/head),
		Conv:  d.size("ssm_conv1d_q.weight", taps),
	}
}

func (d *describer) rwkv(l *layer) (catalog.Mixer, error) {
	head := d.key("wkv.head_size", l.index, 0)
	x := catalog.Mixer{Type: catalog.MixerRWKV6, HeadDim: d.size("wkv.head_size", head)}
	if x.HeadDim < 1 || d.hidden*head > maxState {
		return x, damaged(keyName(d.prefix+"wkv.head_size"), "%d", head)
	}
	x.Heads = d.size("wkv.head_size", d.hidden/head)
	if !l.has("time_mix_k_k.weight") {
		x.MixRank = d.size("time_mix_w1.weight", l.dim("time_mix_w1.weight", 1)/5)
		x.DecayRank = d.size("time_mix_decay_w1.weight", l.dim("time_mix_decay_w1.weight", 1))
		return x, nil
	}
	x.Type = catalog.MixerRWKV7
	x.DecayRank = d.size("time_mix_w1.weight", l.dim("time_mix_w1.weight", 1))
	x.ARank = d.size("time_mix_a1.weight", l.dim("time_mix_a1.weight", 1))
	x.ValueRank = d.size("time_mix_v1.weight", l.dim("time_mix_v1.weight", 1))
	x.GateRank = d.size("time_mix_g1.weight", l.dim("time_mix_g1.weight", 1))
	return x, nil
}
