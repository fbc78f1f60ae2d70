package sizing

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestAccuracyOfSpeed holds the bands against an H100 and published runs of
// llama.cpp. The figures are medians where a source has several runs of a kind.
func TestAccuracyOfSpeed(t *testing.T) {
	c, e := world(t)
	byKind := map[string][]float64{}
	for _, r := range truthRows(t, "speeds.tsv.gz") {
		m := modelNamed(t, c, r["model"])
		s, measured := speedSettings(t, r)
		b, err := e.Estimate(m, s, benchRig(t, c, r["device"]))
		if err != nil {
			t.Fatalf("%v: %v", r, err)
		}
		file := float64(b.Totals.Weights) / float64(r.num(t, "file_bytes"))
		own := strings.HasPrefix(r["source"], "own")
		if !own && math.Abs(file-1) > 0.1 || b.Verdict == Offload || b.Verdict == No {
			continue // another mix of types under the name, or partly in RAM
		}
		mid := b.Speed.Decode.Mid
		if r["test"] == "prefill" {
			mid = b.Speed.Prefill.Mid
		}
		byKind[speedKind(r, own)] = append(byKind[speedKind(r, own)], mid/measured)
	}
	for _, want := range []struct {
		kind         string
		median, band float64 // the median is at most so far off; so many lie within a quarter
	}{
		{"decode on an H100", 0.08, 0.85}, {"prefill on an H100", 0.08, 0.85},
		{"decode with CUDA", 0.08, 0.80}, {"prefill with CUDA", 0.10, 0.70},
		{"decode with ROCm", 0.05, 0.85}, {"prefill with ROCm", 0.20, 0.40},
		{"decode with Metal", 0.05, 0.80}, {"prefill with Metal", 0.10, 0.70},
		{"decode with Vulkan", 0.10, 0.65}, {"prefill with Vulkan", 0.60, 0},
	} {
		off := byKind[want.kind]
		if len(off) < 10 {
			t.Fatalf("%s: %d runs", want.kind, len(off))
		}
		slices.Sort(off)
		median, near := off[len(off)/2], 0
		for _, x := range off {
			if x >= 0.8 && x <= 1.25 {
				near++
			}
		}
		share := float64(near) / float64(len(off))
		t.Logf("%-22s %3d runs, predicted by measured: median %.2f, %2.0f %% within a quarter, 90 %% between %.2f and %.2f",
			want.kind, len(off), median, 100*share, off[len(off)/20], off[len(off)-1-len(off)/20])
		if math.Abs(median-1) > want.median || share < want.band {
			t.Errorf("%s: median %.3f, %.2f within a quarter", want.kind, median, share)
		}
	}
}

// speedSettings are the settings of a run, so that the engine's cache half
// full, or its prompt of half the context, lie where the run's were.
func speedSettings(t *testing.T, r row) (Settings, float64) {
	t.Helper()
	measured, err := strconv.ParseFloat(r["tok_s"], 64)
	if err != nil {
		t.Fatal(err)
	}
	depth := int(r.num(t, "depth"))
	s := Defaults(r["quant"], max(256, 2*depth))
	if r["test"] == "prefill" {
		s.Ctx = 4*depth + 2*max(256, int(r.num(t, "prompt")))
	}
	s.UBatch = int(r.num(t, "ubatch"))
	s.KVTypeK, s.KVTypeV = r["kv"], r["kv"]
	return s, measured
}

func speedKind(r row, own bool) string {
	if own {
		return r["test"] + " on an H100"
	}
	return r["test"] + " with " + map[string]string{"cuda": "CUDA", "rocm": "ROCm", "metal": "Metal", "vulkan": "Vulkan", "sycl": "SYCL"}[r["backend"]]
}
