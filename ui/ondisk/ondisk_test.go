package ondisk_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/catalog/gguf/gguftest"
	"runlocal/catalog/local"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
	"runlocal/ui/ondisk"
)

// tiny is a header with no more than an architecture needs.
func tiny(arch string) []byte {
	h := gguftest.Header{
		Keys: []gguftest.Key{
			{Name: "general.architecture", Value: arch}, {Name: "general.name", Value: "a\x1b[2J name\u202e"},
			{Name: arch + ".block_count", Value: uint32(1)}, {Name: arch + ".context_length", Value: uint32(512)},
			{Name: arch + ".embedding_length", Value: uint32(64)}, {Name: arch + ".attention.head_count", Value: uint32(1)},
		},
		Tensors: []gguftest.Tensor{
			{Name: "token_embd.weight", Shape: []uint64{64, 32}}, {Name: "output_norm.weight", Shape: []uint64{64}},
			{Name: "blk.0.attn_norm.weight", Shape: []uint64{64}}, {Name: "blk.0.ffn_norm.weight", Shape: []uint64{64}},
			{Name: "blk.0.attn_q.weight", Shape: []uint64{64, 64}}, {Name: "blk.0.attn_k.weight", Shape: []uint64{64, 64}},
			{Name: "blk.0.attn_v.weight", Shape: []uint64{64, 64}}, {Name: "blk.0.attn_output.weight", Shape: []uint64{64, 64}},
			{Name: "blk.0.ffn_gate.weight", Shape: []uint64{64, 128}}, {Name: "blk.0.ffn_up.weight", Shape: []uint64{64, 128}},
			{Name: "blk.0.ffn_down.weight", Shape: []uint64{128, 64}},
		},
	}
	return h.File()
}

func TestFind(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	dir := filepath.Join(home, "models")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"a  b.gguf": tiny("llama"), "x.gguf": tiny("nobody\nknows"), "bad.gguf": []byte("no")} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := local.Options{Home: home, Getenv: func(string) string { return "" }}
	files, problems := ondisk.Find(t.Context(), c, sizing.NewEngine(c, runtimes.All(c)...), o)
	if len(files) != 2 || len(problems) != 1 {
		t.Fatalf("%+v, %v", files, problems)
	}
	known, unknown := files[0], files[1]
	// 64·32 + 64 + 2·64 + 4·64·64 + 3·64·128 weights of four bytes.
	const weights = 4 * (2048 + 64 + 128 + 16384 + 24576)
	if known.Path != filepath.Join(dir, "a  b.gguf") || known.Title != "a[2J name" || known.Weights != weights || known.Bytes <= weights {
		t.Errorf("%+v", known)
	}
	if s := known.Sized; s == nil || s.Model.ID != known.Path {
		t.Errorf("sized as %+v", known.Sized)
	} else if file, err := s.Engine.FileOf(s.Model, s.Quant); err != nil || file.Bytes != weights {
		t.Errorf("the engine weighs %+v, %v", file, err)
	}
	if unknown.Sized != nil || !strings.Contains(unknown.Reason, "not known") || strings.ContainsAny(unknown.Reason+unknown.Arch, "\n\x1b") {
		t.Errorf("%+v", unknown)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if files, _ := ondisk.Find(gone, c, sizing.NewEngine(c, runtimes.All(c)...), o); len(files) > 0 {
		t.Errorf("found %d files for nobody", len(files))
	}
}
