package sizing

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"runlocal/catalog"
)

// The laws that hold for every model, every setting and every rig.

// loadable are the models that llama.cpp loads.
func loadable(c *catalog.Catalog) []*catalog.Model {
	var ms []*catalog.Model
	for _, m := range c.Models {
		if m.GGUFArch != "" {
			ms = append(ms, m)
		}
	}
	return ms
}

func drawSettings(t *rapid.T, e *Engine) Settings {
	s := Defaults(rapid.SampledFrom(e.common).Draw(t, "quant").record.ID, rapid.IntRange(1, 1<<18).Draw(t, "ctx"))
	s.Parallel = rapid.IntRange(1, 16).Draw(t, "parallel")
	s.UBatch = rapid.SampledFrom([]int{32, 128, 512, 2048}).Draw(t, "ubatch")
	s.KVUnified = rapid.Bool().Draw(t, "unified")
	s.SWAFull = rapid.Bool().Draw(t, "swa full")
	s.FlashAttn = rapid.SampledFrom([]FlashAttn{FlashOn, FlashOff}).Draw(t, "flash")
	s.KVOffload = rapid.Bool().Draw(t, "kv offload")
	s.GPULayers = rapid.SampledFrom([]int{LayersAuto, LayersAll, 0, 1, 7, 1000}).Draw(t, "gpu layers")
	s.CPUMoE = rapid.SampledFrom([]int{ExpertsAuto, AllExperts, 0, 3}).Draw(t, "cpu moe")
	s.OutputsMax = rapid.SampledFrom([]int{OutputsServer, 0, 1}).Draw(t, "outputs")
	return s
}

func drawRig(t *rapid.T) *Rig {
	r := &Rig{Host: Host{Capacity: rapid.Int64Range(1, 1<<42).Draw(t, "ram")}}
	for range rapid.IntRange(0, 4).Draw(t, "gpus") {
		r.GPUs = append(r.GPUs, BareGPU(rapid.Int64Range(1, 1<<38).Draw(t, "vram"), 0))
	}
	return r
}

func TestLawsOfABudget(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		s, rig := drawSettings(t, e), drawRig(t)
		b, err := e.Estimate(m, s, rig)
		if err != nil {
			t.Fatalf("%s: %v", m.ID, err)
		}
		var sum Parts
		layers := 0
		for _, d := range b.Devices {
			for _, p := range []int64{d.Weights, d.KVCache, d.RecurrentState, d.Compute, d.Overhead} {
				if p < 0 {
					t.Fatalf("%s on %s: a negative part in %+v", m.ID, d.Name, d)
				}
			}
			if got := d.Weights + d.KVCache + d.RecurrentState + d.Compute + d.Overhead; got != d.Total {
				t.Fatalf("%s: parts of %s sum to %d, total %d", m.ID, d.Name, got, d.Total)
			}
			sum.add(d.Parts)
		}
		if sum != b.Totals {
			t.Fatalf("%s: devices sum to %+v, totals %+v", m.ID, sum, b.Totals)
		}
		for _, n := range b.Placement.PerDevice {
			layers += n
		}
		if layers != b.Placement.GPULayers {
			t.Fatalf("%s: layers %v on the GPUs, placement says %d", m.ID, b.Placement.PerDevice, b.Placement.GPULayers)
		}
		if b.Speed.Decode.Low > b.Speed.Decode.High || b.Speed.Decode.Low <= 0 {
			t.Fatalf("%s: decode band %+v", m.ID, b.Speed.Decode)
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

// TestMoreNeverTakesLess checks that memory grows with context and sequences,
// placement held fast.
func TestMoreNeverTakesLess(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		s := drawSettings(t, e)
		s.GPULayers, s.CPUMoE = LayersAll, 0
		rig := &Rig{GPUs: []GPU{BareGPU(1<<40, 0)}, Host: Host{Capacity: 1 << 42}}
		less, err := e.Estimate(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		wider := s
		wider.Ctx += rapid.IntRange(0, 1<<18).Draw(t, "more context")
		more, err := e.Estimate(m, wider, rig)
		if err != nil {
			t.Fatal(err)
		}
		if more.Totals.Total < less.Totals.Total {
			t.Fatalf("%s: %d tokens take %d, %d take %d", m.ID, s.Ctx, less.Totals.Total, wider.Ctx, more.Totals.Total)
		}
		fuller := s
		fuller.Parallel *= 2
		fuller.Ctx *= 2
		more, err = e.Estimate(m, fuller, rig)
		if err != nil {
			t.Fatal(err)
		}
		if more.Totals.KVCache < less.Totals.KVCache || more.Totals.RecurrentState < less.Totals.RecurrentState {
			t.Fatalf("%s: twice the sequences keep less: %+v, then %+v", m.ID, less.Totals, more.Totals)
		}
	})
}

// TestInverseAnswersAreTight checks that each answer does and the next larger
// one does not.
func TestInverseAnswersAreTight(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		s := Defaults(rapid.SampledFrom(e.common).Draw(t, "quant").record.ID, 4096)
		rig := &Rig{GPUs: []GPU{BareGPU(rapid.Int64Range(2<<30, 100<<30).Draw(t, "vram"), 0)}, Host: Host{Capacity: 64 << 30}}
		f, err := e.Inverse(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		q := e.newQuestion(nil, e.compile(m), s, rig)
		at := func(change func(*Settings)) bool {
			x := s
			change(&x)
			return q.does(x, rig)
		}
		if f.MaxCtx > 0 && !at(func(x *Settings) { x.Ctx = f.MaxCtx }) {
			t.Fatalf("%s: the widest context %d does not fit", m.ID, f.MaxCtx)
		}
		if f.MaxCtx < m.Context && at(func(x *Settings) { x.Ctx = f.MaxCtx + cellPad }) {
			t.Fatalf("%s: %d tokens fit, %d was said to be the widest", m.ID, f.MaxCtx+cellPad, f.MaxCtx)
		}
		if n := f.MaxParallel; n > 0 && !at(func(x *Settings) { x.Parallel, x.Ctx = n, 4096*n }) {
			t.Fatalf("%s: %d sequences do not fit", m.ID, n)
		}
		if n := f.MaxParallel + 1; n <= maxParallel && at(func(x *Settings) { x.Parallel, x.Ctx = n, 4096*n }) {
			t.Fatalf("%s: %d sequences fit, %d was said to be the most", m.ID, n, f.MaxParallel)
		}
	})
}

