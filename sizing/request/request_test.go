package request

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runlocal/catalog"
	"runlocal/sizing"
)

var loadCatalog = sync.OnceValues(catalog.Load)

func theCatalog(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	c, err := loadCatalog()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestSettings(t *testing.T) {
	c := theCatalog(t)
	want := func(change func(*sizing.Settings)) sizing.Settings {
		s := sizing.Defaults("Q4_K_M", 8192)
		change(&s)
		return s
	}
	for _, x := range []struct {
		line string
		want sizing.Settings
	}{
		{`{}`, want(func(*sizing.Settings) {})},
		{`{"quant":"q8_0","ctx":2048}`, want(func(s *sizing.Settings) { s.Quant, s.Ctx = "Q8_0", 2048 })},
		{`{"quant":"q5km"}`, want(func(s *sizing.Settings) { s.Quant = "Q5_K_M" })},
		{`{"ctx":"32k"}`, want(func(s *sizing.Settings) { s.Ctx = 32768 })},
		{`{"ctx":"max"}`, want(func(s *sizing.Settings) { s.Ctx = 131072 })},
		{`{"kv_type":"q8_0"}`, want(func(s *sizing.Settings) { s.KVTypeK, s.KVTypeV = "q8_0", "q8_0" })},
		{`{"kv_type_v":"q4_0","kv_type":"Q8_0"}`, want(func(s *sizing.Settings) { s.KVTypeK, s.KVTypeV = "q8_0", "q4_0" })},
		{`{"runtime":"ollama"}`, want(func(s *sizing.Settings) { s.Runtime = sizing.Ollama })},
		{`{"batch":512,"ubatch":256,"parallel":4}`, want(func(s *sizing.Settings) { s.Batch, s.UBatch, s.Parallel = 512, 256, 4 })},
		{`{"outputs_max":0}`, want(func(s *sizing.Settings) { s.OutputsMax = 0 })},
		{`{"kv_unified":false,"swa_full":true,"kv_offload":false}`, want(func(s *sizing.Settings) { s.KVUnified, s.SWAFull, s.KVOffload = false, true, false })},
		{`{"flash_attn":"off"}`, want(func(s *sizing.Settings) { s.FlashAttn = sizing.FlashOff })},
		{`{"gpu_layers":20,"cpu_moe":"all"}`, want(func(s *sizing.Settings) { s.GPULayers, s.CPUMoE = 20, sizing.AllExperts })},
		{`{"gpu_layers":"all","cpu_moe":0}`, want(func(s *sizing.Settings) { s.GPULayers, s.CPUMoE = sizing.LayersAll, 0 })},
		{`{"tensor_split":[3,1]}`, want(func(s *sizing.Settings) { s.TensorSplit = []float64{3, 1} })},
		{`{"tensor_split":"0.6,0.4"}`, want(func(s *sizing.Settings) { s.TensorSplit = []float64{0.6, 0.4} })},
		{`{"quant":null,"train":"none"}`, want(func(*sizing.Settings) {})},
	} {
		r, err := ParseJSON([]byte(x.line))
		if err != nil {
			t.Errorf("%s: %v", x.line, err)
			continue
		}
		m, err := c.Model("llama-3.1-8b")
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Settings(c, m)
		if err != nil {
			t.Errorf("%s: %v", x.line, err)
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.line, diff)
		}
	}
}

