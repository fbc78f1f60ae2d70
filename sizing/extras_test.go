package sizing

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// oneCard is a rig where everything fits.
func oneCard() *Rig {
	return &Rig{GPUs: []GPU{BareGPU(200<<30, 0)}, Host: Host{Capacity: 1 << 42}}
}

// TestProjector compares with what llama-server said of a Qwen3.6 27B and its
// BF16 projector in May 2026: 887.99 MiB of tensors, 248.10 MiB for an image.
func TestProjector(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "qwen3.6-27b")
	s := Defaults("Q4_K_M", 8192)
	plain := estimate(t, e, m, s, oneCard())
	s.Vision.On = true
	b := estimate(t, e, m, s, oneCard())
	weights := float64(b.Devices[0].Weights-plain.Devices[0].Weights) / (1 << 20)
	image := float64(b.Devices[0].Compute-plain.Devices[0].Compute) / (1 << 20)
	if math.Abs(weights-887.99) > 0.02*887.99 {
		t.Errorf("the projector weighs %.2f MiB, the log says 887.99", weights)
	}
	if math.Abs(image-248.10) > 0.01*248.10 {
		t.Errorf("an image takes %.2f MiB, the log says 248.10", image)
	}
	s.Vision.OnCPU = true
	if host := estimate(t, e, m, s, oneCard()); host.Devices[0].Parts != plain.Devices[0].Parts || host.Totals.Weights != b.Totals.Weights {
		t.Errorf("on the CPU: %+v", host.Devices)
	}
	s.Vision = Projector{On: true, Bytes: 500 << 20}
	if b := estimate(t, e, m, s, oneCard()); b.Totals.Weights-plain.Totals.Weights != 500<<20 {
		t.Errorf("a file of 500 MiB adds %d", b.Totals.Weights-plain.Totals.Weights)
	}
}

// TestTowers reads the shape of encoders from the records' words.
func TestTowers(t *testing.T) {
	c, _ := world(t)
	for id, want := range map[string][2]int64{ // hidden, patches
		"gemma-3-12b":   {1152, 64 * 64},
		"llava-1.5-7b":  {1024, 24 * 24},
		"internvl3-2b":  {1024, 32 * 32},
		"internvl3-38b": {3200, 32 * 32},
		"qwen2.5-vl-3b": {1280, 92 * 92},
		"qwen3.6-27b":   {1152, 92 * 92},
	} {
		if got := towerOf(modelNamed(t, c, id).Vision); got.hidden != want[0] || got.patches != want[1] {
			t.Errorf("%s: %d wide, %d patches; want %v", id, got.hidden, got.patches, want)
		}
	}
}

// TestAdapters counts a rank's values over the linear layers of a Llama 3.1 8B:
// 32 × (4·4096 + 2·(4096+1024) + … ) as PEFT counts them, 41,943,040 at 16.
func TestAdapters(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.1-8b")
	s := Defaults("Q4_K_M", 4096)
	plain := estimate(t, e, m, s, oneCard())
	s.LoRA = []LoRA{{Rank: 16}}
	b := estimate(t, e, m, s, oneCard())
	if got := b.Totals.Weights - plain.Totals.Weights; got != 4*41943040 {
		t.Errorf("rank 16 adds %d bytes, want 4 × 41,943,040", got)
	}
	s.LoRA = append(s.LoRA, LoRA{Bytes: 100 << 20})
	s.GPULayers = 17
	split := estimate(t, e, m, s, oneCard())
	s.LoRA = nil
	half := estimate(t, e, m, s, oneCard())
	gpu, host := split.Devices[0].Weights-half.Devices[0].Weights, split.Devices[1].Weights-half.Devices[1].Weights
	if gpu != host || gpu+host != 4*41943040+100<<20 {
		t.Errorf("half of the layers on the GPU have %d of the adapters, the others %d", gpu, host)
	}
}

