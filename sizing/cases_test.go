package sizing

import (
	"slices"
	"testing"

	"runlocal/sizing/units"
)

const gib = 1 << 30

// TestTheFieldsMistakes holds what published calculators get wrong.
func TestTheFieldsMistakes(t *testing.T) {
	c, e := world(t)
	const r3090, r4090, r5090 = "nvidia-geforce-rtx-3090", "nvidia-geforce-rtx-4090", "nvidia-geforce-rtx-5090"
	for _, x := range []struct {
		what, model, quant string
		ctx                int
		rig                *Rig
		want               []Verdict
		low, high          float64 // total, GiB; 0 = not asked
	}{
		{"8B F16 on 24 GB", "llama-3.1-8b", "F16", 2048, benchRig(t, c, r3090), []Verdict{Comfortable, Tight}, 15, 16.5},
		{"8B F32 on 24 GB", "llama-3.1-8b", "F32", 2048, benchRig(t, c, r3090), []Verdict{Offload, No}, 0, 0},
		{"70B Q4_K_M on 24 GB", "llama-3.3-70b", "Q4_K_M", 8192, benchRig(t, c, r4090), []Verdict{Offload, No}, 0, 0},
		{"70B Q4_K_M on 32 GB", "llama-3.3-70b", "Q4_K_M", 8192, benchRig(t, c, r5090), []Verdict{Offload, No}, 0, 0},
		{"70B Q4_K_M on 16 GiB", "llama-3.3-70b", "Q4_K_M", 8192, &Rig{GPUs: []GPU{BareGPU(16*gib, 0)}, Host: DefaultHost()}, []Verdict{Offload, No}, 0, 0},
		{"70B Q4_K_M on two 24 GB", "llama-3.3-70b", "Q4_K_M", 8192, benchRig(t, c, r3090, r3090), []Verdict{Comfortable, Tight}, 40, 47},
		{"1.5B at 32K without a GPU", "qwen2.5-coder-1.5b", "Q4_K_M", 32768, benchRig(t, c), []Verdict{Offload}, 1.7, 2.4},
		{"30B-A3B on 8 GB", "qwen3-30b-a3b", "Q4_K_M", 8192, benchRig(t, c, "nvidia-geforce-rtx-4060"), []Verdict{Offload}, 0, 0},
	} {
		s := Defaults(x.quant, x.ctx)
		b, err := e.Estimate(modelNamed(t, c, x.model), s, x.rig)
		if err != nil {
			t.Fatalf("%s: %v", x.what, err)
		}
		t.Logf("%s: %s, %s in all, %v", x.what, b.Reason, units.Bytes(b.Totals.Total), b.Placement)
		if !slices.Contains(x.want, b.Verdict) {
			t.Errorf("%s: %s (%s), want one of %v", x.what, b.Verdict, b.Reason, x.want)
		}
		if total := float64(b.Totals.Total) / gib; x.high > 0 && (total < x.low || total > x.high) {
			t.Errorf("%s: %.2f GiB in all, want %.1f to %.1f", x.what, total, x.low, x.high)
		}
	}
}

// TestTwoCardsAreNotOne checks that a model over two cards is split layer by
// layer, unequally, with each card's own overhead.
func TestTwoCardsAreNotOne(t *testing.T) {
	c, e := world(t)
	b, err := e.Estimate(modelNamed(t, c, "llama-3.3-70b"), Defaults("Q4_K_M", 8192), benchRig(t, c, "nvidia-geforce-rtx-3090", "nvidia-geforce-rtx-3090"))
	if err != nil {
		t.Fatal(err)
	}
	per := b.Placement.PerDevice
	if per[0]+per[1] != b.Placement.Layers {
		t.Errorf("layers %v do not add up to %d", per, b.Placement.Layers)
	}
	for d := range 2 {
		if b.Devices[d].Overhead == 0 || b.Devices[d].Total > b.Devices[d].Capacity {
			t.Errorf("GPU %d: overhead %d, total %d of %d", d, b.Devices[d].Overhead, b.Devices[d].Total, b.Devices[d].Capacity)
		}
	}
	if b.Devices[0].Total == b.Devices[1].Total {
		t.Error("both cards hold exactly the same: that is a pool, not a split")
	}
}

// TestCacheSizes holds the caches that the field's formulas get wrong.
func TestCacheSizes(t *testing.T) {
	c, e := world(t)
	rig := benchRig(t, c, "nvidia-h100-sxm5-80gb")
	kv := func(id string, ctx int, typ string) int64 {
		s := Defaults("Q4_K_M", ctx)
		s.KVTypeK, s.KVTypeV = typ, typ
		b, err := e.Estimate(modelNamed(t, c, id), s, rig)
		if err != nil {
			t.Fatal(err)
		}
		return b.Totals.KVCache
	}
	if got := kv("llama-3.1-8b", 4096, "f16"); got != 512<<20 {
		t.Errorf("8B at 4,096: %d, want exactly 512 MiB", got)
	}
	if got := kv("llama-3.1-8b", 131072, "f16"); got != 16*gib {
		t.Errorf("8B at 131,072: %d, want exactly 16 GiB", got)
	}
	if got := kv("llama-3.1-8b", 4096, "q8_0"); got != 512<<20*34/64 {
		t.Errorf("8B at 4,096 in q8_0: %d, want 34/64 of 512 MiB", got)
	}
	if got := kv("gemma-3-12b", 32768, "f16"); got > 3*gib {
		t.Errorf("gemma-3-12b at 32K keeps %s: its windows are short", units.Bytes(got))
	}
	if got, want := kv("deepseek-v2-lite", 4096, "f16"), int64(27*4096*576*2); got != want {
		t.Errorf("deepseek-v2-lite at 4,096: %d, want the compressed %d", got, want)
	}
}