func TestRigs(t *testing.T) {
	c := theCatalog(t)
	detected := &sizing.Rig{Name: "the detected machine", GPUs: []sizing.GPU{{Name: "found", Capacity: 1 << 33}}, Host: sizing.Host{Capacity: 1 << 34, UsedByOthers: 1 << 30}}
	for _, x := range []struct {
		line, name string
		capacities []int64 // of the GPUs, bytes
		ram        int64
	}{
		{`{}`, "the detected machine", []int64{1 << 33}, 1 << 34},
		{`{"ram":"64GB"}`, "the detected machine", []int64{1 << 33}, 64e9},
		{`{"gpu":"24GiB"}`, "24 GiB GPU", []int64{24 << 30}, sizing.DefaultHost().Capacity},
		{`{"gpu":"24GB"}`, "22.351741790771484 GiB GPU", []int64{24e9}, sizing.DefaultHost().Capacity},
		{`{"gpu":["2x 24GiB","16 GiB"]}`, "2 × 24 GiB GPU + 16 GiB GPU", []int64{24 << 30, 24 << 30, 16 << 30}, sizing.DefaultHost().Capacity},
		{`{"gpu":"M4 Max 64GB"}`, "Apple M4 Max (40-core GPU), 64 GB", []int64{48 << 30}, 64 << 30},
		{`{"gpu":"apple-m4-max-40-core-gpu","ram":"64GB"}`, "Apple M4 Max (40-core GPU), 64 GB", []int64{48 << 30}, 64 << 30},
		{`{"gpu":"none","ram":"8GiB"}`, "no GPU", nil, 8 << 30},
		{`{"gpu":"0.5GiB"}`, "0.5 GiB GPU", []int64{1 << 29}, sizing.DefaultHost().Capacity},
	} {
		r, err := ParseJSON([]byte(x.line))
		if err != nil {
			t.Fatalf("%s: %v", x.line, err)
		}
		rig, err := r.Rig(c, func() *sizing.Rig { return detected })
		if err != nil {
			t.Errorf("%s: %v", x.line, err)
			continue
		}
		var capacities []int64
		for _, g := range rig.GPUs {
			capacities = append(capacities, g.Capacity)
		}
		if diff := cmp.Diff(x.capacities, capacities); diff != "" || rig.Host.Capacity != x.ram || (rig.Name != x.name && x.line != `{"gpu":"24GB"}`) {
			t.Errorf("%s: got %q, %v, %d of RAM; want %q, %v, %d", x.line, rig.Name, capacities, rig.Host.Capacity, x.name, x.capacities, x.ram)
		}
	}
	if detected.Simulated || detected.Host.Capacity != 1<<34 {
		t.Error("a request for other RAM changed the detected rig itself")
	}
}

func TestNamesOfGPUs(t *testing.T) {
	c := theCatalog(t)
	for spec, want := range map[string]string{
		"RTX 3090": "RTX 3090", "rtx3090": "RTX 3090", "3090": "RTX 3090",
		"2x RTX 3090": "2 × RTX 3090", "2xRTX 3090": "2 × RTX 3090", `2x"RTX 3090"`: "2 × RTX 3090", "2×RTX 3090": "2 × RTX 3090", " 2 x RTX 3090 ": "2 × RTX 3090",
	} {
		gpus, err := GPUs(c, spec, 8.9)
		if err != nil || sizing.NameOf(gpus) != want {
			t.Errorf("%q: got %q, %v, want %q", spec, sizing.NameOf(gpus), err, want)
		}
	}
}