// TestDraftIsAModelOfItsOwn checks that a draft adds what it takes alone.
func TestDraftIsAModelOfItsOwn(t *testing.T) {
	c, e := world(t)
	large, small := modelNamed(t, c, "qwen3-32b"), modelNamed(t, c, "qwen3-0.6b")
	s := Defaults("Q4_K_M", 8192)
	plain := estimate(t, e, large, s, oneCard())
	alone := Defaults("Q8_0", 4096)
	alone.GPULayers, alone.CPUMoE = LayersAll, 0
	own := estimate(t, e, small, alone, oneCard())
	s.Draft = &Draft{Model: small, Quant: "Q8_0", Ctx: 4096, GPULayers: LayersAll}
	both := estimate(t, e, large, s, oneCard())
	for d := range both.Devices {
		got, a, b := both.Devices[d].Parts, plain.Devices[d].Parts, own.Devices[d].Parts
		b.Total -= b.Overhead
		b.Overhead = 0
		a.add(b)
		if got != a {
			t.Errorf("%s holds %+v, want the sum %+v", both.Devices[d].Name, got, a)
		}
	}
	x := both.Speed.Speculative
	if x == nil || x.Low > x.Mid || x.Mid > x.High || x.Mid < 1.2 || x.High > 5 || x.Label != Estimated {
		t.Errorf("expected gain %+v", x)
	}
}

// TestGainOfDrafts checks the rule at its ends.
func TestGainOfDrafts(t *testing.T) {
	if g, _ := gain(0.8, 1); g > 1 {
		t.Errorf("a draft as slow as the model brings %.2f", g)
	}
	slow, n := gain(0.8, 0.2)
	fast, m := gain(0.8, 0.02)
	if fast <= slow || m < n {
		t.Errorf("a faster draft brings %.2f with %d, a slower one %.2f with %d", fast, m, slow, n)
	}
}

func TestEmbeddingsMode(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.1-8b")
	s := Defaults("Q4_K_M", 4096)
	s.Embeddings = true
	all := Defaults("Q4_K_M", 4096)
	all.OutputsMax, all.Batch = 0, all.UBatch
	got, want := estimate(t, e, m, s, oneCard()), estimate(t, e, m, all, oneCard())
	if got.Devices[0].Parts != want.Devices[0].Parts {
		t.Errorf("embeddings: %+v, want outputs for the whole batch %+v", got.Devices[0].Parts, want.Devices[0].Parts)
	}
	if diff := got.Devices[1].Compute - want.Devices[1].Compute; diff != 4*4096 {
		t.Errorf("the vectors take %d, want 4 × 4,096", diff)
	}
}

func TestRemoteDevices(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.3-70b")
	rig := &Rig{GPUs: []GPU{RemoteGPU("attic", 24<<30), BareGPU(24<<30, 0)}, Host: Host{Capacity: 1 << 38}}
	s := Defaults("Q4_K_M", 8192)
	b := estimate(t, e, m, s, rig)
	if b.Placement.Pipeline || len(b.Placement.Remote) != 1 || b.Devices[0].Overhead == 0 || b.Placement.PerDevice[0] == 0 {
		t.Errorf("with a remote device: %+v, %+v", b.Placement, b.Devices[0])
	}
	near := *rig
	near.GPUs = []GPU{BareGPU(24<<30, 0), BareGPU(24<<30, 0)}
	if local := estimate(t, e, m, s, &near); local.Speed.Decode.Mid <= b.Speed.Decode.Mid {
		t.Errorf("over the network %.1f tok/s, in one machine %.1f", b.Speed.Decode.Mid, local.Speed.Decode.Mid)
	}
	s.GPULayers, s.Overrides = LayersAll, []Override{{`blk\.0\.ffn_down`, "CUDA0"}}
	if moved := estimate(t, e, m, s, rig); moved.Devices[1].Weights <= b.Devices[1].Weights {
		t.Error("CUDA0 is the first CUDA device, not the remote one")
	}
}

