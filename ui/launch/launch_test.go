package launch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/launch"
)

func llama() *catalog.Model {
	return &catalog.Model{
		ID: "llama-3.1-8b", Name: "Llama 3.1 8B Instruct", HF: "meta-llama/Llama-3.1-8B-Instruct",
		Ollama: "llama3.1:8b", GGUFArch: "llama", Context: 131072, NativeDtype: "bf16",
	}
}

func onGPU(layers, all int) sizing.Placement {
	return sizing.Placement{GPULayers: layers, Layers: all, FlashAttn: true, PerDevice: []int{layers}}
}

// with changes the defaults (Q4_K_M, 8,192 tokens).
func with(change func(*sizing.Settings)) sizing.Settings {
	s := sizing.Defaults("Q4_K_M", 8192)
	if change != nil {
		change(&s)
	}
	return s
}

const file = "llama-server -m Llama-3.1-8B-Instruct-Q4_K_M.gguf "

func TestLlamaServer(t *testing.T) {
	for _, c := range []struct {
		say    string
		change func(*sizing.Settings)
		placed sizing.Placement
		want   string
	}{
		{"everything on the GPU", nil, onGPU(33, 33), "-c 8192 -ngl 99 -fa on -np 1"},
		{"longest context", func(s *sizing.Settings) { s.Ctx = 0 }, onGPU(33, 33), "-c 131072 -ngl 99 -fa on -np 1"},
		{"part on the GPU", nil, onGPU(20, 33), "-c 8192 -ngl 20 -fa on -np 1"},
		{"nothing on the GPU", nil, sizing.Placement{Layers: 33}, "-c 8192 -ngl 0 -fa off -np 1"},
		{"more than 99 layers", nil, onGPU(127, 127), "-c 8192 -ngl 999 -fa on -np 1"},
		{"quantised cache", func(s *sizing.Settings) { s.KVTypeK, s.KVTypeV = "q8_0", "q4_0" }, onGPU(33, 33),
			"-c 8192 -ngl 99 -fa on -ctk q8_0 -ctv q4_0 -np 1"},
		{"four sequences, one cache", func(s *sizing.Settings) { s.Parallel = 4 }, onGPU(33, 33),
			"-c 8192 -ngl 99 -fa on -np 4 -kvu"},
		{"four sequences, four caches", func(s *sizing.Settings) { s.Parallel, s.KVUnified = 4, false }, onGPU(33, 33),
			"-c 8192 -ngl 99 -fa on -np 4"},
		{"overrides, the asked-for first", func(s *sizing.Settings) { s.Overrides = []sizing.Override{{Pattern: `blk\.1\.`, Buffer: "CUDA0"}} },
			sizing.Placement{GPULayers: 49, Layers: 49, FlashAttn: true, CPUMoE: 12, Overrides: []sizing.Override{{Pattern: `exps`, Buffer: "CPU"}}},
			`-c 8192 -ngl 99 -fa on -np 1 -ot 'blk\.1\.=CUDA0' -ot exps=CPU --n-cpu-moe 12`},
		{"a projector, an adapter and a draft", func(s *sizing.Settings) {
			s.Vision.On, s.LoRA, s.Draft = true, []sizing.LoRA{{Rank: 16}}, &sizing.Draft{Model: llama(), Quant: "Q8_0", GPULayers: sizing.LayersAll}
		}, onGPU(33, 33), "-c 8192 -ngl 99 -fa on -np 1 --mmproj mmproj-F16.gguf --lora adapter1.gguf -md Llama-3.1-8B-Instruct-Q8_0.gguf -ngld 99"},
		{"vectors", func(s *sizing.Settings) { s.Embeddings = true }, onGPU(33, 33), "-c 8192 -ngl 99 -fa on -np 1 --embedding"},
		{"another machine", nil, sizing.Placement{GPULayers: 33, Layers: 33, FlashAttn: true, PerDevice: []int{20, 13}, Remote: []string{"attic:50052"}},
			"-c 8192 -ngl 99 -fa on -np 1 -ts 20,13 --rpc attic:50052"},
		{"one GPU alone", func(s *sizing.Settings) { s.SplitMode, s.MainGPU = sizing.SplitNone, 1 },
			sizing.Placement{GPULayers: 33, Layers: 33, FlashAttn: true, PerDevice: []int{0, 33}}, "-c 8192 -ngl 99 -fa on -np 1 -sm none -mg 1"},
		{"rows over GPUs", func(s *sizing.Settings) { s.SplitMode, s.TensorSplit = sizing.SplitRow, []float64{1, 3} },
			sizing.Placement{GPULayers: 33, Layers: 33, FlashAttn: true, PerDevice: []int{8, 25}}, "-c 8192 -ngl 99 -fa on -np 1 -sm row -ts 1,3"},
		{"llama.cpp's own fit", func(s *sizing.Settings) {
			s.GPULayers, s.Ctx, s.FitTarget, s.FitCtx = sizing.LayersFit, 0, []int64{512 << 20}, 2048
		},
			sizing.Placement{GPULayers: 20, Layers: 33, FlashAttn: true, PerDevice: []int{12, 8}}, "--fit on --fit-target 512 --fit-ctx 2048 -fa on -np 1"},
		{"fit with a context", func(s *sizing.Settings) { s.GPULayers = sizing.LayersFit },
			sizing.Placement{GPULayers: 20, Layers: 33, FlashAttn: true}, "--fit on -c 8192 -fa on -np 1"},
		{"read, not mapped", func(s *sizing.Settings) { s.NoMmap = true }, onGPU(33, 33), "-c 8192 -ngl 99 -fa on -np 1 --load-mode none"},
		{"mapped and locked", func(s *sizing.Settings) { s.Mlock = true }, onGPU(33, 33), "-c 8192 -ngl 99 -fa on -np 1 --load-mode mmap+mlock"},
		{"past the cache", func(s *sizing.Settings) { s.DirectIO = true }, onGPU(33, 33), "-c 8192 -ngl 99 -fa on -np 1 --load-mode dio"},
		{"some experts in RAM", nil, sizing.Placement{GPULayers: 49, Layers: 49, FlashAttn: true, CPUMoE: 12},
			"-c 8192 -ngl 99 -fa on -np 1 --n-cpu-moe 12"},
		{"all experts in RAM", func(s *sizing.Settings) { s.CPUMoE = sizing.AllExperts },
			sizing.Placement{GPULayers: 49, Layers: 49, FlashAttn: true, CPUMoE: 48},
			"-c 8192 -ngl 99 -fa on -np 1 --cpu-moe"},
		{"two GPUs as the planner split them", nil,
			sizing.Placement{GPULayers: 33, Layers: 33, FlashAttn: true, PerDevice: []int{17, 16}},
			"-c 8192 -ngl 99 -fa on -np 1 -ts 17,16"},
		{"two GPUs as asked", func(s *sizing.Settings) { s.TensorSplit = []float64{3, 1.5} },
			sizing.Placement{GPULayers: 33, Layers: 33, FlashAttn: true, PerDevice: []int{22, 11}},
			"-c 8192 -ngl 99 -fa on -np 1 -ts 3,1.5"},
		{"the rest", func(s *sizing.Settings) {
			s.Batch, s.UBatch, s.SWAFull, s.KVOffload, s.OpOffload = 1024, 256, true, false, false
		}, onGPU(33, 33), "-c 8192 -ngl 99 -fa on -np 1 --swa-full --no-kv-offload --no-op-offload -b 1024 -ub 256"},
	} {
		got := launch.Build(llama(), with(c.change), c.placed)
		if diff := cmp.Diff([]string{file + c.want}, got.Lines); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.say, diff)
		}
		if len(got.Notes) != 0 {
			t.Errorf("%s: unexpected notes %q", c.say, got.Notes)
		}
	}
}

