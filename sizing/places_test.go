package sizing

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"runlocal/catalog"
)

// estimate sizes or fails.
func estimate(t testing.TB, e *Engine, m *catalog.Model, s Settings, rig *Rig) Budget {
	t.Helper()
	b, err := e.Estimate(m, s, rig)
	if err != nil {
		t.Fatalf("%s: %v", m.ID, err)
	}
	return b
}

// TestOverridesAreExact checks overrides against the same place said by other
// settings: the sums are the same to the byte.
func TestOverridesAreExact(t *testing.T) {
	c, e := world(t)
	rig := &Rig{GPUs: []GPU{BareGPU(80*gib, 0)}, Host: Host{Capacity: 1 << 42}}
	for _, x := range []struct {
		what, model string
		overrides   []Override
		same        func(*Settings)
	}{
		{"all experts by pattern", "qwen3-30b-a3b", []Override{{`ffn_(up|down|gate)_exps`, "CPU"}}, func(s *Settings) { s.CPUMoE = AllExperts }},
		{"experts of some layers", "qwen3-30b-a3b", []Override{{`blk\.[0-6]\.ffn_.*_exps`, "CPU"}}, func(s *Settings) { s.CPUMoE = 7 }},
		{"the first match counts", "qwen3-30b-a3b", []Override{{`blk\.([0-6])\.ffn_.*_exps`, "CPU"}, {`exps`, "CUDA0"}}, func(s *Settings) { s.CPUMoE = 7 }},
		{"where it lies anyway", "llama-3.1-8b", []Override{{`blk`, "CUDA0"}, {`token_embd`, "CPU"}}, func(*Settings) {}},
		{"biased experts", "gpt-oss-20b", []Override{{`ffn_.*_exps`, "CPU"}}, func(s *Settings) { s.CPUMoE = AllExperts }},
	} {
		s := Defaults("Q4_K_M", 4096)
		s.GPULayers, s.CPUMoE = LayersAll, 0
		other := s
		s.Overrides = x.overrides
		x.same(&other)
		m := modelNamed(t, c, x.model)
		got, want := estimate(t, e, m, s, rig), estimate(t, e, m, other, rig)
		for d := range want.Devices {
			if got.Devices[d].Parts != want.Devices[d].Parts {
				t.Errorf("%s: %s holds %+v, want %+v", x.what, want.Devices[d].Name, got.Devices[d].Parts, want.Devices[d].Parts)
			}
		}
	}
}

// TestOverridesMoveWholeTensors checks where single tensors go.
func TestOverridesMoveWholeTensors(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.1-8b")
	rig := &Rig{GPUs: []GPU{BareGPU(80*gib, 0), BareGPU(80*gib, 0)}, Host: Host{Capacity: 1 << 42}}
	s := Defaults("Q8_0", 4096)
	s.GPULayers, s.CPUMoE = LayersAll, 0
	before := estimate(t, e, m, s, rig)
	s.Overrides = []Override{{`^blk\.0\.ffn_down\.weight$`, "CUDA1"}, {`^output\.weight$`, "CPU"}}
	after := estimate(t, e, m, s, rig)
	const down, output = 4096 * 14336 / 32 * 34, 4096 * 128256 / 32 * 34
	for d, want := range []int64{-down, down - output, output} {
		if got := after.Devices[d].Weights - before.Devices[d].Weights; got != want {
			t.Errorf("device %d holds %d more weights, want %d", d, got, want)
		}
	}
	if after.Placement.Moved != 2 || after.Verdict != Offload {
		t.Errorf("%d tensors moved, %s: want 2 and offload", after.Placement.Moved, after.Verdict)
	}
}

// TestTiedEmbeddingsMeet checks that a tied embedding whose copies are sent to
// one buffer is there once.
func TestTiedEmbeddingsMeet(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.2-1b")
	rig := &Rig{GPUs: []GPU{BareGPU(80*gib, 0)}, Host: Host{Capacity: 1 << 42}}
	s := Defaults("Q8_0", 4096)
	s.GPULayers = LayersAll
	twice := estimate(t, e, m, s, rig).Totals.Weights
	s.Overrides = []Override{{`token_embd`, "CPU"}}
	once := estimate(t, e, m, s, rig)
	embedding := int64(2048 * 128256 / 32 * 34)
	if twice-once.Totals.Weights != embedding {
		t.Errorf("one buffer saves %d, want one embedding of %d", twice-once.Totals.Weights, embedding)
	}
	if once.Devices[1].Weights != embedding {
		t.Errorf("RAM holds %d, want the embedding alone, %d", once.Devices[1].Weights, embedding)
	}
}

