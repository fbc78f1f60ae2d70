package shard

import "runlocal/catalog"

// CacheSort says what a layer keeps.
type CacheSort uint8

// The sorts of caches.
const (
	Full    CacheSort = iota // keys and values of all tokens
	Sliding                  // of a window
	Chunked                  // of a chunk
	Latent                   // compressed keys and values
	Index                    // keys of an index that chooses tokens
	State                    // a fixed state for each sequence
)

// Cache is what one layer keeps. Widths are in elements of the whole model.
type Cache struct {
	Sort   CacheSort
	Heads  int64 // key heads; 1 of latent caches
	Width  int64 // elements a token and head: keys and values together
	Window int64 // tokens of a window or chunk

	Conv, Recurrent int64 // elements of a state: the convolution's, the recurrence's
}

// PerToken is how many elements a token takes on one GPU.
func (c Cache) PerToken(l Layout) int64 {
	switch c.Sort {
	case State:
		return 0
	case Latent, Index:
		return c.Width
	default:
		return max(1, ceil(c.Heads, int64(l.Tensor))) * c.Width
	}
}

// StateBytes is what a sequence takes of a state on one GPU: the convolution
// in the model's type, the recurrence in its own.
func (c Cache) StateBytes(l Layout, convBytes, recurrentBytes int64) int64 {
	n := int64(l.Tensor)
	return ceil(c.Conv, n)*convBytes + ceil(c.Recurrent, n)*recurrentBytes
}

// cachesOf lists what a mixer keeps.
func cachesOf(m *catalog.Model, x *catalog.Mixer) []Cache {
	if m.Encoder || x.SharesKVOf != "" || x.Cross {
		return nil
	}
	switch x.Type {
	case catalog.MixerNone, "":
		return nil
	case catalog.MixerParallel:
		var list []Cache
		for i := range x.Mixers {
			list = append(list, cachesOf(m, &x.Mixers[i])...)
		}
		return list
	case catalog.MixerAttention:
		return []Cache{attention(x)}
	case catalog.MixerMLA, catalog.MixerCSA:
		return latent(x)
	default:
		conv, rec := stateOf(x, int64(m.Hidden))
		return []Cache{{Sort: State, Conv: conv, Recurrent: rec}}
	}
}

func attention(x *catalog.Mixer) Cache {
	v := x.VHeadDim
	if v == 0 {
		v = x.HeadDim
	}
	c := Cache{Sort: Full, Heads: int64(max(1, x.KVHeads)), Width: int64(x.HeadDim + v)}
	switch {
	case x.Window > 0:
		c.Sort, c.Window = Sliding, int64(x.Window)
	case x.Chunk > 0:
		c.Sort, c.Window = Chunked, int64(x.Chunk)
	}
	return c
}

func latent(x *catalog.Mixer) []Cache {
	c := Cache{Sort: Latent, Heads: 1, Width: int64(x.KVLoraRank + x.QKRopeHeadDim)}
	if x.Type == catalog.MixerCSA {
		c.Width = ceil(int64(x.HeadDim), int64(max(1, x.Compress)))
	}
	list := []Cache{c}
	if ix := x.Indexer; ix != nil {
		list = append(list, Cache{Sort: Index, Heads: 1, Width: int64(ix.HeadDim)})
	}
	return list
}

// stateOf is the size of a linear mixer's state, elements. A convolution of
// so many taps keeps one input fewer.
func stateOf(x *catalog.Mixer, d int64) (conv, recurrent int64) {
	taps := func(n int) int64 { return int64(max(1, n) - 1) }
	switch x.Type {
	case catalog.MixerMamba1:
		in := int64(x.DInner)
		return in * taps(x.DConv), in * int64(x.DState)
	case catalog.MixerMamba2:
		in := int64(x.DInner)
		return (in + 2*int64(max(1, x.NGroups))*int64(x.DState)) * taps(x.DConv), in * int64(x.DState)
	case catalog.MixerGatedDeltaNet:
		keys, values := int64(x.KeyHeads)*int64(x.KeyHeadDim), int64(x.ValueHeads)*int64(x.ValueHeadDim)
		return (2*keys + values) * taps(x.Conv), values * int64(x.KeyHeadDim)
	case catalog.MixerKDA:
		w := int64(x.Heads) * int64(x.HeadDim)
		return 3 * w * taps(x.Conv), w * int64(x.HeadDim)
	case catalog.MixerShortConv:
		return d * taps(x.Width), 0
	case catalog.MixerRGLRU:
		return int64(x.Width) * taps(x.Conv), int64(x.Width)
	default: // RWKV and lightning attention: a square state a head
		w := int64(max(1, x.Heads)) * int64(max(1, x.HeadDim))
		return 2 * d, w * int64(max(1, x.HeadDim))
	}
}
