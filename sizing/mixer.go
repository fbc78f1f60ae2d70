package sizing

import "runlocal/catalog"

// addMixer adds to a kind what a mixer keeps: cache rows a token and state a
// sequence. A new mixer is one case here and its tensors in the catalog.
func (c *compiled) addMixer(k *kind, x *catalog.Mixer) {
	switch x.Type {
	case catalog.MixerAttention:
		c.addAttention(k, x)
	case catalog.MixerMLA:
		c.addMLA(k, x)
	case catalog.MixerCSA:
		addCSA(k, x)
	case catalog.MixerParallel:
		for i := range x.Mixers {
			c.addMixer(k, &x.Mixers[i])
		}
	default:
		addRecurrent(k, x, c.hidden)
	}
}

// addMLA adds the compressed cache: one latent vector and the RoPE part a
// token. An architecture that llama.cpp decompresses keeps full heads.
func (c *compiled) addMLA(k *kind, x *catalog.Mixer) {
	h := int64(x.Heads)
	k.cached = true
	k.heads, k.query = h, h*int64(x.QKNopeHeadDim)
	if c.arch.PlainMLA {
		head := int64(x.QKNopeHeadDim + x.QKRopeHeadDim)
		k.cache = cacheRow{k: h * head, v: h * int64(x.VHeadDim), headDim: head}
		return
	}
	k.cache = cacheRow{k: int64(x.KVLoraRank + x.QKRopeHeadDim), mla: true}
}

func (c *compiled) addAttention(k *kind, x *catalog.Mixer) {
	v := x.VHeadDim
	if v == 0 {
		v = x.HeadDim
	}
	k.heads, k.query = int64(x.Heads), int64(x.Heads)*int64(x.HeadDim)
	k.cached = x.SharesKVOf == "" && !x.Cross
	k.swa = windowOf(x) > 0 && c.arch.SlidingWindowCache
	k.cache = cacheRow{
		k: int64(x.KVHeads) * int64(x.HeadDim), v: int64(x.KVHeads) * int64(v), headDim: int64(x.HeadDim),
	}
}

// addRecurrent adds a fixed state: conv holds the last inputs of the
// convolution (or of the token shift), state the recurrence itself, both in
// f32 elements a sequence.
func addRecurrent(k *kind, x *catalog.Mixer, hidden int64) {
	var conv, state int64
	switch x.Type {
	case catalog.MixerMamba1:
		conv, state = int64(x.DConv-1)*int64(x.DInner), int64(x.DState)*int64(x.DInner)
	case catalog.MixerMamba2:
		conv = int64(x.DConv-1) * (int64(x.DInner) + 2*int64(x.NGroups)*int64(x.DState))
		state = int64(x.DState) * int64(x.DInner)
	case catalog.MixerGatedDeltaNet:
		inner := int64(x.ValueHeads) * int64(x.ValueHeadDim)
		conv = int64(x.Conv-1) * (inner + 2*int64(x.KeyHeads)*int64(x.KeyHeadDim))
		state = int64(x.KeyHeadDim) * inner
	case catalog.MixerShortConv:
		conv = hidden * int64(x.Width-1)
	case catalog.MixerKDA:
		w := int64(x.Heads) * int64(x.HeadDim)
		conv, state = 3*int64(x.Conv-1)*w, w*int64(x.HeadDim)
	case catalog.MixerLightning:
		state = int64(x.Heads) * int64(x.HeadDim) * int64(x.HeadDim)
	case catalog.MixerRWKV6, catalog.MixerRWKV7:
		conv, state = 2*hidden, hidden*int64(x.HeadDim)
	case catalog.MixerRGLRU:
		conv, state = int64(x.Conv-1)*int64(x.Width), int64(x.Width)
	default:
		return
	}
	k.recurrent = true
	k.rsConv, k.rsState = conv, state
	k.stateCopy = state + 2*conv
}
