package uitest

import (
	"bytes"
	"fmt"
	"testing"

	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
	"runlocal/catalog/local"
	"runlocal/ui/ondisk"
)

// Files are what a search of the test's machine finds: a Qwen3 8B in the
// cache of a hub, a tiny model that Ollama keeps, and a file whose
// architecture nobody knows and whose texts try to steer the terminal. They
// are made anew, because a pane keeps what it is given.
func (w World) Files(tb testing.TB) []ondisk.File {
	tb.Helper()
	const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	found := []local.File{
		{Name: "Qwen/Qwen3-8B-GGUF", Source: "Hugging Face cache", Path: "/home/u/.cache/hub/Qwen3-8B-Q4_K_M.gguf",
			Header: header(tb, qwen3("Qwen3 8B", 36, 4096, 12288, 151936))},
		{Name: "odd\x1b[2J.gguf", Source: "models folder", Path: "/home/u/models/odd\x1b[2J.gguf",
			Header: header(tb, gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "other\x1b[2J\nkind"}}})},
		{Name: "tiny:latest", Source: "Ollama", Path: "/home/u/.ollama/models/blobs/sha256-" + digest,
			Header: header(tb, qwen3("Tiny", 2, 512, 1536, 1024))},
	}
	files := make([]ondisk.File, len(found))
	for i := range found {
		found[i].Size = found[i].Header.Size
		files[i] = ondisk.Of(&found[i], w.Catalog, w.Engine)
	}
	return files
}

// header reads what h writes as if all of the file were there.
func header(tb testing.TB, h gguftest.Header) *gguf.File {
	tb.Helper()
	b := h.Bytes()
	f, err := gguf.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	f.Size, f.Missing = f.Size+f.Missing, 0
	return f
}

// The types of the tensors, and the file type that goes with them.
const (
	q4K    = gguf.Type(12)
	q6K    = gguf.Type(14)
	fileQ4 = uint32(15) // Q4_K_M
)

// qwen3 is a Qwen3 of some size, 32 heads of 128 on 8.
func qwen3(name string, layers, hidden, ffn, vocab uint64) gguftest.Header {
	h := gguftest.Header{Keys: []gguftest.Key{
		{Name: "general.architecture", Value: "qwen3"}, {Name: "general.name", Value: name}, {Name: "general.file_type", Value: fileQ4},
		{Name: "qwen3.block_count", Value: uint32(layers)}, {Name: "qwen3.context_length", Value: uint32(40960)},
		{Name: "qwen3.embedding_length", Value: uint32(hidden)}, {Name: "qwen3.feed_forward_length", Value: uint32(ffn)},
		{Name: "qwen3.attention.head_count", Value: uint32(32)}, {Name: "qwen3.attention.head_count_kv", Value: uint32(8)},
		{Name: "qwen3.attention.key_length", Value: uint32(128)}, {Name: "qwen3.attention.value_length", Value: uint32(128)},
	}}
	add := func(name string, t gguf.Type, shape ...uint64) {
		h.Tensors = append(h.Tensors, gguftest.Tensor{Name: name, Type: t, Shape: shape})
	}
	add("token_embd.weight", q4K, hidden, vocab)
	add("output_norm.weight", 0, hidden)
	add("output.weight", q6K, hidden, vocab)
	for i := range layers {
		l := fmt.Sprintf("blk.%d.", i)
		add(l+"attn_norm.weight", 0, hidden)
		add(l+"ffn_norm.weight", 0, hidden)
		add(l+"attn_q_norm.weight", 0, 128)
		add(l+"attn_k_norm.weight", 0, 128)
		add(l+"attn_q.weight", q4K, hidden, 4096)
		add(l+"attn_k.weight", q4K, hidden, 1024)
		add(l+"attn_v.weight", q6K, hidden, 1024)
		add(l+"attn_output.weight", q4K, 4096, hidden)
		add(l+"ffn_gate.weight", q4K, hidden, ffn)
		add(l+"ffn_up.weight", q4K, hidden, ffn)
		add(l+"ffn_down.weight", q6K, ffn, hidden)
	}
	return h
}
