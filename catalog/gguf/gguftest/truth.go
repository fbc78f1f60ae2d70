package gguftest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"runlocal/catalog/gguf"
)

// Truth is a model as llama.cpp's own loader took it: its keys, and its
// tensors with how many layers have them (catalog/testdata/truth_models.json).
type Truth struct {
	Arch       string         `json:"arch"`
	Tied       bool           `json:"tied_embeddings"`
	Keys       map[string]any `json:"gguf_keys"`
	Tensors    map[string]int `json:"tensors"` // "name cols x rows" → how many
	Parameters int64          `json:"parameters"`
}

// LoadTruth reads the table, by display name.
func LoadTruth(file string) (map[string]Truth, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list map[string]Truth
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}

// Header writes the model as a file: typeOf chooses each tensor's type by its
// name and shape.
func (m Truth) Header(typeOf func(name string, shape []uint64) gguf.Type) (*Header, error) {
	h := &Header{}
	names := make([]string, 0, len(m.Keys))
	for name := range m.Keys {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v, err := keyValue(m.Keys[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		h.Keys = append(h.Keys, Key{name, v})
	}
	shapes := make([]string, 0, len(m.Tensors))
	for shape := range m.Tensors {
		shapes = append(shapes, shape)
	}
	slices.Sort(shapes)
	taken := map[string]bool{}
	for _, s := range shapes {
		name, dims, _ := strings.Cut(s, " ")
		shape, err := shapeOf(dims)
		if err != nil {
			return nil, err
		}
		add := func(name string) {
			taken[name] = true
			h.Tensors = append(h.Tensors, Tensor{Name: name, Type: typeOf(name, shape), Shape: shape})
		}
		rest, ok := strings.CutPrefix(name, "blk.N.")
		if !ok {
			add(name)
			continue
		}
		layers := m.layersWith(rest, shape, m.Tensors[s], func(n int) bool { return taken[fmt.Sprintf("blk.%d.%s", n, rest)] })
		if layers == nil {
			return nil, fmt.Errorf("%s: no set of %d layers", s, m.Tensors[s])
		}
		for _, n := range layers {
			add(fmt.Sprintf("blk.%d.%s", n, rest))
		}
	}
	return h, nil
}

func keyValue(v any) (any, error) {
	switch v := v.(type) {
	case string, bool:
		return v, nil
	case float64:
		if v == float64(uint32(v)) {
			return uint32(v), nil
		}
		return float32(v), nil
	case []any:
		if len(v) > 0 {
			if _, ok := v[0].(bool); ok {
				return listOf(v, func(x any) bool { return x.(bool) }), nil
			}
		}
		return listOf(v, func(x any) int32 { return int32(x.(float64)) }), nil
	}
	return nil, fmt.Errorf("a value of type %T", v)
}

func listOf[T any](v []any, f func(any) T) []T {
	list := make([]T, len(v))
	for i, x := range v {
		list[i] = f(x)
	}
	return list
}

func shapeOf(dims string) ([]uint64, error) {
	var shape []uint64
	for _, d := range strings.Split(dims, "x") {
		n, err := strconv.ParseUint(d, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("shape %s: %w", dims, err)
		}
		shape = append(shape, n)
	}
	return shape, nil
}

// layersWith finds the layers that have a tensor of which there are count:
// the table says how many, the keys which.
func (m Truth) layersWith(name string, shape []uint64, count int, taken func(int) bool) []int {
	all := int(m.number("block_count"))
	known := m.sets(name, shape)
	sets := make([]func(int) bool, 0, 2*len(known))
	for _, s := range known {
		sets = append(sets, s, func(n int) bool { return !s(n) })
	}
	for _, in := range append([]func(int) bool{func(int) bool { return true }}, sets...) {
		var layers []int
		for n := range all {
			if in(n) && !taken(n) {
				layers = append(layers, n)
			}
		}
		if len(layers) == count {
			return layers
		}
	}
	return nil
}

// sets are the ways in which layers differ, those first that concern the
// tensor's part of a layer.
func (m Truth) sets(name string, shape []uint64) []func(int) bool {
	all := int(m.number("block_count"))
	lead := int(m.number("leading_dense_block_count"))
	ahead := int(m.number("nextn_predict_layers"))
	feed := m.list("feed_forward_length")
	kv := m.list("attention.head_count_kv")
	windowed := m.list("attention.sliding_window_pattern")
	interval := int(m.number("full_attention_interval"))
	last := func(n int) bool { return n >= all-ahead }
	dense := func(n int) bool { return n < lead }
	full := func(n int) bool {
		return interval > 0 && n%interval == interval-1 || n < len(windowed) && windowed[n] == 0
	}
	attention := func(n int) bool { return n < len(kv) && kv[n] > 0 }
	wide := func(n int) bool { // feed-forwards of the tensor's own width, or any at all
		return n < len(feed) && feed[n] > 0 && (slices.Contains(shape, uint64(feed[n])) || strings.Contains(name, "exp") || strings.Contains(name, "inp"))
	}
	mamba := func(n int) bool { return n < len(kv) && kv[n] == 0 && n < len(feed) && feed[n] == 0 }
	switch {
	case strings.HasPrefix(name, "nextn"):
		return []func(int) bool{last}
	case strings.HasPrefix(name, "ffn"), strings.HasPrefix(name, "exp"):
		return []func(int) bool{dense, wide}
	case strings.HasPrefix(name, "ssm"):
		return []func(int) bool{mamba, full, attention}
	}
	return []func(int) bool{full, attention}
}

func (m Truth) number(key string) float64 {
	n, _ := m.Keys[m.Arch+"."+key].(float64)
	return n
}

// list is a key's value by layer; nil where it is one for all.
func (m Truth) list(key string) []int {
	v, _ := m.Keys[m.Arch+"."+key].([]any)
	return listOf(v, func(x any) int {
		switch x := x.(type) {
		case bool:
			if x {
				return 1
			}
			return 0
		case float64:
			return int(x)
		}
		return 0
	})
}
