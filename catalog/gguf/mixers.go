package gguf

import "runlocal/catalog"

func (l *layer) isDeltaNet() bool {
	return l.has("attn_qkv.weight") && l.has("ssm_conv1d.weight") && (l.has("ssm_ba.weight") || l.has("ssm_beta.weight"))
}

// mixer finds out from a layer's tensors how it mixes tokens.
func (d *describer) mixer(l *layer) (catalog.Mixer, error) {
	switch {
	case l.has("ssm_conv1d_q.weight"):
		return d.kda(l), nil
	case l.has("attn_kv_a_mqa.weight"):
		return d.latent(l)
	case l.has("attn_kv.weight") && l.has("attn_output_a.weight"):
		return d.compressed(l), nil
	case l.has("time_mix_k_k.weight"), l.has("time_mix_w1.weight"):
		return d.rwkv(l)
	case l.isDeltaNet():
		return d.deltaNet(l)
	case l.has("shortconv.conv.weight"):
		return catalog.Mixer{Type: catalog.MixerShortConv, Width: d.size("shortconv.l_cache", d.key("shortconv.l_cache", l.index, l.dim("shortconv.conv.weight", 0)))}, nil
	}
	var parts []catalog.Mixer
	if l.has("attn_q.weight") || l.has("attn_qkv.weight") || l.has("attn_q_b.weight") {
		x, err := d.attention(l)
		if err != nil {
			return x, err
		}
		parts = append(parts, x)
	}
	if l.has("ssm_in.weight") {
		x, err := d.mamba(l)
		if err != nil {
			return x, err
		}
		parts = append(parts, x)
	}
	switch len(parts) {
	case 0:
		return catalog.Mixer{Type: catalog.MixerNone}, nil
	case 1:
		return parts[0], nil
	}
	return catalog.Mixer{Type: catalog.MixerParallel, Mixers: parts}, nil
}

// positive refuses a mixer without one of the numbers that it can't do without.
func positive(x catalog.Mixer, what string, numbers ...int) (catalog.Mixer, error) {
	for _, n := range numbers {
		if n < 1 {
			return x, damaged("", "its keys do not tell %s", what)
		}
	}
	return x, nil
}

func (d *describer) attention(l *layer) (catalog.Mixer, error) {
	i := l.index
	x := catalog.Mixer{
		Type: catalog.MixerAttention, Heads: d.size("attention.head_count", d.key("attention.head_count", i, 0)),
		QBias: l.has("attn_q.bias"), KVBias: l.has("attn_k.bias") && l.has("attn_v.bias"), VBias: l.has("attn_v.bias") && !l.has("attn_k.bias"),
		OBias: l.has("attn_output.bias"), Sinks: l.has("attn_sinks.weight"),
		QLoraRank: d.size("attn_q_a.weight", l.dim("attn_q_a.weight", 1)),
	}
	window, chunked := d.window(i)
	if chunked {
		x.Chunk = d.size("chunk", window)
	} else {
		x.Window = d.size("attention.sliding_window", window)
	}
	x.HeadDim, x.VHeadDim = d.headDims(l, x.Heads, window > 0 && !chunked)
	kv := d.key("attention.head_count_kv", i, int64(x.Heads))
	if kv == 0 && x.HeadDim > 0 {
		kv = l.dim("attn_k.weight", 1) / int64(x.HeadDim)
	}
	x.KVHeads = d.size("attention.head_count_kv", kv)
	if shared := d.key("attention.shared_kv_layers", i, 0); int64(len(d.layers)-i) <= shared {
		x.SharesKVOf = "previous"
	}
	x.KEqV = l.has("attn_k.weight") && !l.has("attn_v.weight") && x.SharesKVOf == ""
	d.gateAndNorm(&x, l)
	if int64(x.KVHeads)*int64(max(x.HeadDim, x.VHeadDim)) > maxRow || int64(x.Heads)*int64(x.HeadDim) > maxWidth {
		return x, damaged("", "%d heads of %d elements", x.Heads, x.HeadDim)
	}
	if x.VHeadDim == x.HeadDim {
		x.VHeadDim = 0 // the catalog's way to say so
	}
	return positive(x, "how many heads there are, and how wide", x.Heads, x.KVHeads, x.HeadDim)
}