// TestLawsOfExtras checks that with anything beside the model the parts and
// steps still sum up, and that nothing takes less than without it.
func TestLawsOfExtras(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	small := modelNamed(t, c, "qwen3-0.6b")
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		s, rig := drawSettings(t, e), drawRig(t)
		s.GPULayers, s.CPUMoE = rapid.SampledFrom([]int{LayersAll, 0, 5}).Draw(t, "layers"), 0
		plain, err := e.Estimate(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "vision") {
			s.Vision = Projector{On: true, Bytes: rapid.Int64Range(1, 1<<33).Draw(t, "projector"), OnCPU: rapid.Bool().Draw(t, "on CPU")}
		}
		for range rapid.IntRange(0, 3).Draw(t, "adapters") {
			s.LoRA = append(s.LoRA, LoRA{Rank: rapid.IntRange(1, 256).Draw(t, "rank")})
		}
		if rapid.Bool().Draw(t, "draft") && s.FlashAttn != FlashOff && !m.Encoder {
			s.Draft = &Draft{Model: small, GPULayers: LayersAll, Ctx: 4096}
		}
		b, err := e.Estimate(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		if b.Totals.Total < plain.Totals.Total || b.Totals.Weights < plain.Totals.Weights {
			t.Fatalf("%s: %+v with more beside it, %+v without", m.ID, b.Totals, plain.Totals)
		}
		var sum Parts
		for _, d := range b.Devices {
			sum.add(d.Parts)
		}
		if sum != b.Totals || sum.Total != sum.Weights+sum.KVCache+sum.RecurrentState+sum.Compute+sum.Overhead {
			t.Fatalf("%s: devices sum to %+v, totals %+v", m.ID, sum, b.Totals)
		}
		steps, err := e.Explain(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for _, st := range steps {
			total += st.Bytes
		}
		if total != b.Totals.Total {
			t.Fatalf("%s: steps sum to %d, total %d", m.ID, total, b.Totals.Total)
		}
	})
}

func TestBadExtrasGetOneLine(t *testing.T) {
	c, e := world(t)
	embedder := modelNamed(t, c, "bge-small-en-v1.5")
	for what, change := range map[string]func(*Settings){
		"a projector for a model without":   func(s *Settings) { s.Vision.On = true },
		"a projector of less than nothing":  func(s *Settings) { s.Vision = Projector{On: true, Bytes: -1} },
		"an adapter of rank 0":              func(s *Settings) { s.LoRA = []LoRA{{}} },
		"too many adapters":                 func(s *Settings) { s.LoRA = make([]LoRA, 100) },
		"a draft without a model":           func(s *Settings) { s.Draft = &Draft{} },
		"a draft that makes embeddings":     func(s *Settings) { s.Draft = &Draft{Model: embedder} },
		"a draft at an unknown precision":   func(s *Settings) { s.Draft = &Draft{Model: modelNamed(t, c, "llama-3.2-1b"), Quant: "Q9"} },
		"a draft for embeddings":            func(s *Settings) { s.Embeddings, s.Draft = true, &Draft{Model: modelNamed(t, c, "llama-3.2-1b")} },
		"a draft with too long a context":   func(s *Settings) { s.Draft = &Draft{Model: modelNamed(t, c, "llama-3.2-1b"), Ctx: 1 << 40} },
		"a draft with a negative context":   func(s *Settings) { s.Draft = &Draft{Model: modelNamed(t, c, "llama-3.2-1b"), Ctx: -5} },
		"an adapter larger than any memory": func(s *Settings) { s.LoRA = []LoRA{{Bytes: 1 << 62}} },
	} {
		s := Defaults("Q4_K_M", 4096)
		change(&s)
		var bad *RequestError
		_, err := e.Estimate(modelNamed(t, c, "llama-3.1-8b"), s, oneCard())
		if !errors.As(err, &bad) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want a *RequestError in one line", what, err)
		}
	}
}