// Each of these is refused in one line that says what to write instead.
func TestBadRequests(t *testing.T) {
	c := theCatalog(t)
	for _, x := range []struct{ line, want string }{
		{``, "one JSON object"}, {`[]`, "one JSON object"}, {`"x"`, "one JSON object"}, {`{`, "not JSON"}, {`{"model"}`, "not JSON"},
		{`{"model":"llama-3.1-8b"`, "not closed"}, {`{"model":"llama-3.1-8b"} {}`, "something follows"}, {"{\"model\":\"\xff\"}", "UTF-8"},
		{`{"modle":"x"}`, `nearest: model`}, {`{"model":"llama-3.1-8b","model":"x"}`, "twice"},
		{`{"model":7}`, "want a text"}, {`{"ctx":1.5}`, "want a whole number"}, {`{"ctx":true}`, "want a whole number"}, {`{"ctx":1e3}`, "want a whole number"},
		{`{"parallel":"4"}`, "want a whole number"}, {`{"kv_unified":"yes"}`, "true or false"}, {`{"gpu":24}`, "array of texts"}, {`{"gpu":[24]}`, "array of texts"},
		{`{"tensor_split":["a"]}`, "array of numbers"}, {`{"tensor_split":[]}`, "array of numbers"}, {`{"gpu":{}}`, "array of texts"},
		{`{}`, "no model named"}, {`{"model":""}`, "no model named"}, {`{"model":"no such model at all"}`, "not in the catalog"},
		{`{"model":"llama-3.1-8b","ctx":0}`, "want 1 to 131,072 tokens"}, {`{"model":"llama-3.1-8b","ctx":-1}`, "want 1 to"},
		{`{"model":"llama-3.1-8b","ctx":1000000000000}`, "want 1 to"}, {`{"model":"llama-3.1-8b","ctx":"9223372036854775807k"}`, "want 1 to"}, {`{"model":"llama-3.1-8b","ctx":"long"}`, "want 1 to"},
		{`{"model":"llama-3.1-8b","quant":"Q4_K_X"}`, "nearest: Q4_K"}, {`{"model":"llama-3.1-8b","kv_type":"q9_0"}`, "nearest: q8_0"},
		{`{"model":"llama-3.1-8b","runtime":"mlx"}`, "not sized in this version"}, {`{"model":"llama-3.1-8b","runtime":"olama"}`, "nearest: ollama"},
		{`{"model":"llama-3.1-8b","train":"lora","runtime":"ollama"}`, "sized for transformers"}, {`{"model":"llama-3.1-8b","tensor_parallel":2}`, "vLLM"},
		{`{"gguf":"a.gguf"}`, "no file is read here"}, {`{"model":"llama-3.1-8b","gpu_memory_utilization":0.9}`, "vLLM"},
		{`{"model":"llama-3.1-8b","parallel":0}`, "from 1 to 256"}, {`{"model":"llama-3.1-8b","batch":-5}`, "from 1 to"}, {`{"model":"llama-3.1-8b","batch":99999999999}`, "from 1 to"},
		{`{"model":"llama-3.1-8b","gpu":"0xRTX 3090"}`, "1 to 64 GPUs"}, {`{"model":"llama-3.1-8b","gpu":"-1xRTX 3090"}`, "1 to 64 GPUs"}, {`{"model":"llama-3.1-8b","gpu":"99999999999999999999x24GiB"}`, "1 to 64 GPUs"},
		{`{"model":"llama-3.1-8b","gpu":"0GiB"}`, "more than 0"}, {`{"model":"llama-3.1-8b","gpu":"-24GiB"}`, "more than 0"}, {`{"model":"llama-3.1-8b","gpu":"24G"}`, "write GB or GiB"},
		{`{"model":"llama-3.1-8b","gpu":["40x24GiB","40x24GiB"]}`, "more than 64"}, {`{"model":"llama-3.1-8b","gpu":[]}`, "nothing named"}, {`{"model":"llama-3.1-8b","gpu":""}`, "no name"}, {`{"model":"llama-3.1-8b","gpu":"2x"}`, "no name"},
		{`{"model":"llama-3.1-8b","gpu":"GeForse 9999"}`, "not in the catalog"}, {`{"model":"llama-3.1-8b","gpu":"RTX 3060"}`, "which: nvidia"},
		{`{"model":"llama-3.1-8b","ram":"much"}`, "24GiB or 24GB"}, {`{"model":"llama-3.1-8b","ram":"0GB"}`, "more than 0"}, {`{"model":"llama-3.1-8b","ram":"1e9GiB"}`, "24GiB or 24GB"},
		{`{"model":"llama-3.1-8b","gpu":"24GiB","compute_capability":-1}`, "such as 8.9"}, {`{"model":"llama-3.1-8b","tensor_split":"a,b"}`, "such as 3,1"}, {`{"model":"llama-3.1-8b","tensor_split":"0,0"}`, "such as 3,1"},
		{`{"model":"` + strings.Repeat("x", 100000) + `"}`, "not in the catalog"},
	} {
		err := ask(c, x.line)
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 300 {
			t.Errorf("%.80s: got %v, want one line with %q", x.line, err, x.want)
		}
	}
}

