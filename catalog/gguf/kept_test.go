package gguf_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

// TestKeptHeadersAreWhole writes a header down and reads it back: everything
// that a description asks for is as it was.
func TestKeptHeadersAreWhole(t *testing.T) {
	h := gguftest.Header{
		Keys: []gguftest.Key{
			{Name: "general.architecture", Value: "llama"}, {Name: "llama.block_count", Value: uint32(2)},
			{Name: "llama.rope.freq_base", Value: float32(10000)}, {Name: "llama.heads", Value: []uint32{4, 8}},
			{Name: "tokenizer.ggml.tokens", Value: []string{"a", "b", "c"}},
		},
		Tensors: []gguftest.Tensor{{Name: "token_embd.weight", Shape: []uint64{32, 8}}, {Name: "blk.0.attn_q.weight", Shape: []uint64{32, 32}}},
	}
	b := h.File()
	want, err := gguf.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(want.Keep())
	if err != nil {
		t.Fatal(err)
	}
	var k gguf.Kept
	if err := json.Unmarshal(text, &k); err != nil {
		t.Fatal(err)
	}
	got, err := k.File()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Tensors, got.Tensors); diff != "" {
		t.Errorf("tensors (-want +got):\n%s", diff)
	}
	tokens, _ := got.Get("tokenizer.ggml.tokens")
	heads, _ := got.Get("llama.heads")
	base, _ := got.Get("llama.rope.freq_base")
	layers, _ := got.Int("llama.block_count")
	if tokens.Len() != 3 || !cmp.Equal(heads.Ints(), []int64{4, 8}) || layers != 2 || got.Architecture() != "llama" || base.Len() != 1 {
		t.Errorf("keys came back as %v, %v, %v, %d", tokens, heads, base, layers)
	}
	if got.Tensor("blk.0.attn_q.weight") == nil || got.DataBytes() != want.DataBytes() || got.Size != want.Size {
		t.Errorf("came back as %+v", got)
	}
}

// FuzzKept holds what was put aside to the limits of a header, whatever it
// says.
func FuzzKept(f *testing.F) {
	f.Add([]byte(`{"version":3,"parts":1,"keys":{"a":{"k":8,"t":"x"}},"tensors":[{"n":"w","t":0,"d":2,"s":[32,8,1,1]}]}`))
	f.Add([]byte(`{"version":3,"parts":1,"tensors":[{"n":"w","t":12,"d":9,"s":[9223372036854775807,8,1,1],"o":-1}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var k gguf.Kept
		if json.Unmarshal(b, &k) != nil {
			return
		}
		file, err := k.File()
		if err != nil {
			return
		}
		if n := file.DataBytes(); n < 0 {
			t.Fatalf("%d bytes of tensors", n)
		}
		for i := range file.Tensors {
			if file.Tensor(file.Tensors[i].Name) == nil {
				t.Fatalf("tensor %q is not found by its name", file.Tensors[i].Name)
			}
		}
	})
}
