package command

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

// qwen is the header of a Qwen3 of two layers in Q8_0, its output and one
// feed-forward wider, as custom mixes have it.
func qwen() []byte {
	q8, q6 := gguf.Type(8), gguf.Type(14)
	h := gguftest.Header{Keys: []gguftest.Key{
		{Name: "general.architecture", Value: "qwen3"}, {Name: "general.name", Value: "Tiny Qwen"}, {Name: "general.file_type", Value: uint32(18)},
		{Name: "qwen3.block_count", Value: uint32(2)}, {Name: "qwen3.context_length", Value: uint32(4096)}, {Name: "qwen3.embedding_length", Value: uint32(512)},
		{Name: "qwen3.attention.head_count", Value: uint32(8)}, {Name: "qwen3.attention.head_count_kv", Value: uint32(2)},
		{Name: "qwen3.attention.key_length", Value: uint32(128)}, {Name: "qwen3.attention.value_length", Value: uint32(128)},
	}, Tensors: []gguftest.Tensor{
		{Name: "token_embd.weight", Type: q6, Shape: []uint64{512, 1000}}, {Name: "output_norm.weight", Shape: []uint64{512}},
	}}
	for _, l := range []string{"blk.0.", "blk.1."} {
		h.Tensors = append(h.Tensors,
			gguftest.Tensor{Name: l + "attn_norm.weight", Shape: []uint64{512}}, gguftest.Tensor{Name: l + "ffn_norm.weight", Shape: []uint64{512}},
			gguftest.Tensor{Name: l + "attn_q.weight", Type: q6, Shape: []uint64{512, 1024}}, gguftest.Tensor{Name: l + "attn_k.weight", Type: q6, Shape: []uint64{512, 256}},
			gguftest.Tensor{Name: l + "attn_v.weight", Type: q8, Shape: []uint64{512, 256}}, gguftest.Tensor{Name: l + "attn_output.weight", Type: q6, Shape: []uint64{1024, 512}},
			gguftest.Tensor{Name: l + "ffn_gate.weight", Type: q6, Shape: []uint64{512, 1536}}, gguftest.Tensor{Name: l + "ffn_up.weight", Type: q6, Shape: []uint64{512, 1536}},
			gguftest.Tensor{Name: l + "ffn_down.weight", Type: q8, Shape: []uint64{1536, 512}})
	}
	return h.File()
}

// wantWeights is the sum of the tensors of qwen, by hand: the embedding twice,
// as it is tied and there is a GPU, whose copy is rounded up to 128 bytes.
const wantWeights = 420_000 + 420_096 + 2048 + 2*(2*2048+1024*420+256*420+256*544+512*840+2*1536*420+512*1632)

// run answers a command line and returns what it printed, what it said, and
// the status.
func run(t *testing.T, in string, environ []string, args ...string) (out, said string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	a := App{Version: "test", In: strings.NewReader(in), Out: &o, Err: &e, Environ: environ}
	status = Run(context.Background(), a, args)
	return o.String(), e.String(), status
}

