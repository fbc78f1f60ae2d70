package fix

import (
	"strings"
	"testing"

	"runlocal/sizing"
)

// A log of llama.cpp that ran out of memory, with all that it states.
const startedWith = `llama_model_loader: loaded meta data with 33 key-value pairs and 292 tensors from /home/me/Meta-Llama-3.1-8B-Instruct-Q8_0.gguf (version GGUF V3 (latest))
llama_model_loader: - kv   2:                               general.name str              = Meta Llama 3.1 8B Instruct
print_info: file type   = Q8_0
ggml_cuda_init: found 1 CUDA devices:
  Device 0: NVIDIA GeForce RTX 3060, compute capability 8.6, VMM: yes
llama_model_load_from_file_impl: using device CUDA0 (NVIDIA GeForce RTX 3060) (0000:01:00.0) - 11000 MiB free
load_tensors: offloaded 33/33 layers to GPU
llama_context: n_seq_max     = 1
llama_context: n_ctx         = 65536
ggml_backend_cuda_buffer_type_alloc_buffer: allocating 8192.00 MiB on device 0: cudaMalloc failed: out of memory
llama_init_from_model: failed to initialize the context: failed to allocate buffer for kv cache
`

func TestFactsAndAdvice(t *testing.T) {
	x := theWorld(t)
	d, err := x.matcher.Read(strings.NewReader(startedWith))
	if err != nil {
		t.Fatal(err)
	}
	f := &d.Facts
	if f.Settings["ctx"] != "65536" || f.Settings["quant"] != "Q8_0" || f.Settings["gpu_layers"] != "33" || f.Settings["runtime"] != "llama.cpp" {
		t.Errorf("settings %v", f.Settings)
	}
	if len(f.GPUs) != 1 || f.GPUs[0].Name != "NVIDIA GeForce RTX 3060" || f.GPUs[0].Free != 11000<<20 {
		t.Errorf("devices %+v", f.GPUs)
	}
	if f.Wanted != 8192<<20 || f.Models[0] != "Meta Llama 3.1 8B Instruct" {
		t.Errorf("wanted %d, models %q", f.Wanted, f.Models)
	}
	a := Advise(f, x.engine, x.catalog, nil)
	if a == nil || a.Model.ID != "llama-3.1-8b" || a.Settings.Quant != "Q8_0" || a.Settings.Ctx != 65536 || !a.OfLog {
		t.Fatalf("advice %+v", a)
	}
	if a.Rig.GPUs[0].Record.ID != "nvidia-geforce-rtx-3060-12gb" {
		t.Errorf("11000 MiB were free, and it is taken for the %s", a.Rig.GPUs[0].Record.ID)
	}
	if a.Budget.Verdict != sizing.No {
		t.Errorf("it fits: %+v", a.Budget)
	}
	var changes []string
	for _, o := range a.Options {
		changes = append(changes, o.Change)
		if o.Budget.Verdict == sizing.No {
			t.Errorf("%s does not fit", o.Change)
		}
	}
	said := strings.Join(changes, "; ")
	for _, want := range []string{"and a context of ", "; a context of ", "layers on the GPU"} {
		if !strings.Contains(said, want) {
			t.Errorf("the changes are %q; want %q among them", said, want)
		}
	}
	t.Log(strings.Join(append(d.Facts.Numbers(), a.Lines()...), "\n"), "\n", said)
}