func TestOllama(t *testing.T) {
	const serve = "OLLAMA_CONTEXT_LENGTH=8192 OLLAMA_NUM_PARALLEL=1 OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=f16 ollama serve"
	const create = "ollama create llama-3.1-8b-local -f Modelfile"
	const run = "ollama run llama-3.1-8b-local"
	for _, c := range []struct {
		say    string
		change func(*sizing.Settings)
		placed sizing.Placement
		lines  []string
		note   string
	}{
		{"the tag's own precision", nil, onGPU(33, 33), []string{serve, "ollama run llama3.1:8b"}, ""},
		{"another precision", func(s *sizing.Settings) { s.Quant = "Q8_0" }, onGPU(33, 33), []string{
			serve, `printf '%s\n' 'FROM ./Llama-3.1-8B-Instruct-Q8_0.gguf' 'PARAMETER num_ctx 8192' > Modelfile`, create, run}, ""},
		{"part on the GPU", nil, onGPU(20, 33), []string{
			serve, `printf '%s\n' 'FROM llama3.1:8b' 'PARAMETER num_ctx 8192' 'PARAMETER num_gpu 20' > Modelfile`, create, run}, ""},
		{"no GPU at all", nil, sizing.Placement{Layers: 33, FlashAttn: true}, []string{serve, "ollama run llama3.1:8b"}, ""},
		{"four sequences of 2,048", func(s *sizing.Settings) { s.Parallel = 4 }, onGPU(33, 33), []string{
			"OLLAMA_CONTEXT_LENGTH=2048 OLLAMA_NUM_PARALLEL=4 OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=f16 ollama serve",
			"ollama run llama3.1:8b"}, ""},
		{"a cache type that Ollama lacks", func(s *sizing.Settings) { s.KVTypeK, s.KVTypeV = "q5_1", "q5_1" }, onGPU(33, 33), []string{
			strings.Replace(serve, "f16", "q5_1", 1), "ollama run llama3.1:8b"}, "f16, q8_0, q4_0"},
		{"experts in RAM", nil, sizing.Placement{GPULayers: 33, Layers: 33, FlashAttn: true, CPUMoE: 3},
			[]string{serve, "ollama run llama3.1:8b"}, "experts in RAM"},
	} {
		s := with(c.change)
		s.Runtime = sizing.Ollama
		got := launch.Build(llama(), s, c.placed)
		if diff := cmp.Diff(c.lines, got.Lines); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.say, diff)
		}
		if notes := strings.Join(got.Notes, "\n"); (c.note == "") != (notes == "") || !strings.Contains(notes, c.note) {
			t.Errorf("%s: notes %q, want one with %q", c.say, notes, c.note)
		}
	}
}