// headDims are the widths of a key and a value head, which layers with a
// window may have of their own.
func (d *describer) headDims(l *layer, heads int, windowed bool) (k, v int) {
	usual := int64(0)
	if heads > 0 {
		usual = d.hidden / int64(heads)
	}
	key := d.key("attention.key_length", l.index, usual)
	value := d.key("attention.value_length", l.index, usual)
	if windowed {
		key = d.key("attention.key_length_swa", l.index, key)
		value = d.key("attention.value_length_swa", l.index, value)
	}
	return d.size("attention.key_length", key), d.size("attention.value_length", value)
}

func (d *describer) gateAndNorm(x *catalog.Mixer, l *layer) {
	q := int64(x.Heads) * int64(x.HeadDim)
	switch {
	case q > 0 && (l.dim("attn_q.weight", 1) == 2*q || l.dim("attn_q_b.weight", 1) == 2*q):
		x.OutputGate = "full"
	case x.Heads > 0 && l.dim("attn_gate.weight", 1) == int64(x.Heads):
		x.OutputGate = "head"
	}
	switch n := l.elements("attn_q_norm.weight"); {
	case n > 0 && n == int64(x.HeadDim):
		x.QKNorm = "head"
	case n > 0 && n == q:
		x.QKNorm = "full"
	}
}

// window is how far a layer looks back, tokens; 0 = to the beginning.
func (d *describer) window(i int) (tokens int64, chunked bool) {
	w, stated := d.at("attention.sliding_window", i)
	if d.layout.Chunk > 0 && (!stated || w > 0) {
		w, chunked = int64(d.layout.Chunk), true
	}
	if w <= 0 || !d.windowed(i) {
		return 0, false
	}
	return w, chunked
}

// windowed tells whether a layer is one of those with the window: the file
// may list them, or say how often one has none, or leave it to the loader.
func (d *describer) windowed(i int) bool {
	period := int64(d.layout.WindowPeriod)
	if v, ok := d.f.keys[d.prefix+"attention.sliding_window_pattern"]; ok {
		if v.array {
			n, _ := d.at("attention.sliding_window_pattern", i)
			return n != 0
		}
		period, _ = v.Int()
	}
	at := int64(i)
	switch {
	case period <= 0:
		return !d.layout.SlidingWindowCache // all of them, where it does not make the cache smaller
	case d.layout.FullFirst:
		return at%period != 0
	}
	return at%period < period-1
}

// latent is multi-head latent attention. Files from before April 2025 keep
// the keys' and values' projections in one tensor; runtimes cache those as
// ordinary heads.
func (d *describer) latent(l *layer) (catalog.Mixer, error) {
	i := l.index
	heads := d.size("attention.head_count", d.key("attention.head_count", i, l.dim("attn_k_b.weight", 2)))
	rank := d.key("attention.kv_lora_rank", i, l.dim("attn_kv_a_norm.weight", 0))
	if d.layout.PlainMLA {
		return d.plainLatent(l, heads, rank)
	}
	if !l.has("attn_k_b.weight") {
		x := catalog.Mixer{Type: catalog.MixerAttention, Heads: heads, KVHeads: heads, QLoraRank: d.size("attn_q_a.weight", l.dim("attn_q_a.weight", 1))}
		x.HeadDim, x.VHeadDim = d.headDims(l, 0, false)
		if int64(heads)*int64(max(x.HeadDim, x.VHeadDim)) > maxRow {
			return x, damaged("", "%d heads of %d elements", heads, x.HeadDim)
		}
		return positive(x, "how many heads there are, and how wide", heads, x.HeadDim)
	}
	x := catalog.Mixer{
		Type: catalog.MixerMLA, Heads: heads,
		QLoraRank:     d.size("attn_q_a.weight", l.dim("attn_q_a.weight", 1)),
		KVLoraRank:    d.size("attention.kv_lora_rank", rank),
		QKRopeHeadDim: d.size("attn_kv_a_mqa.weight", l.dim("attn_kv_a_mqa.weight", 1)-rank),
		QKNopeHeadDim: d.size("attn_k_b.weight", l.dim("attn_k_b.weight", 0)),
		VHeadDim:      d.size("attn_v_b.weight", l.dim("attn_v_b.weight", 1)),
		Indexer:       d.indexer(l),
	}
	if x.KVLoraRank+x.QKRopeHeadDim > maxRow || int64(heads)*int64(x.KVLoraRank) > maxWidth {
		return x, damaged("", "%d heads over a latent of %d elements", heads, x.KVLoraRank)
	}
	return positive(x, "the parts of latent attention", heads, x.KVLoraRank, x.QKRopeHeadDim, x.QKNopeHeadDim, x.VHeadDim)
}

