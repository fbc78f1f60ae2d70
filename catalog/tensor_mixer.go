package catalog

// emitMixer emits the tensors of a mixer in a stream of width d.
func emitMixer(f func(Tensor), a *Architecture, d int64, x *Mixer) {
	switch x.Type {
	case MixerAttention:
		emitAttention(f, a, d, x)
	case MixerMLA:
		emitMLA(f, a, d, x)
	case MixerCSA:
		emitCSA(f, d, x)
	case MixerMamba1:
		emitMamba1(f, d, x)
	case MixerMamba2:
		emitMamba2(f, d, x)
	case MixerGatedDeltaNet:
		emitGatedDeltaNet(f, a, d, x)
	case MixerParallel:
		for i := range x.Mixers {
			emitMixer(f, a, d, &x.Mixers[i])
		}
	default:
		emitLinearMixer(f, d, x)
	}
}

func emitAttention(f func(Tensor), a *Architecture, d int64, x *Mixer) {
	hd := int64(x.HeadDim)
	q, k, v := int64(x.Heads)*hd, int64(x.KVHeads)*hd, int64(x.KVHeads)*x.valueDim()
	o := int64(x.Heads) * x.valueDim()
	qOut := q
	if x.OutputGate == "full" {
		qOut = 2 * q
	}
	switch {
	case x.QLoraRank > 0:
		r := int64(x.QLoraRank)
		f(matrix("attn_q_a.weight", RoleOther, d, r))
		f(vector("attn_q_a_norm.weight", r))
		f(matrix("attn_q_b.weight", RoleOther, r, qOut))
	case a.FusedQKV && x.SharesKVOf == "" && !x.KEqV:
		f(matrix("attn_qkv.weight", RoleAttnV, d, qOut+k+v))
	default:
		f(matrix("attn_q.weight", RoleAttnQ, d, qOut))
	}
	if x.SharesKVOf == "" && (!a.FusedQKV || x.QLoraRank > 0) {
		f(matrix("attn_k.weight", RoleAttnK, d, k))
		if !x.KEqV {
			f(matrix("attn_v.weight", RoleAttnV, d, v))
		}
	}
	f(matrix("attn_output.weight", RoleAttnOutput, o, d))
	emitAttentionExtras(f, d, x, qOut, k, v)
}

func (x *Mixer) valueDim() int64 {
	if x.VHeadDim > 0 {
		return int64(x.VHeadDim)
	}
	return int64(x.HeadDim)
}

func emitAttentionExtras(f func(Tensor), d int64, x *Mixer, q, k, v int64) {
	if x.QBias {
		f(vector("attn_q.bias", q))
	}
	if x.SharesKVOf == "" {
		if x.KVBias {
			f(vector("attn_k.bias", k))
		}
		if x.KVBias || x.VBias {
			f(vector("attn_v.bias", v))
		}
	}
	if x.OBias {
		f(vector("attn_output.bias", d))
	}
	if x.OutputGate == "head" {
		f(matrix("attn_gate.weight", RoleOther, d, int64(x.Heads)))
	}
	if x.Sinks {
		f(vector("attn_sinks.weight", int64(x.Heads)))
	}
	qn, kn := int64(0), int64(0)
	switch x.QKNorm {
	case "head":
		qn, kn = int64(x.HeadDim), int64(x.HeadDim)
	case "full":
		qn, kn = int64(x.Heads)*int64(x.HeadDim), k
	}
	if qn > 0 {
		f(vector("attn_q_norm.weight", qn))
		if x.SharesKVOf == "" {
			f(vector("attn_k_norm.weight", kn))
		}
	}
}