func file(t *testing.T, b []byte, parts ...string) string {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type sized struct {
	Model, Quant string
	Totals       struct {
		Weights int64
		KVCache int64 `json:"kv_cache"`
	}
	Verdict string
	Fits    struct {
		BestQuant string `json:"best_quant"`
	}
	Warnings []string
	Error    string
}

func checkSized(t *testing.T, out, model string) {
	t.Helper()
	var s sized
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if s.Error != "" || s.Model != model || s.Quant != "Q6_K" || s.Totals.Weights != wantWeights || s.Totals.KVCache != 2*2*2*256*2048 || s.Fits.BestQuant != "Q6_K" || s.Verdict != "comfortable" {
		t.Errorf("%+v; want %s in Q6_K with %d bytes of weights", s, model, wantWeights)
	}
}

func TestSizeOfAFile(t *testing.T) {
	path := file(t, qwen(), t.TempDir(), "tiny.gguf")
	out, said, status := run(t, "", nil, "size", "--gguf", path, "--ctx", "2048", "--gpu", "RTX 4090", "--json")
	if status != 0 {
		t.Fatalf("status %d: %s", status, said)
	}
	checkSized(t, out, path)
	out, _, _ = run(t, `{"gguf":"`+path+`","ctx":2048}`+"\n"+`{"gguf":"absent.gguf"}`+"\n"+`{"gguf":"`+path+`","ctx":2048}`, nil, "size", "--batch", "-", "--gpu", "RTX 4090", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 || !strings.Contains(lines[1], `{"error":"gguf: no file \"absent.gguf\""}`) {
		t.Fatalf("batch: %s", out)
	}
	checkSized(t, lines[0], path)
	checkSized(t, lines[2], path)
	out, _, status = run(t, "", nil, "size", "--gguf", path, "--gpu", "none")
	if status != 0 || !strings.Contains(out, "Tiny Qwen") || !strings.Contains(out, "llama-server -m "+path) {
		t.Errorf("status %d: %s", status, out)
	}
}

func TestAFileThatWillNotDo(t *testing.T) {
	dir := t.TempDir()
	good := file(t, qwen(), dir, "good.gguf")
	short := file(t, qwen()[:20_000], dir, "short.gguf")
	for _, x := range []struct {
		want string
		args []string
	}{
		{"no file named", []string{"--gguf", ""}},
		{`no file "nothing.gguf"`, []string{"--gguf", "nothing.gguf"}},
		{"is a folder", []string{"--gguf", dir}},
		{"not a GGUF file", []string{"--gguf", file(t, []byte("PK\x03\x04\x1b[2J"), dir, "z\x1b[2Jip.gguf")}},
		{"both a model", []string{"llama-3.1-8b", "--gguf", good}},
		{"leave quant out", []string{"--gguf", good, "--quant", "Q8_0"}},
		{`the architecture "other" is not known`, []string{"--gguf", file(t, (&gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "other"}}}).Bytes(), dir, "other.gguf")}},
		{"want hf:OWNER/REPO/FILE.gguf", []string{"--gguf", "hf:owner/file.gguf"}},
	} {
		out, said, status := run(t, "", nil, append([]string{"size"}, x.args...)...)
		if status != 2 || out != "" || !strings.Contains(said, x.want) || strings.Count(said, "\n") != 1 || strings.Contains(said, "\x1b") {
			t.Errorf("%v: status %d, %q %q; want one line with %q", x.args, status, out, said, x.want)
		}
	}
	out, _, status := run(t, "", nil, "size", "--gguf", short, "--gpu", "RTX 4090")
	if status != 0 || !strings.Contains(out, "the download is not complete") {
		t.Errorf("status %d: %s", status, out)
	}
}

func TestSizeOfAFileOnAServer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/owner/repo/resolve/main/tiny.gguf" {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(qwen()))
	}))
	defer s.Close()
	env := []string{"HF_ENDPOINT=" + s.URL}
	out, said, status := run(t, "", env, "size", "--gguf", "hf:owner/repo/tiny.gguf", "--ctx", "2048", "--gpu", "RTX 4090", "--json")
	if status != 0 {
		t.Fatalf("status %d: %s", status, said)
	}
	checkSized(t, out, "hf:owner/repo/tiny.gguf")
	if _, said, status = run(t, "", env, "size", "--gguf", "hf:owner/repo/none.gguf"); status != 2 || !strings.Contains(said, "the server has no such file") {
		t.Errorf("status %d: %s", status, said)
	}
}

func TestFilesOnDisk(t *testing.T) {
	home := t.TempDir()
	file(t, qwen(), home, "models/tiny.gguf")
	file(t, (&gguftest.Header{Keys: []gguftest.Key{{Name: "general.architecture", Value: "other"}}}).Bytes(), home, "models/unknown.gguf")
	file(t, []byte("no"), home, "models/broken.gguf")
	env := []string{"HOME=" + home}
	out, said, status := run(t, "", env, "models", "--local", "--gpu", "RTX 4090", "--json")
	var rows []localRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || status != 0 || len(rows) != 2 {
		t.Fatalf("%v, status %d: %s %s", err, status, out, said)
	}
	if r := rows[0]; r.Name != "tiny.gguf" || r.Arch != "qwen3" || r.Quant != "Q6_K" || r.Verdict != "comfortable" || r.Total == 0 || r.Bytes != int64(len(qwen())) {
		t.Errorf("%+v", r)
	}
	if r := rows[1]; r.Verdict != "no" || !strings.Contains(r.Reason, "not known") {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(said, "broken.gguf") || strings.Count(said, "\n") != 1 {
		t.Errorf("said %q", said)
	}
	if out, _, _ = run(t, "", env, "models", "--local", "tiny", "--gpu", "none"); !strings.Contains(out, "tiny.gguf") || strings.Contains(out, "unknown.gguf") {
		t.Errorf("%s", out)
	}
	if out, _, _ = run(t, "", []string{"HOME=" + t.TempDir()}, "models", "--local"); !strings.Contains(out, "no model files found") {
		t.Errorf("%s", out)
	}
}
