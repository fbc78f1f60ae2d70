//go:build unix

package local_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"runlocal/catalog/gguf/gguftest"
	"runlocal/catalog/local"
)

// model is a small file of some architecture.
func model(arch string, keys ...gguftest.Key) []byte {
	h := gguftest.Header{
		Keys:    append([]gguftest.Key{{Name: "general.architecture", Value: arch}}, keys...),
		Tensors: []gguftest.Tensor{{Name: "token_embd.weight", Shape: []uint64{32, 8}}},
	}
	return h.File()
}

func put(t *testing.T, b []byte, parts ...string) string {
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

func link(t *testing.T, to string, parts ...string) {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

func options(home string, env map[string]string) local.Options {
	return local.Options{Home: home, GOOS: "linux", Getenv: func(k string) string { return env[k] }}
}

func find(t *testing.T, o local.Options) (files, problems []string) {
	t.Helper()
	found, wrong := local.Find(context.Background(), o)
	for _, f := range found {
		files = append(files, fmt.Sprintf("%s: %s (%s, %d bytes)", f.Source, f.Name, f.Header.Architecture(), f.Size))
	}
	slices.Sort(files)
	for _, p := range wrong {
		problems = append(problems, p.Error())
	}
	return files, problems
}

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func manifest(digest string) []byte {
	return []byte(`{"schemaVersion":2,"layers":[{"mediaType":"application/vnd.ollama.image.template","digest":"sha256:ff"},` +
		`{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:` + digest + `","size":5}]}`)
}

func TestFindsWhatEachProgramKeeps(t *testing.T) {
	home := t.TempDir()
	size := len(model("llama"))
	put(t, model("llama"), home, ".cache/llama.cpp/a.gguf")
	blob := put(t, model("qwen3"), home, ".cache/huggingface/hub/models--Qwen--Qwen3-8B-GGUF/blobs/abc")
	link(t, blob, home, ".cache/huggingface/hub/models--Qwen--Qwen3-8B-GGUF/snapshots/1f/Qwen3-8B-Q4_K_M.gguf")
	link(t, blob, home, ".cache/huggingface/hub/models--Qwen--Qwen3-8B-GGUF/snapshots/2f/Qwen3-8B-Q4_K_M.gguf")
	put(t, model("gemma3"), home, ".lmstudio/models/maker/repo/g.gguf")
	put(t, model("clip"), home, ".lmstudio/models/maker/repo/mmproj-g.gguf")
	put(t, model("llama", gguftest.Key{Name: "general.type", Value: "adapter"}), home, ".lmstudio/models/maker/repo/lora.gguf")
	put(t, []byte(filepath.Join(home, "moved")+"\n"), home, ".lmstudio-home-pointer")
	put(t, model("phi3"), home, "moved/models/maker/other/p.gguf")
	put(t, manifest(digest), home, ".ollama/models/manifests/host.example/library/llama3.1/8b")
	put(t, manifest(digest), home, ".ollama/models/manifests/host.example/me/mine/latest")
	put(t, model("llama"), home, ".ollama/models/blobs/sha256-"+digest)
	put(t, model("falcon"), home, ".local/share/nomic.ai/GPT4All/f.gguf")
	put(t, model("mamba"), home, "models/deep/er/m.GGUF")
	put(t, []byte("notes"), home, "models/readme.txt")
	link(t, home, home, "models/loop") // leads back to the top
	if err := syscall.Mkfifo(filepath.Join(home, "models/pipe.gguf"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, problems := find(t, options(home, nil))
	want := []string{
		fmt.Sprintf("GPT4All: f.gguf (falcon, %d bytes)", size+1),
		fmt.Sprintf("Hugging Face cache: Qwen/Qwen3-8B-GGUF (qwen3, %d bytes)", size),
		fmt.Sprintf("LM Studio: maker/other (phi3, %d bytes)", size),
		fmt.Sprintf("LM Studio: maker/repo (gemma3, %d bytes)", size+1),
		fmt.Sprintf("Ollama: llama3.1:8b (llama, %d bytes)", size),
		fmt.Sprintf("llama.cpp cache: a.gguf (llama, %d bytes)", size),
		fmt.Sprintf("models folder: m.GGUF (mamba, %d bytes)", size),
	}
	strip := func(s string) string { return s[:strings.LastIndex(s, ", ")] }
	if len(files) != len(want) {
		t.Fatalf("found\n%s\nproblems %v", strings.Join(files, "\n"), problems)
	}
	for i := range want {
		if strip(files[i]) != strip(want[i]) {
			t.Errorf("found %s, want %s", files[i], want[i])
		}
	}
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
}

func TestVariablesGoFirst(t *testing.T) {
	home, other := t.TempDir(), t.TempDir()
	put(t, model("llama"), other, "cache/a.gguf")
	put(t, model("llama"), other, "hub/models--o--r/snapshots/1/b.gguf")
	put(t, manifest(digest), other, "ollama/manifests/h/library/c/latest")
	put(t, model("llama"), other, "ollama/blobs/sha256-"+digest)
	put(t, model("llama"), home, ".cache/llama.cpp/hidden.gguf")
	files, problems := find(t, options(home, map[string]string{
		"LLAMA_CACHE": filepath.Join(other, "cache"), "HF_HOME": other, "OLLAMA_MODELS": filepath.Join(other, "ollama"),
	}))
	if got := strings.Join(files, "\n"); len(files) != 3 || strings.Contains(got, "hidden") || !strings.Contains(got, "o/r") || !strings.Contains(got, "c:latest") {
		t.Errorf("found\n%s\nproblems %v", got, problems)
	}
	mac := local.Options{Home: home, GOOS: "darwin", Getenv: func(string) string { return "" }}
	put(t, model("llama"), home, "Library/Caches/llama.cpp/m.gguf")
	put(t, model("llama"), home, "Library/Application Support/nomic.ai/GPT4All/n.gguf")
	if files, _ := find(t, mac); len(files) != 2 {
		t.Errorf("on a Mac: %v", files)
	}
}

func TestTellsWhatItCannotRead(t *testing.T) {
	home := t.TempDir()
	put(t, []byte("not one"), home, "models/bad\x1b[2J.gguf")
	put(t, model("llama")[:40], home, "models/short.gguf")
	put(t, model("llama", gguftest.Key{Name: "split.count", Value: uint16(2)}, gguftest.Key{Name: "split.no", Value: uint16(0)}), home, "models/s-00001-of-00002.gguf")
	put(t, []byte("{"), home, ".ollama/models/manifests/h/library/a/1")
	put(t, manifest("../../../../etc/passwd"), home, ".ollama/models/manifests/h/library/a/2")
	put(t, manifest(digest), home, ".ollama/models/manifests/h/library/a/3")
	put(t, []byte(strings.Repeat(" ", 1<<20+1)), home, ".ollama/models/manifests/h/library/a/4")
	put(t, model("llama"), home, "models/good.gguf")
	files, problems := find(t, options(home, nil))
	all := strings.Join(problems, "\n")
	for _, want := range []string{"not a GGUF file", "the header goes on beyond", "part 2 of 2", "not JSON", "digest is none", "no such file", "more than 1048576 bytes"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q:\n%s", want, all)
		}
	}
	if len(files) != 1 || len(problems) != 7 || strings.Contains(all, "\x1b") {
		t.Errorf("%v and %d problems:\n%s", files, len(problems), all)
	}
}

func TestStops(t *testing.T) {
	home := t.TempDir()
	for i := range 50 {
		put(t, model("llama"), home, "models", fmt.Sprintf("%d.gguf", i))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	files, problems := local.Find(ctx, options(home, nil))
	if len(files) == 50 || len(problems) == 0 || !strings.Contains(problems[len(problems)-1].Error(), "stopped") {
		t.Errorf("%d files after it was cancelled; %v", len(files), problems)
	}
	o := options(home, nil)
	o.Time = time.Nanosecond
	_, problems = local.Find(context.Background(), o)
	if len(problems) == 0 || !strings.Contains(problems[len(problems)-1].Error(), "too long") {
		t.Errorf("no time: %v", problems)
	}
}

func TestNothingThere(t *testing.T) {
	files, problems := find(t, options(filepath.Join(t.TempDir(), "nobody"), nil))
	if len(files)+len(problems) > 0 {
		t.Errorf("%v, %v", files, problems)
	}
}

// TestTooDeep leaves folders alone that lie deeper than any program's.
func TestTooDeep(t *testing.T) {
	home := t.TempDir()
	put(t, model("llama"), home, "models", strings.Repeat("d/", 8), "in.gguf")
	put(t, model("llama"), home, "models", strings.Repeat("e/", 10), "out.gguf")
	if files, _ := find(t, options(home, nil)); len(files) != 1 || !strings.Contains(files[0], "in.gguf") {
		t.Errorf("found %v", files)
	}
}