func emitMLA(f func(Tensor), a *Architecture, d int64, x *Mixer) {
	h, rope, nope := int64(x.Heads), int64(x.QKRopeHeadDim), int64(x.QKNopeHeadDim)
	kvr, vd := int64(x.KVLoraRank), int64(x.VHeadDim)
	q := h * (nope + rope)
	if x.QLoraRank > 0 {
		r := int64(x.QLoraRank)
		f(matrix("attn_q_a.weight", RoleOther, d, r))
		f(vector("attn_q_a_norm.weight", r))
		f(matrix("attn_q_b.weight", RoleOther, r, q))
	} else {
		f(matrix("attn_q.weight", RoleAttnQ, d, q))
	}
	f(matrix("attn_kv_a_mqa.weight", RoleOther, d, kvr+rope))
	f(vector("attn_kv_a_norm.weight", kvr))
	if a.PlainMLA {
		f(matrix("attn_kv_b.weight", RoleAttnV, kvr, h*(nope+vd)))
	} else {
		f(Tensor{Name: "attn_k_b.weight", Role: RoleOther, Cols: nope, Rows: kvr, Depth: h})
		f(Tensor{Name: "attn_v_b.weight", Role: RoleOther, Cols: kvr, Rows: vd, Depth: h})
	}
	f(matrix("attn_output.weight", RoleAttnOutput, h*vd, d))
	emitIndexer(f, d, int64(x.QLoraRank), x.Indexer)
}

// emitIndexer emits DeepSeek's index attention: queries from the compressed
// query, one key head with a LayerNorm, and a weight a head.
func emitIndexer(f func(Tensor), d, qRank int64, x *Indexer) {
	if x == nil {
		return
	}
	h, hd := int64(x.Heads), int64(x.HeadDim)
	f(matrix("indexer.attn_q_b.weight", RoleOther, qRank, h*hd))
	f(matrix("indexer.attn_k.weight", RoleOther, d, hd))
	f(vector("indexer.k_norm.weight", hd))
	f(vector("indexer.k_norm.bias", hd))
	f(matrix("indexer.proj.weight", RoleOther, d, h))
}

func emitMamba1(f func(Tensor), d int64, x *Mixer) {
	in, st, r := int64(x.DInner), int64(x.DState), int64(x.DtRank)
	f(matrix("ssm_in.weight", RoleOther, d, 2*in))
	f(fixedMatrix("ssm_conv1d.weight", int64(x.DConv), in))
	f(vector("ssm_conv1d.bias", in))
	f(matrix("ssm_x.weight", RoleOther, in, r+2*st))
	f(matrix("ssm_dt.weight", RoleOther, r, in))
	f(vector("ssm_dt.bias", in))
	f(fixedMatrix("ssm_a", st, in))
	f(vector("ssm_d", in))
	f(matrix("ssm_out.weight", RoleOther, in, d))
	if x.InnerNorms {
		f(vector("ssm_dt_norm.weight", r))
		f(vector("ssm_b_norm.weight", st))
		f(vector("ssm_c_norm.weight", st))
	}
}

func emitMamba2(f func(Tensor), d int64, x *Mixer) {
	in, h := int64(x.DInner), int64(x.Heads)
	conv := in + 2*int64(x.NGroups)*int64(x.DState)
	f(matrix("ssm_in.weight", RoleOther, d, in+conv+h))
	f(fixedMatrix("ssm_conv1d.weight", int64(x.DConv), conv))
	f(vector("ssm_conv1d.bias", conv))
	f(vector("ssm_dt.bias", h))
	f(vector("ssm_a", h))
	f(vector("ssm_d", h))
	if x.Norm == nil || *x.Norm {
		f(vector("ssm_norm.weight", in))
	}
	f(matrix("ssm_out.weight", RoleOther, in, d))
}

func emitGatedDeltaNet(f func(Tensor), a *Architecture, d int64, x *Mixer) {
	vh := int64(x.ValueHeads)
	inner := vh * int64(x.ValueHeadDim)
	conv := inner + 2*int64(x.KeyHeads)*int64(x.KeyHeadDim)
	f(matrix("attn_qkv.weight", RoleAttnV, d, conv))
	f(matrix("attn_gate.weight", RoleOther, d, inner))
	f(fixedMatrix("ssm_conv1d.weight", int64(x.Conv), conv))
	f(vector("ssm_dt.bias", vh))
	f(vector("ssm_a", vh))
	if a.SplitBetaAlpha {
		f(matrix("ssm_beta.weight", RoleOther, d, vh))
		f(matrix("ssm_alpha.weight", RoleOther, d, vh))
	} else {
		f(matrix("ssm_ba.weight", RoleOther, d, 2*vh))
	}
	f(vector("ssm_norm.weight", int64(x.ValueHeadDim)))
	f(matrix("ssm_out.weight", RoleOther, inner, d))
}