// TestSlowerThanTheBandwidth checks that no band promises more than reading
// the weights once a token allows.
func TestSlowerThanTheBandwidth(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		d := rapid.SampledFrom(c.Devices).Draw(t, "device")
		s := Defaults("Q4_K_M", 2048)
		s.GPULayers, s.CPUMoE = LayersAll, 0
		b, err := e.Estimate(m, s, RigOf([]*catalog.Device{d}, DefaultHost()))
		if err != nil {
			t.Fatal(err)
		}
		w := e.weightsFor(e.compile(m), e.mixes["Q4_K_M"], false)
		if read := b.Speed.Decode.High * float64(w.read); read > 1.02e9*d.BandwidthGBs {
			t.Fatalf("%s on %s: %.1f tok/s × %d bytes is %.0f GB/s, the device has %.0f", m.ID, d.Name, b.Speed.Decode.High, w.read, read/1e9, d.BandwidthGBs)
		}
	})
}

func TestEveryArchitectureIsKnown(t *testing.T) {
	c, e := world(t)
	if err := e.CheckTables(c.Models); err != nil {
		t.Error(err)
	}
}

func TestBadRequestsGetOneLine(t *testing.T) {
	c, e := world(t)
	rig := &Rig{GPUs: []GPU{BareGPU(24<<30, 0)}, Host: DefaultHost()}
	for what, change := range map[string]func(*Settings){
		"context −1":                    func(s *Settings) { s.Ctx = -1 },
		"context 10^12":                 func(s *Settings) { s.Ctx = 1e12 },
		"unknown precision":             func(s *Settings) { s.Quant = "Q9_X" },
		"no sequences":                  func(s *Settings) { s.Parallel = 0 },
		"unknown runtime":               func(s *Settings) { s.Runtime = "brainfuck" },
		"unknown cache type":            func(s *Settings) { s.KVTypeK = "q3" },
		"a quantised V without flash":   func(s *Settings) { s.KVTypeV, s.FlashAttn = "q8_0", FlashOff },
		"a tensor split below zero":     func(s *Settings) { s.TensorSplit = []float64{-1} },
		"layers below the special ones": func(s *Settings) { s.GPULayers = -7 },
	} {
		s := Defaults("Q4_K_M", 4096)
		change(&s)
		var bad *RequestError
		if _, err := e.Estimate(modelNamed(t, c, "llama-3.1-8b"), s, rig); !errors.As(err, &bad) {
			t.Errorf("%s: %v, want a *RequestError", what, err)
		}
	}
}
