package sizing

import (
	"slices"
	"testing"

	"runlocal/catalog"
)

// plainRuntime holds two bytes a parameter and a thousand a token: enough to
// tell whether the engine asks a runtime, and nothing but the runtime.
type plainRuntime struct{}

func (plainRuntime) ID() string { return "plain" }
func (plainRuntime) About() RuntimeAbout {
	return RuntimeAbout{Title: "Plain", Defaults: Defaults("wide", 0)}
}
func (plainRuntime) Precisions(*catalog.Model) []string {
	return []string{"wide", "narrow"}
}

func (plainRuntime) Size(m *catalog.Model, s Settings, rig *Rig) (Budget, error) {
	bytes := map[string]int64{"wide": 2, "narrow": 1}[s.Quant]
	if bytes == 0 {
		return Budget{}, Refuse("quant", "no precision %q", s.Quant)
	}
	p := Parts{Weights: bytes * m.PublishedParams, KVCache: int64(s.Ctx) * 1000}
	p.Total = p.Weights + p.KVCache
	b := Budget{Model: m.ID, Quant: s.Quant, Ctx: s.Ctx, Runtime: s.Runtime, Totals: p, Verdict: No}
	share := p.Total / int64(max(1, len(rig.GPUs)))
	if len(rig.GPUs) > 0 && share <= rig.GPUs[0].Free() {
		b.Verdict = Comfortable
	}
	return b, nil
}

func (r plainRuntime) Explain(m *catalog.Model, s Settings, rig *Rig) ([]Step, error) {
	b, err := r.Size(m, s, rig)
	return []Step{{Term: "weights", Bytes: b.Totals.Weights}, {Term: "kv_cache", Bytes: b.Totals.KVCache}}, err
}

func TestARuntimeAnswersForItself(t *testing.T) {
	c, _ := world(t)
	e := NewEngine(c, plainRuntime{})
	m, err := c.Model("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	s := Defaults("wide", 4096)
	s.Runtime = "plain"
	rig := &Rig{GPUs: []GPU{BareGPU(16_100_000_000, 0)}}
	b, err := e.Estimate(m, s, rig)
	if err != nil || b.Totals.KVCache != 4096*1000 {
		t.Fatalf("estimate: %+v, %v", b.Totals, err)
	}
	steps, err := e.Explain(m, s, rig)
	if err != nil || steps[0].Bytes+steps[1].Bytes != b.Totals.Total {
		t.Fatalf("steps %+v, %v do not sum to %d", steps, err, b.Totals.Total)
	}
	f, err := e.Inverse(m, s, rig)
	if err != nil {
		t.Fatal(err)
	}
	most := int((16_100_000_000 - 2*m.PublishedParams) / 1000)
	if f.MaxCtx > most || f.MaxCtx <= most-cellPad || f.MaxParallel != most/4096 || f.BestQuant != "wide" || f.MinGPUs != 1 {
		t.Errorf("inverse: %+v, want a context of up to %d", f, most)
	}
	small := &Rig{GPUs: []GPU{BareGPU(8<<30, 0)}}
	if f, err := e.Inverse(m, s, small); err != nil || f.BestQuant != "narrow" || f.MaxCtx != 0 || f.MinGPUs != 2 {
		t.Errorf("inverse on 8 GiB: %+v, %v", f, err)
	}
	if !slices.Equal(e.Runtimes(), []string{LlamaCpp, Ollama, "plain"}) || !slices.Equal(e.Precisions(m, "plain"), []string{"wide", "narrow"}) {
		t.Errorf("the engine offers %v at %v", e.Runtimes(), e.Precisions(m, "plain"))
	}
	if about, ok := e.RuntimeAbout("plain"); !ok || about.Title != "Plain" {
		t.Errorf("about: %+v, %v", about, ok)
	}
	s.Quant = "Q4_K_M"
	if _, err := e.Inverse(m, s, rig); err == nil {
		t.Error("a precision that the runtime does not have was taken")
	}
}