// ask takes a line through all that a request goes through.
func ask(c *catalog.Catalog, line string) error {
	r, err := ParseJSON([]byte(line))
	if err != nil {
		return err
	}
	m, err := r.Model(c)
	if err != nil {
		return err
	}
	if _, err := r.Settings(c, m); err != nil {
		return err
	}
	_, err = r.Rig(c, func() *sizing.Rig { return &sizing.Rig{} })
	return err
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"24GiB": 24 << 30, "24 gb": 24e9, "1.5GiB": 3 << 29, "512MiB": 512 << 20, "1TB": 1e12, "100b": 100, "64 KiB": 65536} {
		if got, err := Size(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
}

// FuzzLine: whatever a batch line holds, it is answered with an error of one
// line or with settings and a rig that are within bounds.
func FuzzLine(f *testing.F) {
	for _, s := range []string{
		`{"model":"llama-3.1-8b","quant":"Q4_K_M","ctx":"32k","gpu":["2x RTX 3090","24GiB"],"ram":"64GiB"}`,
		`{"model":"gemma-3-12b","tensor_split":[1,2.5e3],"gpu_layers":"auto","cpu_moe":"all"}`,
		`{"gpu":"0x","ctx":-9223372036854775808}`, `{"ram":"1.7976931348623157e308GiB"}`, "{\"model\":\"\x00\"}", `{"a":{"b":[[[[`,
	} {
		f.Add(s)
	}
	c := theCatalog(f)
	m, err := c.Model("llama-3.1-8b")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r, err := ParseJSON([]byte(line))
		if err != nil {
			oneLine(t, err)
			return
		}
		s, err := r.Settings(c, m)
		if err != nil {
			oneLine(t, err)
		} else if s.Ctx < 1 || s.Ctx > maxCtx || s.Parallel < 1 || s.Batch < 1 || s.UBatch < 1 {
			t.Errorf("%q: settings out of bounds: %+v", line, s)
		}
		rig, err := r.Rig(c, func() *sizing.Rig { return &sizing.Rig{} })
		if err != nil {
			oneLine(t, err)
			return
		}
		for _, g := range rig.GPUs {
			if g.Capacity < 1 {
				t.Errorf("%q: a GPU of %d bytes", line, g.Capacity)
			}
		}
	})
}

func oneLine(t *testing.T, err error) {
	t.Helper()
	if strings.ContainsAny(err.Error(), "\n\x1b\x00") {
		t.Errorf("not one clean line: %q", err)
	}
}

// Empty grades on all of the memory; without it what others use counts.
func TestEmptyTakesNothingForUsed(t *testing.T) {
	busy := &sizing.Rig{
		GPUs: []sizing.GPU{{Name: "card", Capacity: 8 << 30, UsedByOthers: 3 << 30}},
		Host: sizing.Host{Capacity: 16 << 30, UsedByOthers: 5 << 30},
	}
	for answer, free := range map[string]int64{"": 5 << 30, "false": 5 << 30, "true": 8 << 30} {
		var r Request
		if answer != "" {
			if err := r.Set("empty", answer); err != nil {
				t.Fatal(err)
			}
		}
		rig, err := r.Rig(nil, func() *sizing.Rig { return busy })
		if err != nil {
			t.Fatal(err)
		}
		if got := rig.GPUs[0].Free(); got != free {
			t.Errorf("empty %q: %d bytes free, want %d", answer, got, free)
		}
	}
	if busy.GPUs[0].UsedByOthers == 0 {
		t.Error("the detected machine itself was changed")
	}
}

