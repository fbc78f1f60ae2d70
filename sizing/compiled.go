package sizing

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"runlocal/catalog"
)

// compiled is a model in the form that estimates read: its layers by kind,
// and each kind's tensors, cache rows and widths.
type compiled struct {
	engine *Engine
	model  *catalog.Model
	arch   *catalog.Architecture

	kinds  []kind
	layers []uint16 // kind of each layer

	model0  []catalog.Tensor // outside the layers
	traits  traits
	moe     bool
	experts int // layers with routed experts

	hidden, vocab   int64
	window          int64 // of the sliding-window layers, tokens; 0 = there are none
	maxV            int64 // widest V row of all layers, elements
	fullLayers      int   // layers with a full cache
	swaLayers       int
	recurrentLayers int
	sharesCache     bool  // layers read the caches of others
	hostAttention   bool  // the CUDA backend has no fused attention for some layer
	ropeFactors     int64 // of the frequency table that RoPE reads, elements; 0 = there is none
	perLayerInput   int64 // width of per-layer embeddings a token, elements; 0 = none
	largestMatrix   int64 // elements, of a layer, experts one by one
	widestFull      cacheRow
	widestSWA       cacheRow

	weights []atomic.Pointer[weights] // by mix position × imatrix; see weightsFor
	graphs  graphMemo
	lists   sync.Map // *weights → []named
}

// cacheRow is what one layer keeps for one token, in elements.
type cacheRow struct {
	k, v    int64
	headDim int64 // of K, for the rotation of quantised caches
	mla     bool
}

// kind is one sort of layer.
type kind struct {
	block   *catalog.Block
	tensors []catalog.Tensor
	extra   int64 // parameters without a known shape

	cache   cacheRow
	cached  bool // keeps K and V of its own
	skipped bool // in the file but not loaded
	swa     bool // only those of the last window
	apart   bool // for each sequence, unified or not

	compressed []compressedRow

	rsConv, rsState int64 // recurrent state a sequence, elements (f32)
	recurrent       bool

	width     int64 // floats a token at the widest point, flash attention on
	stateCopy int64 // floats a sequence that are alive there besides
	query     int64 // width of all queries, elements
	heads     int64
	moe       bool
}

func (e *Engine) derive(m *catalog.Model) *compiled {
	c := &compiled{engine: e, model: m, hidden: int64(m.Hidden), vocab: int64(m.Vocab)}
	if m.GGUFVocab > 0 {
		c.vocab = int64(m.GGUFVocab)
	}
	c.arch = e.archs[m.GGUFArch]
	if c.arch == nil {
		c.arch = &catalog.Architecture{ID: m.GGUFArch}
	}
	m.EachModelTensor(c.arch, func(t catalog.Tensor) { c.model0 = append(c.model0, t) })
	for _, t := range c.model0 {
		if strings.HasPrefix(t.Name, "rope_") {
			c.ropeFactors = max(c.ropeFactors, t.Cols)
		}
		if t.Name == "per_layer_token_embd.weight" {
			c.perLayerInput = t.Cols
		}
	}
	seen := map[*catalog.Block]uint16{}
	m.EachLayer(func(l catalog.Layer) {
		k, ok := seen[l.Block]
		if !ok {
			k = uint16(len(c.kinds))
			seen[l.Block] = k
			c.kinds = append(c.kinds, c.deriveKind(l.Block))
		}
		c.layers = append(c.layers, k)
		c.count(&c.kinds[k])
	})
	c.addMTP()
	for i := range c.kinds {
		for j := range c.kinds[i].tensors {
			t := &c.kinds[i].tensors[j]
			c.largestMatrix = max(c.largestMatrix, t.Cols*t.Rows)
		}
	}
	c.traits = c.deriveTraits()
	c.moe = c.traits.experts > 1
	c.weights = make([]atomic.Pointer[weights], 2*len(e.mixes))
	return c
}