func TestSplitModes(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.1-8b")
	card, other := BareGPU(24*gib, 0), BareGPU(48*gib, 0)
	rig := &Rig{GPUs: []GPU{card, other}, Host: Host{Capacity: 1 << 42}}
	s := Defaults("Q4_K_M", 8192)

	s.SplitMode, s.MainGPU = SplitNone, 1
	got := estimate(t, e, m, s, rig)
	alone := estimate(t, e, m, Defaults("Q4_K_M", 8192), &Rig{GPUs: []GPU{other}, Host: rig.Host})
	if got.Devices[0].Total != 0 || got.Devices[1].Parts != alone.Devices[0].Parts {
		t.Errorf("split mode none holds %+v, want nothing and %+v", got.Devices, alone.Devices[0].Parts)
	}
	if n := got.Placement.PerDevice; len(n) != 2 || n[0] != 0 || n[1] != 33 {
		t.Errorf("layers by device %v, want 0 and 33", n)
	}

	s.SplitMode, s.MainGPU = SplitRow, 0
	s.TensorSplit = []float64{1, 3}
	rows := estimate(t, e, m, s, rig)
	s.SplitMode = SplitLayer
	layers := estimate(t, e, m, s, rig)
	if a, b := rows.Totals.Weights, layers.Totals.Weights; a != b {
		t.Errorf("rows hold %d of weights, layers %d: Q4_K rows of 4,096 need no padding", a, b)
	}
	if share := float64(rows.Devices[0].Weights) / float64(rows.Devices[0].Weights+rows.Devices[1].Weights); share < 0.22 || share > 0.26 {
		t.Errorf("GPU 0 has %.3f of the rows, want about a quarter", share)
	}
	if rows.Devices[0].KVCache != layers.Devices[0].KVCache {
		t.Errorf("the cache lies with its layer in both modes: %d and %d", rows.Devices[0].KVCache, layers.Devices[0].KVCache)
	}
	if rows.Placement.Pipeline {
		t.Error("rows are not pipelined")
	}
}

// TestFilledCardByCard checks that cards of different sizes that llama.cpp's
// own split overfills are filled one by one.
func TestFilledCardByCard(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.3-70b")
	rig := &Rig{GPUs: []GPU{BareGPU(3*gib, 0), BareGPU(44*gib, 0)}, Host: Host{Capacity: 1 << 37}}
	s := Defaults("Q4_K_M", 4096)
	s.GPULayers = LayersAll
	asked := estimate(t, e, m, s, rig)
	s.GPULayers = LayersAuto
	got := estimate(t, e, m, s, rig)
	if asked.Verdict != No || got.Verdict == No || got.Verdict == Offload {
		t.Errorf("by free memory %s, card by card %s (%s, %v): want no, then a fit", asked.Verdict, got.Verdict, got.Reason, got.Placement.PerDevice)
	}
}

func TestHostMemory(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "llama-3.1-8b")
	rig := &Rig{Host: Host{Capacity: 64 * gib}}
	for _, x := range []struct {
		what   string
		change func(*Settings)
		mapped bool
		said   string
	}{
		{"by default", func(*Settings) {}, true, "may drop"},
		{"without mapping", func(s *Settings) { s.NoMmap = true }, false, "buffer"},
		{"locked", func(s *Settings) { s.Mlock = true }, false, "locked"},
		{"direct", func(s *Settings) { s.DirectIO = true }, false, "buffer"},
	} {
		s := Defaults("Q4_K_M", 4096)
		x.change(&s)
		b := estimate(t, e, m, s, rig)
		if got := b.Devices[0].Mapped == b.Devices[0].Weights; got != x.mapped {
			t.Errorf("%s: %d of %d are mapped", x.what, b.Devices[0].Mapped, b.Devices[0].Weights)
		}
		steps, err := e.Explain(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, st := range steps {
			found = found || st.Term == "weights" && strings.Contains(st.Formula, x.said)
		}
		if !found {
			t.Errorf("%s: no step says %q", x.what, x.said)
		}
	}
	short := &Rig{Host: Host{Capacity: 3 * gib}}
	if b := estimate(t, e, m, Defaults("Q4_K_M", 4096), short); !strings.Contains(b.Reason, "mapped file lets it start") {
		t.Errorf("with too little RAM: %q", b.Reason)
	}
}

func TestBadPlacesGetOneLine(t *testing.T) {
	c, e := world(t)
	rig := &Rig{GPUs: []GPU{BareGPU(24<<30, 0), BareGPU(24<<30, 0)}, Host: DefaultHost()}
	for what, change := range map[string]func(*Settings){
		"a pattern that is none":        func(s *Settings) { s.Overrides = []Override{{"(", "CPU"}} },
		"a pattern with look-ahead":     func(s *Settings) { s.Overrides = []Override{{"(?=x)", "CPU"}} },
		"an empty pattern":              func(s *Settings) { s.Overrides = []Override{{"", "CPU"}} },
		"a long pattern":                func(s *Settings) { s.Overrides = []Override{{strings.Repeat("a", 1<<16), "CPU"}} },
		"too many patterns":             func(s *Settings) { s.Overrides = make([]Override, 1000) },
		"a buffer that is none":         func(s *Settings) { s.Overrides = []Override{{"x", "floppy"}} },
		"a GPU that is not there":       func(s *Settings) { s.Overrides = []Override{{"x", "CUDA2"}} },
		"an unknown split mode":         func(s *Settings) { s.SplitMode = "diagonal" },
		"a main GPU that is not there":  func(s *Settings) { s.SplitMode, s.MainGPU = SplitNone, 2 },
		"a main GPU below the first":    func(s *Settings) { s.MainGPU = -1 },
		"fit with a tensor split":       func(s *Settings) { s.GPULayers, s.TensorSplit = LayersFit, []float64{1, 2} },
		"fit with overrides":            func(s *Settings) { s.GPULayers, s.Overrides = LayersFit, []Override{{"x", "CPU"}} },
		"fit with rows":                 func(s *Settings) { s.GPULayers, s.SplitMode = LayersFit, SplitRow },
		"fit with a margin below zero":  func(s *Settings) { s.GPULayers, s.FitTarget = LayersFit, []int64{-1} },
		"fit with a context below zero": func(s *Settings) { s.GPULayers, s.FitCtx = LayersFit, -1 },
	} {
		s := Defaults("Q4_K_M", 4096)
		change(&s)
		var bad *RequestError
		_, err := e.Estimate(modelNamed(t, c, "llama-3.1-8b"), s, rig)
		if !errors.As(err, &bad) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want a *RequestError in one line", what, err)
		}
	}
}