func TestBeside(t *testing.T) {
	c := theCatalog(t)
	m, err := c.Model("gemma-3-12b")
	if err != nil {
		t.Fatal(err)
	}
	small, err := c.Model("gemma-3-270m")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseJSON([]byte(`{"mmproj":"850MiB","lora":["16,32","160MiB"],"draft":"gemma-3-270m","draft_quant":"q8_0","draft_ctx":"4k","draft_gpu_layers":3,"embeddings":false}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Settings(c, m)
	if err != nil {
		t.Fatal(err)
	}
	want := sizing.Defaults("Q4_K_M", 8192)
	want.Vision = sizing.Projector{On: true, Bytes: 850 << 20}
	want.LoRA = []sizing.LoRA{{Rank: 16}, {Rank: 32}, {Bytes: 160 << 20}}
	want.Draft = &sizing.Draft{Model: small, Quant: "Q8_0", Ctx: 4096, GPULayers: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, line := range []string{`{"mmproj":"perhaps"}`, `{"lora":"x"}`, `{"draft":"no such model at all"}`, `{"draft_ctx":4096}`, `{"draft":"gemma-3-270m","draft_quant":"Q99"}`, `{"draft":"gemma-3-270m","draft_ctx":"-1"}`} {
		r, err := ParseJSON([]byte(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, err := r.Settings(c, m); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line", line, err)
		}
	}
}

func TestRemoteDevices(t *testing.T) {
	c := theCatalog(t)
	r, err := ParseJSON([]byte(`{"gpu":"24GiB","rpc":["attic:50052=16GiB","shed=8GiB"]}`))
	if err != nil {
		t.Fatal(err)
	}
	rig, err := r.Rig(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(rig.GPUs) != 3 || rig.GPUs[0].Name != "attic:50052" || rig.GPUs[0].Capacity != 16<<30 || rig.GPUs[0].Backend != sizing.BackendRPC || rig.GPUs[2].Backend == sizing.BackendRPC {
		t.Errorf("GPUs %+v, want two remote ones in front", rig.GPUs)
	}
	for _, line := range []string{`{"gpu":"none","rpc":"attic"}`, `{"gpu":"none","rpc":"=8GiB"}`, `{"gpu":"none","rpc":"attic=much"}`} {
		r, err := ParseJSON([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Rig(c, nil); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line", line, err)
		}
	}
}

func TestPlaces(t *testing.T) {
	c := theCatalog(t)
	m, err := c.Model("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	want := func(change func(*sizing.Settings)) sizing.Settings {
		s := sizing.Defaults("Q4_K_M", 8192)
		change(&s)
		return s
	}
	for _, x := range []struct {
		line string
		want sizing.Settings
	}{
		{`{"split_mode":"row","main_gpu":1}`, want(func(s *sizing.Settings) { s.SplitMode, s.MainGPU = sizing.SplitRow, 1 })},
		{`{"override_tensor":"exps=CPU"}`, want(func(s *sizing.Settings) { s.Overrides = []sizing.Override{{Pattern: "exps", Buffer: "CPU"}} })},
		{`{"override_tensor":["a=CPU,b=CUDA0","c=CPU"]}`, want(func(s *sizing.Settings) {
			s.Overrides = []sizing.Override{{Pattern: "a", Buffer: "CPU"}, {Pattern: "b", Buffer: "CUDA0"}, {Pattern: "c", Buffer: "CPU"}}
		})},
		{`{"mmap":false,"mlock":true,"direct_io":true,"op_offload":false}`, want(func(s *sizing.Settings) {
			s.NoMmap, s.Mlock, s.DirectIO, s.OpOffload = true, true, true, false
		})},
		{`{"gpu_layers":"fit","fit_target":"512,2GiB","fit_ctx":2048}`, want(func(s *sizing.Settings) {
			s.GPULayers, s.Ctx, s.FitTarget, s.FitCtx = sizing.LayersFit, 0, []int64{512 << 20, 2 << 30}, 2048
		})},
		{`{"filled":2048,"flash_attn":"off"}`, want(func(s *sizing.Settings) { s.Filled, s.FlashAttn = 2048, sizing.FlashOff })},
		{`{"runtime_build":"2026-05","guess":true}`, want(func(s *sizing.Settings) { s.Build, s.Guess = "2026-05", true })},
		{`{"gpu_layers":"fit","ctx":4096}`, want(func(s *sizing.Settings) { s.GPULayers, s.Ctx = sizing.LayersFit, 4096 })},
	} {
		r, err := ParseJSON([]byte(x.line))
		if err != nil {
			t.Errorf("%s: %v", x.line, err)
			continue
		}
		got, err := r.Settings(c, m)
		if err != nil {
			t.Errorf("%s: %v", x.line, err)
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.line, diff)
		}
	}
	for _, line := range []string{`{"override_tensor":"exps"}`, `{"override_tensor":"=CPU"}`, `{"override_tensor":"x="}`, `{"split_mode":"diagonal"}`, `{"fit_target":"-1"}`, `{"fit_target":"much"}`, `{"main_gpu":-1}`, `{"runtime_build":"b1"}`} {
		r, err := ParseJSON([]byte(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, err := r.Settings(c, m); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line", line, err)
		}
	}
}