// addMTP appends the multi-token-prediction layers that the file holds: they
// count as layers, for -ngl and for the mixes, but nothing of them is loaded.
func (c *compiled) addMTP() {
	if !c.arch.MTPInFile || c.model.MTP == nil || len(c.layers) == 0 {
		return
	}
	last := c.kinds[c.layers[len(c.layers)-1]]
	k := kind{block: &catalog.Block{}, skipped: true, tensors: slices.Clone(last.tensors)}
	c.model.EachMTPTensor(func(t catalog.Tensor) { k.tensors = append(k.tensors, t) })
	c.kinds = append(c.kinds, k)
	for range c.model.MTP.Layers {
		c.layers = append(c.layers, uint16(len(c.kinds)-1))
	}
}

func (c *compiled) deriveKind(b *catalog.Block) kind {
	k := kind{block: b}
	c.model.EachBlockTensor(c.arch, b, func(t catalog.Tensor) {
		k.tensors = append(k.tensors, t)
		k.moe = k.moe || t.Routed
	})
	for _, n := range b.ExtraParams {
		k.extra += n
	}
	c.addMixer(&k, &b.Mixer)
	if c.model.Encoder {
		k.cached = false
	}
	k.width = c.widest(&k)
	return k
}

// count adds a layer of the kind to the model's totals.
func (c *compiled) count(k *kind) {
	if k.moe {
		c.experts++
	}
	if k.recurrent {
		c.recurrentLayers++
	}
	if x := attentionOf(&k.block.Mixer); x != nil && x.Type == catalog.MixerAttention {
		v := cmp.Or(x.VHeadDim, x.HeadDim)
		c.sharesCache = c.sharesCache || x.SharesKVOf != ""
		c.hostAttention = c.hostAttention || !fusedOnGPU(int64(ratio(x.Heads, x.KVHeads)), int64(x.HeadDim), int64(v), cellPad)
	}
	if !k.cached {
		return
	}
	c.maxV = max(c.maxV, k.cache.v)
	if k.swa {
		c.swaLayers++
		c.window = int64(windowOf(&k.block.Mixer))
		c.widestSWA = c.widestSWA.widen(k.cache)
		return
	}
	c.fullLayers++
	c.widestFull = c.widestFull.widen(k.cache)
}

func (r cacheRow) widen(o cacheRow) cacheRow {
	return cacheRow{k: max(r.k, o.k), v: max(r.v, o.v), headDim: max(r.headDim, o.headDim), mla: r.mla || o.mla}
}

func windowOf(x *catalog.Mixer) int {
	if x.Window > 0 {
		return x.Window
	}
	return x.Chunk
}

func (c *compiled) deriveTraits() traits {
	t := traits{arch: c.arch.ID, layers: len(c.layers)}
	t.class70b = c.arch.Layers70B > 0 && c.arch.Layers70B == t.layers
	for i := range c.kinds {
		t.experts = max(t.experts, c.kinds[i].block.FFN.Experts)
	}
	t.gqa = c.groupSize()
	if t.class70b && t.gqa <= 1 {
		t.class70b = false
	}
	return t
}

// groupSize is the number of heads that share a KV head in layer 0, as the
// quantiser asks. A model whose file has one KV-head count for all layers
// answers for its attention layers even if layer 0 is none of them: gated
// delta nets are written so, other hybrids with a list that has 0 there.
func (c *compiled) groupSize() int {
	first := &c.kinds[c.layers[0]].block.Mixer
	if x := attentionOf(first); x != nil {
		return ratio(x.Heads, x.KVHeads)
	}
	if first.Type != catalog.MixerGatedDeltaNet {
		return 0
	}
	for i := range c.kinds {
		if x := attentionOf(&c.kinds[i].block.Mixer); x != nil {
			return ratio(x.Heads, x.KVHeads)
		}
	}
	return 0
}

func ratio(a, b int) int {
	if b == 0 {
		return 0
	}
	return a / b
}

// attentionOf finds the attention in a mixer, itself or one of its parallel
// parts; nil if there is none. MLA has one KV head for all.
func attentionOf(x *catalog.Mixer) *catalog.Mixer {
	switch x.Type {
	case catalog.MixerAttention:
		return x
	case catalog.MixerMLA, catalog.MixerCSA:
		return &catalog.Mixer{Heads: x.Heads, KVHeads: 1}
	case catalog.MixerParallel:
		for i := range x.Mixers {
			if a := attentionOf(&x.Mixers[i]); a != nil {
				return a
			}
		}
	}
	return nil
}