// drawPlaces adds to settings what says where things lie.
func drawPlaces(t *rapid.T, s *Settings, gpus int) {
	if rapid.Bool().Draw(t, "fit") {
		s.GPULayers, s.CPUMoE = LayersFit, ExpertsAuto
		s.FitTarget = []int64{rapid.Int64Range(0, 4<<30).Draw(t, "margin")}
		if rapid.Bool().Draw(t, "any context") {
			s.Ctx = 0
		}
		return
	}
	s.SplitMode = rapid.SampledFrom([]SplitMode{"", SplitLayer, SplitRow, SplitNone}).Draw(t, "split mode")
	s.MainGPU = rapid.IntRange(0, max(0, gpus-1)).Draw(t, "main GPU")
	patterns := []string{`ffn_.*_exps`, `blk\.[0-9]\.`, `attn_k`, `token_embd`, `output`, `.`, `blk\.1\d\.ffn_down`, `norm`}
	for range rapid.IntRange(0, 3).Draw(t, "overrides") {
		buffer := "CPU"
		if gpus > 0 && rapid.Bool().Draw(t, "to a GPU") {
			buffer = "GPU" + string(rune('0'+rapid.IntRange(0, gpus-1).Draw(t, "which")))
		}
		s.Overrides = append(s.Overrides, Override{rapid.SampledFrom(patterns).Draw(t, "pattern"), buffer})
	}
	s.NoMmap, s.Mlock = rapid.Bool().Draw(t, "no mmap"), rapid.Bool().Draw(t, "mlock")
}

// TestLawsOfPlaces checks that wherever tensors are sent the parts sum up, and
// that overrides and split modes neither make nor lose weights.
func TestLawsOfPlaces(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		s, rig := drawSettings(t, e), drawRig(t)
		drawPlaces(t, &s, len(rig.GPUs))
		b, err := e.Estimate(m, s, rig)
		var bad *RequestError
		if errors.As(err, &bad) {
			return // split mode none takes GPUs away from overrides
		}
		if err != nil {
			t.Fatal(err)
		}
		var sum Parts
		for _, d := range b.Devices {
			for _, p := range []int64{d.Weights, d.KVCache, d.RecurrentState, d.Compute, d.Overhead} {
				if p < 0 {
					t.Fatalf("%s: a negative part in %+v", m.ID, d)
				}
			}
			sum.add(d.Parts)
		}
		if sum != b.Totals || sum.Total != sum.Weights+sum.KVCache+sum.RecurrentState+sum.Compute+sum.Overhead {
			t.Fatalf("%s: devices sum to %+v, totals %+v", m.ID, sum, b.Totals)
		}
		steps, err := e.Explain(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		total, reasons := int64(0), 0
		for _, st := range steps {
			total += st.Bytes
			if st.Term == "placement" {
				reasons++
			}
		}
		if total != b.Totals.Total || reasons == 0 {
			t.Fatalf("%s: steps sum to %d of %d, with %d reasons", m.ID, total, b.Totals.Total, reasons)
		}
		conserves(t, e, m, s, rig, b)
	})
}

// conserves checks weights against the same settings without overrides.
func conserves(t *rapid.T, e *Engine, m *catalog.Model, s Settings, rig *Rig, b Budget) {
	if s.GPULayers < 0 || m.TiedEmbeddings {
		return // the planner may choose other layers; a tied embedding may become one
	}
	plain := s
	plain.Overrides, plain.SplitMode = nil, s.SplitMode
	if s.SplitMode == SplitRow {
		plain.SplitMode = SplitLayer
	}
	want, err := e.Estimate(m, plain, rig)
	if err != nil {
		t.Fatal(err)
	}
	// Padding differs by side and by part of a matrix: an eighth of a per cent
	// of slack, and a row for each.
	if diff := b.Totals.Weights - want.Totals.Weights; diff > want.Totals.Weights/64+1<<22 || -diff > want.Totals.Weights/64+1<<22 {
		t.Fatalf("%s: %d bytes of weights, without overrides %d", m.ID, b.Totals.Weights, want.Totals.Weights)
	}
}
