package catalog

// emitLinearMixer emits the tensors of the mixers with a fixed state and of
// short convolutions.
func emitLinearMixer(f func(Tensor), d int64, x *Mixer) {
	switch x.Type {
	case MixerShortConv:
		f(fixedMatrix("shortconv.conv.weight", int64(x.Width), d))
		f(matrix("shortconv.in_proj.weight", RoleOther, d, 3*d))
		f(matrix("shortconv.out_proj.weight", RoleOther, d, d))
	case MixerKDA:
		emitKDA(f, d, x)
	case MixerLightning:
		emitLightning(f, d, x)
	case MixerRWKV6:
		emitRWKV6(f, d, x)
	case MixerRWKV7:
		emitRWKV7(f, d, x)
	case MixerRGLRU:
		emitRGLRU(f, d, x)
	}
}

func emitKDA(f func(Tensor), d int64, x *Mixer) {
	h, hd := int64(x.Heads), int64(x.HeadDim)
	w := h * hd
	f(matrix("attn_q.weight", RoleAttnQ, d, w))
	f(matrix("attn_k.weight", RoleAttnK, d, w))
	f(matrix("attn_v.weight", RoleAttnV, d, w))
	for _, name := range []string{"ssm_conv1d_q.weight", "ssm_conv1d_k.weight", "ssm_conv1d_v.weight"} {
		f(fixedMatrix(name, int64(x.Conv), w))
	}
	f(matrix("ssm_f_a.weight", RoleOther, d, hd))
	f(matrix("ssm_f_b.weight", RoleOther, hd, w))
	f(matrix("ssm_beta.weight", RoleOther, d, h))
	f(matrix("ssm_g_a.weight", RoleOther, d, hd))
	f(matrix("ssm_g_b.weight", RoleOther, hd, w))
	f(vector("ssm_a", h))
	f(vector("ssm_dt.bias", w))
	f(vector("ssm_norm.weight", hd))
	f(matrix("attn_output.weight", RoleAttnOutput, w, d))
}

func emitLightning(f func(Tensor), d int64, x *Mixer) {
	w := int64(x.Heads) * int64(x.HeadDim)
	f(matrix("attn_qkv.weight", RoleAttnV, d, 3*w))
	f(matrix("attn_gate.weight", RoleOther, d, w))
	f(vector("attn_norm_2.weight", w))
	f(matrix("attn_output.weight", RoleAttnOutput, w, d))
}

func emitRWKV6(f func(Tensor), d int64, x *Mixer) {
	mix, decay := int64(x.MixRank), int64(x.DecayRank)
	f(vector("time_mix_lerp.weight", 6*d))
	f(fixedMatrix("time_mix_w1.weight", d, 5*mix))
	f(Tensor{Name: "time_mix_w2.weight", Role: RoleFixed, Cols: mix, Rows: d, Depth: 5})
	f(vector("time_mix_decay.weight", d))
	f(fixedMatrix("time_mix_decay_w1.weight", d, decay))
	f(fixedMatrix("time_mix_decay_w2.weight", decay, d))
	f(fixedMatrix("time_mix_first.weight", int64(x.HeadDim), int64(x.Heads)))
	emitNorm(f, "time_mix_ln", d, true)
	for _, name := range []string{"receptance", "key", "value", "gate", "output"} {
		f(matrix("time_mix_"+name+".weight", RoleOther, d, d))
	}
	f(vector("channel_mix_lerp.weight", 2*d))
	f(matrix("channel_mix_receptance.weight", RoleOther, d, d))
}

func emitRWKV7(f func(Tensor), d int64, x *Mixer) {
	lora := func(name string, rank int) {
		f(vector("time_mix_"+name+"0.weight", d))
		f(fixedMatrix("time_mix_"+name+"1.weight", d, int64(rank)))
		f(fixedMatrix("time_mix_"+name+"2.weight", int64(rank), d))
	}
	lora("w", x.DecayRank)
	lora("a", x.ARank)
	if x.ValueRank > 0 {
		lora("v", x.ValueRank)
	}
	f(fixedMatrix("time_mix_g1.weight", d, int64(x.GateRank)))
	f(fixedMatrix("time_mix_g2.weight", int64(x.GateRank), d))
	f(vector("time_mix_lerp_fused.weight", 6*d))
	f(vector("time_mix_k_k.weight", d))
	f(vector("time_mix_k_a.weight", d))
	f(vector("time_mix_r_k.weight", d))
	emitNorm(f, "time_mix_ln", d, true)
	for _, name := range []string{"receptance", "key", "value", "output"} {
		f(matrix("time_mix_"+name+".weight", RoleOther, d, d))
	}
	f(vector("channel_mix_lerp_k.weight", d))
}

func emitRGLRU(f func(Tensor), d int64, x *Mixer) {
	w, h := int64(x.Width), int64(x.Heads)
	for _, name := range []string{"rglru_x", "rglru_y"} {
		f(matrix(name+".weight", RoleOther, d, w))
		f(vector(name+".bias", w))
	}
	f(fixedMatrix("ssm_conv1d.weight", int64(x.Conv), w))
	f(vector("ssm_conv1d.bias", w))
	for _, name := range []string{"rglru_input_gate", "rglru_recurrent_gate"} {
		f(Tensor{Name: name + ".weight", Role: RoleOther, Cols: w / h, Rows: w / h, Depth: h})
		f(vector(name+".bias", w))
	}
	f(vector("rglru_a", w))
	f(matrix("rglru_out.weight", RoleOther, w, d))
	f(vector("rglru_out.bias", d))
}

// emitCSA emits DeepSeek V4's compressed sparse attention: a low-rank query,
// one shared key-value vector a token, a grouped low-rank output, and the
// compressors of the older tokens.
func emitCSA(f func(Tensor), d int64, x *Mixer) {
	h, hd, qr := int64(x.Heads), int64(x.HeadDim), int64(x.QLoraRank)
	f(matrix("attn_q_a.weight", RoleOther, d, qr))
	f(vector("attn_q_a_norm.weight", qr))
	f(matrix("attn_q_b.weight", RoleOther, qr, h*hd))
	f(matrix("attn_kv.weight", RoleOther, d, hd))
	f(vector("attn_kv_norm.weight", hd))
	f(vector("attn_sinks.weight", h))
	f(matrix("attn_output_a.weight", RoleOther, h*hd/max(1, int64(x.OGroups)), int64(x.OGroups)*int64(x.OLoraRank)))
	f(matrix("attn_output_b.weight", RoleOther, int64(x.OGroups)*int64(x.OLoraRank), d))
	if x.Compress > 0 {
		emitCompressor(f, "attn_compress", d, hd, int64(x.Compress))
	}
	if ix := x.Indexer; ix != nil {
		f(matrix("indexer.attn_q_b.weight", RoleOther, qr, int64(ix.Heads)*int64(ix.HeadDim)))
		f(matrix("indexer.proj.weight", RoleOther, d, int64(ix.Heads)))
		emitCompressor(f, "indexer.compress", d, int64(ix.HeadDim), int64(x.Compress))
	}
}

// emitCompressor emits the parts that make one vector of every ratio tokens:
// values, gates, a position table and a norm; a ratio of 4 overlaps its
// windows and so has both twice.
func emitCompressor(f func(Tensor), name string, d, hd, ratio int64) {
	w := hd
	if ratio == 4 {
		w = 2 * hd
	}
	f(matrix(name+"_kv.weight", RoleOther, d, w))
	f(matrix(name+"_gate.weight", RoleOther, d, w))
	f(fixedMatrix(name+"_ape.weight", w, ratio))
	f(vector(name+"_norm.weight", hd))
}
