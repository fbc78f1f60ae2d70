package sizing

import (
	"encoding/json"
	"math"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// truthRun is one row of llamacpp.tsv as a request.
func truthRun(t testing.TB, r row) (Settings, *Rig) {
	t.Helper()
	n := func(col string) int { return int(r.num(t, col)) }
	s := Defaults(r["ftype"], n("n_ctx"))
	s.KVTypeK, s.KVTypeV = r["type_k"], r["type_v"]
	s.Parallel, s.UBatch, s.Batch = n("n_seq"), n("n_ubatch"), max(2048, n("n_ubatch"))
	s.OutputsMax, s.KVUnified, s.SWAFull = n("n_outputs_max"), r["kv_unified"] == "1", r["swa_full"] == "1"
	s.FlashAttn = map[string]FlashAttn{"0": FlashOff, "1": FlashOn}[r["flash_attn"]]
	s.GPULayers, s.CPUMoE = n("ngl"), 0
	if s.GPULayers < 0 {
		s.GPULayers = LayersAll
	}
	for _, opt := range strings.FieldsFunc(r["opts"], func(c rune) bool { return c == ' ' || c == ',' || c == ';' }) {
		applyTruthOption(t, &s, opt)
	}
	rig := &Rig{Host: Host{Capacity: 1 << 42}}
	for range n("n_gpu") {
		rig.GPUs = append(rig.GPUs, GPU{Name: "card", Capacity: 80 << 30, Backend: "cuda", ComputeCapability: 8.9})
	}
	return s, rig
}

func applyTruthOption(t testing.TB, s *Settings, opt string) {
	t.Helper()
	name, value, _ := strings.Cut(opt, "=")
	switch name {
	case "cpu_moe":
		s.CPUMoE = AllExperts
	case "n_cpu_moe":
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		s.CPUMoE = n
	case "no_kv_offload":
		s.KVOffload = false
	case "no_op_offload":
		s.OpOffload = false
	case "tensor_split":
		for _, share := range strings.Split(value, "/") {
			v, err := strconv.ParseFloat(share, 64)
			if err != nil {
				t.Fatal(err)
			}
			s.TensorSplit = append(s.TensorSplit, v)
		}
	case "cc": // compute capability makes no difference
	default:
		t.Fatalf("unknown option %q", opt)
	}
}

// truthParts are a device's buffers in the log's words.
type truthParts struct{ Model, KV, RS, Compute int64 }

func (p truthParts) total() int64 { return p.Model + p.KV + p.RS + p.Compute }

// truthDevices reads the buffers of a row: each GPU, then the host.
func truthDevices(t testing.TB, r row) []truthParts {
	t.Helper()
	var byType map[string]truthParts
	if err := json.Unmarshal([]byte(r["per_device"]), &byType); err != nil {
		t.Fatal(err)
	}
	gpus := int(r.num(t, "n_gpu"))
	out := make([]truthParts, gpus+1)
	for name, p := range byType {
		at := gpus
		if i, err := strconv.Atoi(strings.TrimPrefix(name, "CUDA")); err == nil {
			at = i
		}
		out[at].Model += p.Model
		out[at].KV += p.KV
		out[at].RS += p.RS
		out[at].Compute += p.Compute
	}
	out[gpus].Compute += r.num(t, "output_bytes")
	return out
}

// errorsOf is a set of relative errors.
type errorsOf []float64

func (e errorsOf) quantile(q float64) float64 {
	if len(e) == 0 {
		return 0
	}
	s := make([]float64, len(e))
	for i, v := range e {
		s[i] = math.Abs(v)
	}
	sort.Float64s(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func (e errorsOf) within(limit float64) float64 {
	n := 0
	for _, v := range e {
		if math.Abs(v) <= limit {
			n++
		}
	}
	return float64(n) / float64(max(1, len(e)))
}

func relative(got, want int64) float64 {
	if want == 0 {
		if got == 0 {
			return 0
		}
		return 1
	}
	return float64(got-want) / float64(want)
}

// TestAccuracyAgainstTheAllocator compares the engine with llama.cpp's own
// allocator, device by device. The README's table is what it prints.
func TestAccuracyAgainstTheAllocator(t *testing.T) {
	c, e := world(t)
	find := findMeasured(t, c)
	sums := map[string]*errorsOf{}
	note := func(what string, got, want int64) {
		if sums[what] == nil {
			sums[what] = &errorsOf{}
		}
		*sums[what] = append(*sums[what], relative(got, want))
	}
	published := truthNames(t)
	for _, r := range truthRows(t, "llamacpp.tsv.gz") {
		s, rig := truthRun(t, r)
		m := find(r["model"])
		if whole := modelNamed(t, c, published[r["model"]]); whole != m {
			noteTotals(note, "as published", estimate(t, e, whole, s, rig), truthDevices(t, r))
		}
		b, err := e.Estimate(m, s, rig)
		if err != nil {
			t.Errorf("%s: %v", r["model"], err)
			continue
		}
		for d, want := range truthDevices(t, r) {
			got := b.Devices[d]
			side := "GPU"
			if got.Kind == KindHost {
				side = "host"
			}
			note(side+" weights", got.Weights, want.Model)
			note(side+" KV cache", got.KVCache, want.KV)
			note(side+" recurrent state", got.RecurrentState, want.RS)
			note(side+" compute", got.Compute, want.Compute)
			for _, design := range truthDesigns(r) {
				note(side+" compute: "+design, got.Compute, want.Compute)
			}
		}
		noteTotals(note, "total", b, truthDevices(t, r))
	}
	report(t, sums)
	for k, limit := range accuracyFloor {
		s := *sums[k]
		if exact, worst := s.within(0), s.quantile(1); exact < limit.exact || worst > limit.worst {
			t.Errorf("%s: %.2f %% exact, worst %.3f %%; it was better: %.2f %%, %.3f %%", k, 100*exact, 100*worst, 100*limit.exact, 100*limit.worst)
		}
	}
}

// noteTotals notes each device's sum without what the driver takes.
func noteTotals(note func(string, int64, int64), what string, b Budget, want []truthParts) {
	for d, w := range want {
		side := "GPU "
		if b.Devices[d].Kind == KindHost {
			side = "host "
		}
		note(side+what, b.Devices[d].Total-b.Devices[d].Overhead, w.total())
	}
}

// report prints the README's table.
func report(t *testing.T, sums map[string]*errorsOf) {
	t.Helper()
	var keys []string
	for k := range sums {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	t.Logf("| buffer | devices | exact | median | 95 %% | worst | within 5 %% |")
	for _, k := range keys {
		s := *sums[k]
		t.Logf("| %s | %d | %.1f %% | %.2f %% | %.2f %% | %.1f %% | %.1f %% |", k, len(s),
			100*s.within(0), 100*s.quantile(0.5), 100*s.quantile(0.95), 100*s.quantile(1), 100*s.within(0.05))
	}
}

// accuracyFloor is what the engine reaches and must not lose: how many devices
// are exact, and the worst relative error.
var accuracyFloor = map[string]struct{ exact, worst float64 }{
	"GPU total": {1, 0}, "GPU weights": {1, 0}, "GPU KV cache": {1, 0}, "GPU recurrent state": {1, 0}, "GPU compute": {1, 0},
	"host total": {0.998, 0.0005}, "host KV cache": {1, 0}, "host recurrent state": {1, 0},
	"host weights": {0.998, 0.0005}, "host compute": {0.998, 0.0005},
}

// truthDesigns are the designs that a row belongs to.
func truthDesigns(r row) []string {
	design := []string{"dense"}
	switch arch := r["arch"]; {
	case arch == "deepseek2":
		design[0] = "MLA"
	case r["rs_bytes"] != "0":
		design[0] = "recurrent and hybrid"
	case strings.Contains(arch, "bert") || arch == "gemma-embedding":
		design[0] = "encoders"
	case strings.Contains(arch, "moe") || arch == "gpt-oss" || arch == "llama4" || strings.HasPrefix(r["model"], "Mixtral") || strings.Contains(r["model"], "-A4B"):
		design[0] = "MoE"
	}
	if r["flash_attn"] == "0" {
		design = append(design, "flash attention off")
	}
	if r["type_k"] != "f16" || r["type_v"] != "f16" {
		design = append(design, "cache not f16")
	}
	if r["n_outputs_max"] == "0" {
		design = append(design, "logits of the whole batch")
	}
	switch {
	case strings.Contains(r["opts"], "cpu_moe"):
		design = append(design, "experts in RAM")
	case strings.Contains(r["opts"], "no_kv_offload"):
		design = append(design, "cache in RAM")
	case r["ngl"] != "-1":
		design = append(design, "layers in RAM")
	}
	if r["n_gpu"] == "2" {
		design = append(design, "two GPUs")
	}
	return design
}