// plainLatent is latent attention that the runtime decompresses before it
// caches: one tensor holds the projections of keys and values.
func (d *describer) plainLatent(l *layer, heads int, rank int64) (catalog.Mixer, error) {
	rope := l.dim("attn_kv_a_mqa.weight", 1) - rank
	nope := d.key("attention.key_length", l.index, 0) - rope
	value := l.dim("attn_kv_b.weight", 1)/int64(max(1, heads)) - nope
	x := catalog.Mixer{
		Type: catalog.MixerMLA, Heads: heads,
		QLoraRank:     d.size("attn_q_a.weight", l.dim("attn_q_a.weight", 1)),
		KVLoraRank:    d.size("attention.kv_lora_rank", rank),
		QKRopeHeadDim: d.size("attn_kv_a_mqa.weight", rope),
		QKNopeHeadDim: d.size("attention.key_length", nope),
		VHeadDim:      d.size("attn_kv_b.weight", value),
	}
	if int64(heads)*int64(x.QKNopeHeadDim+x.QKRopeHeadDim+x.VHeadDim) > maxRow {
		return x, damaged("", "%d heads of %d elements", heads, x.QKNopeHeadDim+x.QKRopeHeadDim)
	}
	return positive(x, "the parts of latent attention", heads, x.KVLoraRank, x.QKRopeHeadDim, x.QKNopeHeadDim, x.VHeadDim)
}

func (d *describer) indexer(l *layer) *catalog.Indexer {
	heads, ok := d.at("attention.indexer.head_count", l.index)
	if !ok || !l.has("indexer.attn_q_b.weight") {
		return nil
	}
	return &catalog.Indexer{
		Heads:   d.size("attention.indexer.head_count", heads),
		HeadDim: d.size("attention.indexer.key_length", d.key("attention.indexer.key_length", l.index, 0)),
		TopK:    d.size("attention.indexer.top_k", d.key("attention.indexer.top_k", l.index, 0)),
	}
}

// compressed is DeepSeek V4's attention: one shared vector a token.
func (d *describer) compressed(l *layer) catalog.Mixer {
	i := l.index
	x := catalog.Mixer{
		Type: catalog.MixerCSA, Heads: d.size("attention.head_count", d.key("attention.head_count", i, 0)),
		HeadDim:   d.size("attn_kv.weight", min(l.dim("attn_kv.weight", 1), maxRow)),
		QLoraRank: d.size("attn_q_a.weight", l.dim("attn_q_a.weight", 1)),
		Window:    d.size("attention.sliding_window", d.key("attention.sliding_window", i, 0)),
		Compress:  d.size("attention.compress_ratios", d.key("attention.compress_ratios", i, 0)),
		OGroups:   d.size("attention.output_group_count", d.key("attention.output_group_count", i, 1)),
		Indexer:   d.indexer(l),
	}
	x.OLoraRank = d.size("attn_output_b.weight", l.dim("attn_output_b.weight", 0)/int64(max(1, x.OGroups)))
	return x
}
