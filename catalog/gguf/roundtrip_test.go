package gguf_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

// TestEveryRecordAsAFile writes each model of the catalog as a file, its keys
// from the record and its tensors as the converter lays them out, and reads
// the record back: every architecture that the engine knows comes out as the
// layers that it is.
func TestEveryRecordAsAFile(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	c := theCatalog(t)
	archs := map[string]int{}
	for _, m := range c.Models {
		a := c.Architectures[m.GGUFArch]
		if a == nil || slices.ContainsFunc(m.Blocks, hasLooseParameters) {
			continue // not loaded, or not all tensors known
		}
		archs[m.GGUFArch]++
		h := asFile(m, a)
		f, err := read(h.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", m.ID, err)
		}
		got, err := gguf.Model(f, c.Architectures)
		if err != nil {
			t.Errorf("%s: %v", m.ID, err)
			continue
		}
		if !sameShapes(got, m, a.SlidingWindowCache) {
			t.Errorf("%s (%s): the layers came out different", m.ID, m.GGUFArch)
			compare(t, got, m, a.SlidingWindowCache)
			return
		}
		if n := got.Parameters(); n != got.PublishedParams {
			t.Errorf("%s (%s): blocks of %d parameters, the file has %d", m.ID, m.GGUFArch, n, got.PublishedParams)
		}
	}
	for id := range c.Architectures {
		if archs[id] == 0 {
			t.Logf("no record of %s was written", id)
		}
	}
	t.Logf("%d architectures", len(archs))
}

func hasLooseParameters(b catalog.Block) bool {
	return len(b.ExtraParams) > 0 || slices.ContainsFunc(b.Blocks, hasLooseParameters)
}

func sameShapes(got, want *catalog.Model, windows bool) bool {
	var a, b [][]shape
	got.EachLayer(func(l catalog.Layer) { a = append(a, shapeOf(l.Block, windows)) })
	want.EachLayer(func(l catalog.Layer) { b = append(b, shapeOf(l.Block, windows)) })
	return slices.EqualFunc(a, b, slices.Equal[[]shape])
}

// keysOf collects the keys of a record, one value a layer.
type keysOf struct {
	lists map[string][]int32
	n     int
}

func (k *keysOf) set(key string, layer, value int) {
	if k.lists[key] == nil {
		k.lists[key] = make([]int32, k.n)
	}
	k.lists[key][layer] = int32(value)
}

func asFile(m *catalog.Model, a *catalog.Architecture) *gguftest.Header {
	h := &gguftest.Header{}
	k := keysOf{lists: map[string][]int32{}, n: m.Layers()}
	add := func(prefix string) func(catalog.Tensor) {
		return func(t catalog.Tensor) {
			shape := []uint64{uint64(t.Cols)}
			if t.Rows*t.Depth > 1 || strings.HasSuffix(t.Name, ".weight") && t.Role != catalog.RoleFixed {
				shape = append(shape, uint64(t.Rows))
			}
			if t.Depth > 1 {
				shape = append(shape, uint64(t.Depth))
			}
			h.Tensors = append(h.Tensors, gguftest.Tensor{Name: prefix + t.Name, Type: f16(t.Name, shape), Shape: shape})
		}
	}
	m.EachModelTensor(a, add(""))
	m.EachLayer(func(l catalog.Layer) {
		m.EachBlockTensor(a, l.Block, add("blk."+strconv.Itoa(l.Index)+"."))
		parts := []catalog.Mixer{l.Block.Mixer}
		if l.Block.Mixer.Type == catalog.MixerParallel {
			parts = l.Block.Mixer.Mixers
		}
		for i := range parts {
			k.mixer(l.Index, &parts[i])
		}
		if f := l.Block.FFN; f.Type == catalog.FFNMoE {
			k.set("expert_used_count", l.Index, f.Active)
			k.set("expert_shared_count", l.Index, f.SharedExperts)
		}
	})
	key := func(name string, v any) { h.Keys = append(h.Keys, gguftest.Key{Name: name, Value: v}) }
	key("general.architecture", m.GGUFArch)
	key(m.GGUFArch+".block_count", uint32(m.Layers()))
	key(m.GGUFArch+".embedding_length", uint32(m.Hidden))
	key(m.GGUFArch+".context_length", uint32(m.Context))
	if m.Encoder {
		key(m.GGUFArch+".attention.causal", false)
	}
	for name, list := range k.lists {
		key(m.GGUFArch+"."+name, scalar(list))
	}
	return h
}

// scalar writes a list of equal numbers as one, as converters do; zeros stand
// for layers to which the key says nothing, except where a list must tell.
func scalar(list []int32) any {
	if slices.Min(list) == slices.Max(list) {
		return uint32(list[0])
	}
	return list
}

func (k *keysOf) mixer(i int, x *catalog.Mixer) {
	switch x.Type {
	case catalog.MixerAttention:
		k.attention(i, x)
	case catalog.MixerMLA, catalog.MixerCSA:
		k.set("attention.head_count", i, x.Heads)
		k.set("attention.head_count_kv", i, 1)
		k.set("attention.kv_lora_rank", i, x.KVLoraRank)
		k.set("attention.key_length", i, x.QKNopeHeadDim+x.QKRopeHeadDim)
		k.set("attention.sliding_window", i, x.Window)
		k.set("attention.compress_ratios", i, x.Compress)
		k.set("attention.output_group_count", i, x.OGroups)
		if x.Indexer != nil {
			k.set("attention.indexer.head_count", i, x.Indexer.Heads)
			k.set("attention.indexer.key_length", i, x.Indexer.HeadDim)
			k.set("attention.indexer.top_k", i, x.Indexer.TopK)
		}
	case catalog.MixerMamba1, catalog.MixerMamba2:
		k.set("ssm.inner_size", i, x.DInner)
		k.set("ssm.state_size", i, x.DState)
		k.set("ssm.conv_kernel", i, x.DConv)
		k.set("ssm.group_count", i, x.NGroups)
		k.set("ssm.time_step_rank", i, max(x.DtRank, x.Heads))
	case catalog.MixerGatedDeltaNet:
		k.set("ssm.inner_size", i, x.ValueHeads*x.ValueHeadDim)
		k.set("ssm.state_size", i, x.KeyHeadDim)
		k.set("ssm.conv_kernel", i, x.Conv)
		k.set("ssm.group_count", i, x.KeyHeads)
		k.set("ssm.time_step_rank", i, x.ValueHeads)
	case catalog.MixerShortConv:
		k.set("shortconv.l_cache", i, x.Width)
	case catalog.MixerRWKV6, catalog.MixerRWKV7:
		k.set("wkv.head_size", i, x.HeadDim)
	}
}

func (k *keysOf) attention(i int, x *catalog.Mixer) {
	v := x.VHeadDim
	if v == 0 {
		v = x.HeadDim
	}
	k.set("attention.head_count", i, x.Heads)
	k.set("attention.head_count_kv", i, x.KVHeads)
	k.set("attention.key_length", i, x.HeadDim)
	k.set("attention.value_length", i, v)
	w := max(x.Window, x.Chunk)
	if w > 0 {
		for n := range k.n {
			k.set("attention.sliding_window", n, w) // one number for all layers
		}
		k.set("attention.sliding_window_pattern", i, 1)
	}
	if x.SharesKVOf != "" && k.lists["attention.shared_kv_layers"] == nil {
		for n := range k.n {
			k.set("attention.shared_kv_layers", n, k.n-i)
		}
	}
}
