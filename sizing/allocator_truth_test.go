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
	names := truthNames(t)
	sums := map[string]*errorsOf{}
	note := func(what string, got, want int64) {
		if sums[what] == nil {
			sums[what] = &errorsOf{}
		}
		*sums[what] = append(*sums[what], relative(got, want))
	}
	for _, r := range truthRows(t, "llamacpp.tsv.gz") {
		s, rig := truthRun(t, r)
		b, err := e.Estimate(modelNamed(t, c, names[r["model"]]), s, rig)
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
			note(side+" total", got.Total-got.Overhead, want.total())
		}
	}
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
	for _, k := range []string{"GPU total", "host total"} {
		if w := sums[k].within(0.05); w < 0.95 {
			t.Errorf("%s: only %.1f %% of the devices are within 5 %%", k, 100*w)
		}
	}
}
