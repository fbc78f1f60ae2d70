package catalog

import "fmt"

// dimension is a field of a mixer that must be above zero for its type.
type dimension struct {
	name string
	of   func(*Mixer) int
}

//nolint:gochecknoglobals // tables, never written
var (
	dimHeads    = dimension{"heads", func(x *Mixer) int { return x.Heads }}
	dimHeadDim  = dimension{"head_dim", func(x *Mixer) int { return x.HeadDim }}
	dimKVHeads  = dimension{"kv_heads", func(x *Mixer) int { return x.KVHeads }}
	dimVHeadDim = dimension{"v_head_dim", func(x *Mixer) int { return x.VHeadDim }}
	dimConv     = dimension{"conv", func(x *Mixer) int { return x.Conv }}
	dimWidth    = dimension{"width", func(x *Mixer) int { return x.Width }}
	dimDInner   = dimension{"d_inner", func(x *Mixer) int { return x.DInner }}
	dimDState   = dimension{"d_state", func(x *Mixer) int { return x.DState }}
	dimDConv    = dimension{"d_conv", func(x *Mixer) int { return x.DConv }}
	dimDecay    = dimension{"decay_rank", func(x *Mixer) int { return x.DecayRank }}
)

// wanted lists what a mixer of each type cannot do without.
//
//nolint:gochecknoglobals // a table, never written
var wanted = map[string][]dimension{
	MixerAttention: {dimHeads, dimKVHeads, dimHeadDim},
	MixerMLA: {dimHeads, dimVHeadDim,
		{"kv_lora_rank", func(x *Mixer) int { return x.KVLoraRank }},
		{"qk_nope_head_dim", func(x *Mixer) int { return x.QKNopeHeadDim }},
		{"qk_rope_head_dim", func(x *Mixer) int { return x.QKRopeHeadDim }}},
	MixerCSA: {dimHeads, dimHeadDim,
		{"q_lora_rank", func(x *Mixer) int { return x.QLoraRank }},
		{"o_groups", func(x *Mixer) int { return x.OGroups }},
		{"o_lora_rank", func(x *Mixer) int { return x.OLoraRank }},
		{"window", func(x *Mixer) int { return x.Window }}},
	MixerMamba1: {dimDInner, dimDState, dimDConv,
		{"dt_rank", func(x *Mixer) int { return x.DtRank }}},
	MixerMamba2: {dimDInner, dimDState, dimDConv, dimHeads,
		{"n_groups", func(x *Mixer) int { return x.NGroups }}},
	MixerGatedDeltaNet: {dimConv,
		{"key_heads", func(x *Mixer) int { return x.KeyHeads }},
		{"value_heads", func(x *Mixer) int { return x.ValueHeads }},
		{"key_head_dim", func(x *Mixer) int { return x.KeyHeadDim }},
		{"value_head_dim", func(x *Mixer) int { return x.ValueHeadDim }}},
	MixerKDA:       {dimHeads, dimHeadDim, dimConv},
	MixerLightning: {dimHeads, dimHeadDim},
	MixerShortConv: {dimWidth},
	MixerRWKV6: {dimHeads, dimHeadDim, dimDecay,
		{"mix_rank", func(x *Mixer) int { return x.MixRank }}},
	MixerRWKV7: {dimHeads, dimHeadDim, dimDecay,
		{"a_rank", func(x *Mixer) int { return x.ARank }},
		{"gate_rank", func(x *Mixer) int { return x.GateRank }}},
	MixerRGLRU:    {dimWidth, dimConv, dimHeads},
	MixerParallel: nil,
	MixerNone:     nil,
}

func checkMixer(x *Mixer, depth int) error {
	dimensions, known := wanted[x.Type]
	if !known {
		return fmt.Errorf("unknown mixer type %q", x.Type)
	}
	if (x.Type == MixerParallel) != (len(x.Mixers) > 0) || len(x.Mixers) > maxMixers || depth > 1 {
		return fmt.Errorf("mixer %s: only parallel holds mixers, 1 to %d, none of them parallel again", x.Type, maxMixers)
	}
	for _, d := range dimensions {
		if d.of(x) < 1 {
			return fmt.Errorf("mixer %s wants %s", x.Type, d.name)
		}
	}
	for i := range x.Mixers {
		if err := checkMixer(&x.Mixers[i], depth+1); err != nil {
			return err
		}
	}
	return nil
}
