package sizing

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"runlocal/catalog"
)

// fitted sizes as llama.cpp's own fit would place the model.
func fitted(t testing.TB, e *Engine, m *catalog.Model, s Settings, rig *Rig) (Budget, string) {
	t.Helper()
	s.GPULayers = LayersFit
	b := estimate(t, e, m, s, rig)
	steps, err := e.Explain(m, s, rig)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for _, st := range steps {
		if st.Term == "placement" {
			said.WriteString(st.Formula + ": " + st.Filled + "\n")
		}
	}
	return b, said.String()
}

func TestFitFollowsItsRules(t *testing.T) {
	c, e := world(t)
	for _, x := range []struct {
		what, model, quant string
		ctx                int
		gpus               []int64 // GiB
		said               string
		holds              func(Budget) bool
	}{
		{"room for all", "llama-3.1-8b", "Q4_K_M", 8192, []int64{24}, "nothing is changed", func(b Budget) bool { return b.Placement.GPULayers == 33 && b.Ctx == 8192 }},
		{"all but the margin", "llama-3.1-8b", "Q4_K_M", 8192, []int64{6}, "the context was asked for and stays", func(b Budget) bool { return b.Placement.GPULayers < 33 && b.Ctx == 8192 }},
		{"context not asked for", "llama-3.1-8b", "Q4_K_M", 0, []int64{12}, "cut first: from 131,072", func(b Budget) bool {
			return b.Placement.GPULayers == 33 && b.Ctx < 131072 && b.Ctx > 4096 && b.Ctx%256 == 0
		}},
		{"shortest context and layers", "llama-3.3-70b", "Q4_K_M", 0, []int64{24}, "to 4,096 tokens", func(b Budget) bool { return b.Placement.GPULayers < 81 && b.Ctx == 4096 }},
		{"experts before layers", "qwen3-30b-a3b", "Q4_K_M", 8192, []int64{12}, "experts come back", func(b Budget) bool { return b.Placement.GPULayers == 49 && b.Placement.Parted > 0 }},
		{"dense parts do not fit", "qwen3-235b-a22b", "Q4_K_M", 8192, []int64{6}, "would still be missing", func(b Budget) bool { return b.Placement.GPULayers < 95 }},
		{"two cards, dense", "llama-3.3-70b", "Q4_K_M", 8192, []int64{16, 24}, "filled from the last layer", func(b Budget) bool { return b.Placement.PerDevice[1] > b.Placement.PerDevice[0] }},
		{"two cards, experts", "gpt-oss-120b", "MXFP4_MOE", 8192, []int64{16, 24}, "experts come back", func(b Budget) bool { return b.Placement.GPULayers == 37 }},
		{"no GPU", "llama-3.1-8b", "Q4_K_M", 0, nil, "nothing is changed", func(b Budget) bool { return b.Placement.GPULayers == 0 }},
	} {
		rig := &Rig{Host: Host{Capacity: 1 << 38}}
		for _, g := range x.gpus {
			rig.GPUs = append(rig.GPUs, BareGPU(g*gib, 0))
		}
		s := Defaults(x.quant, x.ctx)
		b, said := fitted(t, e, modelNamed(t, c, x.model), s, rig)
		if !strings.Contains(said, x.said) || !x.holds(b) {
			t.Errorf("%s: %+v at %d tokens, because\n%s", x.what, b.Placement, b.Ctx, said)
		}
		for d, g := range rig.GPUs {
			own := b.Devices[d].Total - b.Devices[d].Overhead
			if free := g.Free() - contextOf(e.overheadRow(&g), &g); own > free-FitTarget {
				t.Errorf("%s: GPU %d holds %d of %d, which leaves less than the margin", x.what, d, own, free)
			}
		}
	}
}

// TestFitMargins checks that a larger margin never leaves more on the GPU.
func TestFitMargins(t *testing.T) {
	c, e := world(t)
	rig := &Rig{GPUs: []GPU{BareGPU(16*gib, 0)}, Host: Host{Capacity: 1 << 38}}
	for _, id := range []string{"qwen3-30b-a3b", "llama-3.3-70b"} {
		last := int64(1 << 62)
		for _, margin := range []int64{0, 1 * gib, 2 * gib, 4 * gib, 8 * gib} {
			s := Defaults("Q4_K_M", 8192)
			s.FitTarget = []int64{margin}
			b, _ := fitted(t, e, modelNamed(t, c, id), s, rig)
			if got := b.Devices[0].Weights; got > last {
				t.Errorf("%s: a margin of %d leaves %d of weights on the GPU, a smaller one %d", id, margin, got, last)
			} else {
				last = got
			}
		}
	}
}

