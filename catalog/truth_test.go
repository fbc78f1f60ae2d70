package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// truthModel is a model as llama.cpp's own loader took it: testdata/truth_models.json.
type truthModel struct {
	Arch       string           `json:"arch"`
	Tied       bool             `json:"tied_embeddings"`
	Keys       map[string]any   `json:"gguf_keys"`
	ReadFrom   string           `json:"read_from"`
	Tensors    map[string]int64 `json:"tensors"` // "name cols x rows" → how many
	Parameters int64            `json:"parameters"`
}

// perLayer returns a key's value in each layer: GGUF writes one number for all
// or a list.
func (m truthModel) perLayer(t *testing.T, name string) []int {
	t.Helper()
	layers := int(m.Keys[m.Arch+".block_count"].(float64))
	switch v := m.Keys[m.Arch+"."+name].(type) {
	case nil:
		return nil
	case float64:
		return slices.Repeat([]int{int(v)}, layers)
	case []any:
		var list []int
		for _, x := range v {
			list = append(list, int(x.(float64)))
		}
		return list
	default:
		t.Fatalf("%s: %T", name, v)
		return nil
	}
}

func readJSON[T any](t *testing.T, file string) T {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

// Where the catalog rightly differs from the loader: it holds the model as its
// makers publish it, the loader reads the converted file.
var convertedAway = map[string]map[string]any{
	"BGE-small-en-v1.5": {"parameters": int64(33_360_000)},                    // the pooler is not converted
	"GLM-4-9B-0414":     {"parameters": int64(9_400_279_040)},                 // biases of q, k and v, which the published count has
	"GLM-4.5-Air":       {"layers": 46, "parameters": int64(106_852_251_264)}, // the file has the prediction layer too
}

// The shapes of the catalog are those that llama.cpp's loader accepts for the
// same models.
func TestShapesAgreeWithTheLoader(t *testing.T) {
	c := mustLoad(t)
	names := readJSON[map[string]string](t, "testdata/truth_names.json")
	truth := readJSON[map[string]truthModel](t, "testdata/truth_models.json")
	for _, name := range slices.Sorted(maps.Keys(truth)) {
		t.Run(name, func(t *testing.T) {
			m, err := c.Model(names[name])
			if err != nil || m.ID != names[name] {
				t.Fatalf("mapped to %q: %v", names[name], err)
			}
			compareModel(t, m, truth[name], convertedAway[name])
			compareLayers(t, m, truth[name])
		})
	}
}

// compareModel compares what a model has once.
func compareModel(t *testing.T, m *Model, want truthModel, differs map[string]any) {
	t.Helper()
	vocab := m.Vocab
	if m.GGUFVocab > 0 {
		vocab = m.GGUFVocab
	}
	for what, pair := range map[string][2]any{
		"gguf_arch":       {m.GGUFArch, want.Arch},
		"layers":          {m.Layers(), want.number("block_count")},
		"hidden":          {m.Hidden, want.number("embedding_length")},
		"vocab":           {vocab, want.number("vocab_size")},
		"tied embeddings": {m.TiedEmbeddings, want.Tied},
	} {
		expected := pair[1]
		if v, ok := differs[what]; ok {
			expected = v
		}
		if fmt.Sprint(pair[0]) != fmt.Sprint(expected) {
			t.Errorf("%s: %v, want %v (grade %s; the loader's figure read from %s)", what, pair[0], expected, m.Grade, want.ReadFrom)
		}
	}
	expected, ok := differs["parameters"]
	if !ok {
		expected = want.Parameters - want.derived() + int64(m.Vocab-vocab)*int64(m.Hidden)
	}
	if fmt.Sprint(m.Parameters()) != fmt.Sprint(expected) {
		t.Errorf("parameters: %d, want %v: off by %d", m.Parameters(), expected, m.Parameters()-expected.(int64))
	}
}

// compareLayers compares what a model has in each layer, where it has it.
func compareLayers(t *testing.T, m *Model, want truthModel) {
	t.Helper()
	heads, kvHeads := want.perLayer(t, "attention.head_count"), want.perLayer(t, "attention.head_count_kv")
	full, window := want.perLayer(t, "attention.key_length"), want.perLayer(t, "attention.key_length_swa")
	dense := want.perLayer(t, "feed_forward_length")
	m.EachLayer(func(l Layer) {
		x := attentionOf(&l.Block.Mixer)
		compare := func(what string, got int, list []int) {
			if l.Index < len(list) && got != list[l.Index] {
				t.Errorf("layer %d: %s: %d, the loader has %d", l.Index, what, got, list[l.Index])
			}
		}
		if x.Type == MixerAttention {
			compare("heads", x.Heads, heads)
			compare("KV heads", x.KVHeads, kvHeads)
			if x.Window > 0 && window != nil {
				full = window
			}
			compare("head width", x.HeadDim, full)
			full = want.perLayer(t, "attention.key_length")
		}
		if f := l.Block.FFN; f.Type == FFNDense {
			compare("feed-forward", f.Intermediate, dense)
		} else if f.Type == FFNMoE {
			compare("experts", f.Experts, want.perLayer(t, "expert_count"))
			compare("active experts", f.Active, want.perLayer(t, "expert_used_count"))
			compare("expert width", f.ExpertIntermediate, want.perLayer(t, "expert_feed_forward_length"))
		}
	})
}

// number is a key's value for the whole model, 0 where it has none.
func (m truthModel) number(name string) int {
	f, _ := m.Keys[m.Arch+"."+name].(float64)
	return int(f)
}

// derived is the number of values that the converter makes: RoPE factors.
func (m truthModel) derived() (sum int64) {
	for shape, count := range m.Tensors {
		if name, dims, _ := strings.Cut(shape, " "); strings.HasPrefix(name, "rope_") {
			n, _ := strconv.ParseInt(dims, 10, 64)
			sum += n * count
		}
	}
	return sum
}

func attentionOf(x *Mixer) *Mixer {
	for i := range x.Mixers {
		if x.Mixers[i].Type == MixerAttention {
			return &x.Mixers[i]
		}
	}
	return x
}