// A model that was read from a file is started from there, whatever the file is
// called.
func TestAFileIsStartedFromItsPath(t *testing.T) {
	for id, want := range map[string]string{
		"/m/a  b.gguf":          "llama-server -m '/m/a  b.gguf' ",
		"/o/blobs/sha256-01ab":  "llama-server -m /o/blobs/sha256-01ab ",
		"part/Model.GGUF":       "llama-server -m part/Model.GGUF ",
		"hf:owner/repo/q8.gguf": "llama-server -m q8.gguf ",
	} {
		m := &catalog.Model{ID: id, GGUFArch: "llama", Context: 4096}
		if got := launch.Build(m, with(nil), onGPU(33, 33)).Lines[0]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	for id, want := range map[string][]string{
		"/m/Model-Q8_0.gguf":   {"'FROM /m/Model-Q8_0.gguf'", "ollama create model-q8_0-local -f Modelfile"},
		"/o/blobs/sha256-01ab": {"'FROM /o/blobs/sha256-01ab'", "ollama run sha256-01ab-local"},
		"part/Model.gguf":      {"'FROM ./part/Model.gguf'", "ollama run model-local"},
	} {
		m := &catalog.Model{ID: id, GGUFArch: "llama", Context: 4096}
		got := launch.Build(m, with(func(s *sizing.Settings) { s.Runtime = sizing.Ollama }), onGPU(33, 33)).Text()
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: no %q in\n%s", id, text, got)
			}
		}
	}
}

// A name from a user's catalog file must not become shell code.
func TestNamesAreQuoted(t *testing.T) {
	m := llama()
	m.HF = "x/it's $(touch owned); a"
	dir := t.TempDir()
	for _, name := range []string{"llama-server", "ollama"} {
		stub := []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" >> args\n")
		if err := os.WriteFile(filepath.Join(dir, name), stub, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, runtime := range []string{sizing.LlamaCpp, sizing.Ollama} {
		s := with(func(s *sizing.Settings) { s.Runtime, s.Quant = runtime, "Q8_0" })
		cmd := exec.Command("sh", "-c", launch.Build(m, s, onGPU(33, 33)).Text())
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", runtime, err, out)
		}
		if _, err := os.Stat(filepath.Join(dir, "owned")); err == nil {
			t.Errorf("%s: the name ran as a command", runtime)
		}
	}
	for name, want := range map[string]string{
		"args":      "it's $(touch owned); a-Q8_0.gguf\n",
		"Modelfile": "FROM ./it's $(touch owned); a-Q8_0.gguf\n",
	} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s = %q, %v, want %q in it", name, got, err, want)
		}
	}
}