// onGPUs is what of a model lies on GPUs, and whether that fits.
func onGPUs(b Budget) (model int64, fits bool) {
	fits = true
	for _, d := range b.Devices {
		if d.Kind == KindGPU {
			model += d.Weights + d.KVCache + d.RecurrentState
			fits = fits && d.Free >= 0
		}
	}
	return model, fits
}

func worseThanFit(t testing.TB, e *Engine, m *catalog.Model, s Settings, rig *Rig) (ours, theirs int64, worse bool) {
	t.Helper()
	fit := s
	fit.GPULayers = LayersFit
	theirs, fits := onGPUs(estimate(t, e, m, fit, rig))
	ours, _ = onGPUs(estimate(t, e, m, s, rig))
	return ours, theirs, fits && ours < theirs
}

// TestPlannerIsNeverWorseThanFit compares over the models of the measured
// runs and rigs of one, two and three cards.
func TestPlannerIsNeverWorseThanFit(t *testing.T) {
	c, e := world(t)
	rigs := [][]int64{{8}, {12}, {16}, {24}, {12, 12}, {8, 24}, {24, 8}, {24, 24}, {6, 12, 24}}
	better, same := 0, 0
	for _, id := range slices.Sorted(maps.Values(truthNames(t))) {
		m := modelNamed(t, c, id)
		if m.Encoder {
			continue
		}
		for _, gpus := range rigs {
			rig := &Rig{Host: Host{Capacity: 1 << 40}}
			for _, g := range gpus {
				rig.GPUs = append(rig.GPUs, BareGPU(g*gib, 0))
			}
			for _, quant := range []string{"Q4_K_M", "Q8_0"} {
				ours, theirs, worse := worseThanFit(t, e, m, Defaults(quant, min(8192, m.Context)), rig)
				switch {
				case worse:
					t.Errorf("%s %s on %v GiB: the planner puts %d on GPUs, the fit %d", id, quant, gpus, ours, theirs)
				case ours > theirs:
					better++
				default:
					same++
				}
			}
		}
	}
	t.Logf("the planner puts more on GPUs in %d cases and the same in %d", better, same)
}

// TestPlannerIsNeverWorseThanFitAnywhere draws models, rigs and settings.
func TestPlannerIsNeverWorseThanFitAnywhere(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		s := Defaults(rapid.SampledFrom(e.common).Draw(t, "quant").record.ID, rapid.IntRange(256, 1<<16).Draw(t, "ctx"))
		s.UBatch = rapid.SampledFrom([]int{128, 512, 2048}).Draw(t, "ubatch")
		s.FlashAttn = rapid.SampledFrom([]FlashAttn{FlashOn, FlashOff}).Draw(t, "flash")
		rig := &Rig{Host: Host{Capacity: 1 << 42}}
		for range rapid.IntRange(1, 4).Draw(t, "gpus") {
			rig.GPUs = append(rig.GPUs, BareGPU(rapid.Int64Range(1<<30, 1<<36).Draw(t, "vram"), 0))
		}
		fit := s
		fit.GPULayers = LayersFit
		f, err := e.Estimate(m, fit, rig)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.Estimate(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		theirs, fits := onGPUs(f)
		if ours, _ := onGPUs(b); fits && ours < theirs {
			t.Fatalf("%s %s: the planner puts %d on GPUs (%+v), the fit %d (%+v)", m.ID, s.Quant, ours, b.Placement, theirs, f.Placement)
		}
	})
}

// TestFitSaysWhereThePlannerDiffers checks the warning, and the inverse answers
// where the fit chose the context.
func TestFitSaysWhereThePlannerDiffers(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "qwen3-30b-a3b")
	s := Defaults("Q4_K_M", 0)
	s.GPULayers = LayersFit
	rig := &Rig{GPUs: []GPU{BareGPU(12*gib, 0)}, Host: Host{Capacity: 1 << 38}}
	b := estimate(t, e, m, s, rig)
	if !strings.Contains(strings.Join(b.Warnings, "; "), "gpu_layers auto") {
		t.Errorf("warnings %q, want one on the planner", b.Warnings)
	}
	f, err := e.Inverse(m, s, rig)
	if err != nil {
		t.Fatal(err)
	}
	s.Ctx = b.Ctx
	if want, err := e.Inverse(m, s, rig); err != nil || f.MaxParallel != want.MaxParallel {
		t.Errorf("%d sequences with the context left open, %d at the %d tokens that it comes to (%v)", f.MaxParallel, want.MaxParallel, b.Ctx, err)
	}
}
