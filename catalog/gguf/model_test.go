package gguf_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"runlocal/catalog"
	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

var loadCatalog = sync.OnceValues(catalog.Load)

func theCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := loadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func theTruth(t testing.TB) map[string]gguftest.Truth {
	t.Helper()
	list, err := gguftest.LoadTruth("../testdata/truth_models.json")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// f16 is the type that the converter gives a tensor of an F16 file, roughly.
func f16(name string, shape []uint64) gguf.Type {
	if len(shape) > 1 && strings.HasSuffix(name, ".weight") && !strings.Contains(name, "norm") {
		return 1
	}
	return 0
}

func truthFile(t testing.TB, m gguftest.Truth) *gguf.File {
	t.Helper()
	h, err := m.Header(f16)
	if err != nil {
		t.Fatal(err)
	}
	f, err := read(h.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func modelSeeds(t testing.TB) [][]byte {
	t.Helper()
	var seeds [][]byte
	for _, name := range []string{"Llama-3.2-1B", "DeepSeek-V2-Lite", "Falcon-H1-0.5B", "Nemotron-H-8B", "Qwen3-Next-80B-A3B", "Gemma-4-E2B"} {
		h, err := theTruth(t)[name].Header(f16)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		// One layer of each sort is enough to start from.
		h.Tensors = slices.DeleteFunc(h.Tensors, func(x gguftest.Tensor) bool {
			n, _, ok := gguf.LayerOf(x.Name)
			return ok && n > 7
		})
		for i, k := range h.Keys {
			if strings.HasSuffix(k.Name, ".block_count") {
				h.Keys[i].Value = uint32(8)
			}
		}
		seeds = append(seeds, h.Bytes())
	}
	return seeds
}

// TestDescribesWhatTheLoaderTook reads each model of the table as a file and
// compares the description with the catalog's record of the model.
func TestDescribesWhatTheLoaderTook(t *testing.T) {
	c := theCatalog(t)
	names := readNames(t)
	truth := theTruth(t)
	for _, name := range slices.Sorted(maps.Keys(truth)) {
		t.Run(name, func(t *testing.T) {
			f := truthFile(t, truth[name])
			m, err := gguf.Model(f, c.Architectures)
			if err != nil {
				t.Fatal(err)
			}
			record, err := c.Model(names[name])
			if err != nil {
				t.Fatal(err)
			}
			compare(t, m, record, c.Architectures[m.GGUFArch].SlidingWindowCache)
			all := m.Parameters()
			if m.MTP != nil {
				all += m.MTP.Params
			}
			for i := range f.Tensors {
				if strings.HasPrefix(f.Tensors[i].Name, "rope_") {
					all += f.Tensors[i].Elements()
				}
			}
			if all != truth[name].Parameters || m.PublishedParams != m.Parameters() {
				t.Errorf("blocks of %d parameters, the file has %d; published %d", all, truth[name].Parameters, m.PublishedParams)
			}
		})
	}
}

// shape is what memory follows from in a layer.
type shape struct {
	Type                                   string
	Heads, KVHeads, K, V, Window           int
	Shared                                 bool
	Latent, Rope                           int
	Inner, State, Conv, Groups, KeyHeadDim int
	FFN                                    string
	Width, Experts, Active, Expert, Share  int
	DenseBeside                            int
	Gated                                  bool
}

// shapeOf leaves windows out where they do not make the cache smaller: files
// need not state them.
func shapeOf(b *catalog.Block, windows bool) []shape {
	parts := []catalog.Mixer{b.Mixer}
	if b.Mixer.Type == catalog.MixerParallel {
		parts = b.Mixer.Mixers
	}
	var list []shape
	for _, x := range parts {
		v := x.VHeadDim
		if v == 0 {
			v = x.HeadDim
		}
		f := b.FFN
		if !windows {
			x.Window = 0
		}
		list = append(list, shape{
			Type: x.Type, Heads: x.Heads, KVHeads: x.KVHeads, K: x.HeadDim, V: v, Window: max(x.Window, x.Chunk), Shared: x.SharesKVOf != "",
			Latent: x.KVLoraRank, Rope: x.QKRopeHeadDim,
			Inner: max(x.DInner, x.ValueHeads*x.ValueHeadDim), State: x.DState, Conv: max(x.DConv, x.Conv, x.Width), Groups: max(x.NGroups, x.KeyHeads), KeyHeadDim: x.KeyHeadDim,
			FFN: f.Type, Width: f.Intermediate, Experts: f.Experts, Active: f.Active, Expert: f.ExpertIntermediate,
			Share: f.SharedExperts * f.SharedIntermediate, DenseBeside: f.DenseResidualIntermediate, Gated: f.Gated,
		})
	}
	slices.SortFunc(list, func(a, b shape) int { return strings.Compare(a.Type, b.Type) })
	return list
}

func compare(t *testing.T, got, want *catalog.Model, windows bool) {
	t.Helper()
	vocab := want.Vocab
	if want.GGUFVocab > 0 {
		vocab = want.GGUFVocab
	}
	if got.GGUFArch != want.GGUFArch || got.Hidden != want.Hidden || got.Vocab != vocab || got.TiedEmbeddings != want.TiedEmbeddings || got.Encoder != want.Encoder {
		t.Errorf("%s, hidden %d, vocabulary %d, tied %t, encoder %t; want %s, %d, %d, %t, %t", got.GGUFArch, got.Hidden, got.Vocab, got.TiedEmbeddings, got.Encoder,
			want.GGUFArch, want.Hidden, vocab, want.TiedEmbeddings, want.Encoder)
	}
	var wanted [][]shape
	want.EachLayer(func(l catalog.Layer) { wanted = append(wanted, shapeOf(l.Block, windows)) })
	if got.Layers() != len(wanted) {
		t.Fatalf("%d layers, want %d", got.Layers(), len(wanted))
	}
	got.EachLayer(func(l catalog.Layer) {
		if g := shapeOf(l.Block, windows); !slices.Equal(g, wanted[l.Index]) {
			t.Errorf("layer %d:\n got %+v\nwant %+v", l.Index, g, wanted[l.Index])
		}
	})
}

func TestRefusesWhatIsNoModel(t *testing.T) {
	c := theCatalog(t)
	embedding := gguftest.Tensor{Name: "token_embd.weight", Type: 1, Shape: []uint64{64, 32}}
	attention := gguftest.Tensor{Name: "blk.0.attn_q.weight", Type: 1, Shape: []uint64{64, 64}}
	llama := func(keys ...gguftest.Key) *gguftest.Header {
		keys = append([]gguftest.Key{{Name: "general.architecture", Value: "llama"}}, keys...)
		return &gguftest.Header{Keys: keys, Tensors: []gguftest.Tensor{embedding, attention}}
	}
	for _, x := range []struct {
		what string
		h    *gguftest.Header
		want string
	}{
		{"nothing", &gguftest.Header{}, "holds no model"},
		{"no architecture", &gguftest.Header{Tensors: []gguftest.Tensor{embedding}}, `key "general.architecture": is not there`},
		{"an unknown architecture", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "whatever\x1b"}}}, `the architecture "whatever" is not known to the engine`},
		{"a projector", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "clip"}}}, "mmproj"},
		{"an adapter", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "llama"}, {Name: "general.type", Value: "adapter"}}}, "LoRA"},
		{"one part", llama(gguftest.Key{Name: "split.count", Value: uint16(3)}), "one of 3 parts"},
		{"no embedding", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "llama"}}, Tensors: []gguftest.Tensor{attention}}, `"token_embd.weight": is not there`},
		{"no heads", llama(), "layer 0: its keys do not tell how many heads"},
		{"no layers", llama(gguftest.Key{Name: "llama.block_count", Value: uint32(0)}), "0 layers"},
		{"4,097 layers", llama(gguftest.Key{Name: "llama.block_count", Value: uint32(4097)}), "4097 layers"},
		{"a layer that is not there", llama(gguftest.Key{Name: "llama.block_count", Value: uint32(2)}, gguftest.Key{Name: "llama.attention.head_count", Value: uint32(4)}), "layer 1: the file has nothing of it"},
		{"a layer too many", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "llama"}, {Name: "llama.block_count", Value: uint32(1)}}, Tensors: []gguftest.Tensor{embedding, {Name: "blk.1.attn_q.weight", Shape: []uint64{1}}}}, "only 1 layers"},
		{"2^63 heads", llama(gguftest.Key{Name: "llama.attention.head_count", Value: uint64(1 << 63)}), "heads"},
		{"too many heads", llama(gguftest.Key{Name: "llama.attention.head_count", Value: uint32(1 << 25)}), "33554432 is out of range"},
		{"less than nothing", llama(gguftest.Key{Name: "llama.attention.head_count", Value: int32(-4)}), "-4 is out of range"},
		{"heads too wide", llama(gguftest.Key{Name: "llama.attention.head_count", Value: uint32(1024)}, gguftest.Key{Name: "llama.attention.key_length", Value: uint32(2048)}), "1024 heads of 2048"},
		{"prediction layers alone", llama(gguftest.Key{Name: "llama.block_count", Value: uint32(1)}, gguftest.Key{Name: "llama.nextn_predict_layers", Value: uint32(1)}), "1 of 1 layers"},
		{"experts without a number", &gguftest.Header{Keys: llama(gguftest.Key{Name: "llama.attention.head_count", Value: uint32(4)}).Keys, Tensors: []gguftest.Tensor{embedding, attention,
			{Name: "blk.0.ffn_down_exps.weight", Type: 1, Shape: []uint64{32, 64, 8}}}}, "expert_used_count"},
		{"experts one by one", &gguftest.Header{Keys: llama(gguftest.Key{Name: "llama.attention.head_count", Value: uint32(4)}).Keys, Tensors: []gguftest.Tensor{embedding, attention,
			{Name: "blk.0.ffn_gate.0.weight", Type: 1, Shape: []uint64{64, 32}}}}, "stored one by one"},
	} {
		f, err := read(x.h.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", x.what, err)
		}
		_, err = gguf.Model(f, c.Architectures)
		checkError(t, x.what, err, x.want)
	}
}

// checkDescription describes whatever a fuzzer made of a header.
func checkDescription(t *testing.T, f *gguf.File, c *catalog.Catalog) {
	t.Helper()
	r, err := gguf.Describe(f, c.Architectures)
	if err != nil {
		if s := err.Error(); strings.ContainsAny(s, "\n\x1b\x00") || len(s) > 600 {
			t.Errorf("error %q", s)
		}
		return
	}
	if n := r.Model.Layers(); n < 1 || n > 4096 || r.Model.PublishedParams < 0 || r.Model.Hidden < 1 {
		t.Errorf("%d layers, %d parameters, hidden %d", n, r.Model.PublishedParams, r.Model.Hidden)
	}
	if strings.ContainsAny(r.Model.Name, "\n\x1b\x00") {
		t.Errorf("name %q", r.Model.Name)
	}
}
