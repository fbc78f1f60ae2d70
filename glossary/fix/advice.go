package fix

import (
	"fmt"
	"maps"
	"slices"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
)

// Advice is what the engine says about the model of a log: what it takes as it
// was started, and what would fit instead.
type Advice struct {
	Model    *catalog.Model
	Rig      *sizing.Rig
	OfLog    bool // the rig is the log's; else the reader's
	Settings sizing.Settings
	Budget   sizing.Budget // with these settings
	Options  []Option      // what would fit instead; none where it fits as it is
	Notes    []string      // what was taken for granted

	known *namer
}

// Option is one change that makes a model fit.
type Option struct {
	Change   string // in a few words
	Settings sizing.Settings
	Budget   sizing.Budget
}

// Advise puts what a log states through the engine. The machine is the log's
// where it can be told, else the reader's. It returns nil where the log names
// no model that the catalog knows, or the engine has no answer.
func Advise(f *Facts, engine *sizing.Engine, c *catalog.Catalog, reader *sizing.Rig) *Advice {
	known := newNamer(c)
	m, name := known.model(f.Models)
	if m == nil {
		return nil
	}
	a := &Advice{Model: m, known: known}
	var remark string
	if a.Rig, remark = known.rig(f); a.Rig != nil {
		a.OfLog = true
		a.note(remark)
	} else if a.Rig = reader; reader == nil {
		return nil
	}
	a.settings(f, name, c, engine)
	var err error
	if a.Budget, err = engine.Estimate(m, a.Settings, a.Rig); err != nil {
		return nil
	}
	if v := a.Budget.Verdict; v != sizing.Comfortable && v != sizing.Tight {
		a.options(engine, c)
	}
	return a
}

func (a *Advice) note(s string) {
	if s != "" {
		a.Notes = append(a.Notes, s)
	}
}

// settings are those of the log, in the words of a request; the rest is the
// runtime's own.
func (a *Advice) settings(f *Facts, name string, c *catalog.Catalog, engine *sizing.Engine) {
	var r request.Request
	if asked := f.Settings["runtime"]; asked != "" {
		if slices.Contains(engine.Runtimes(), asked) {
			_ = r.Set("runtime", asked) // it is a key
		} else {
			a.note("the figures are llama.cpp's: " + asked + " is not sized in this version")
		}
	}
	s, err := r.Settings(c, a.Model)
	if err != nil {
		s = sizing.Defaults(request.DefaultQuant, request.DefaultCtx)
	}
	if a.Settings = s; a.placesLayers() {
		s.GPULayers = sizing.LayersAll // the fault is that they did not fit
	}
	for _, key := range slices.Sorted(maps.Keys(f.Settings)) {
		if key == "runtime" || key == "quant" {
			continue
		}
		if key == training {
			a.note("the log is of training; the figures are for inference")
			continue
		}
		if next, err := request.Apply(s, key, f.Settings[key], a.Model, c); err == nil {
			s = next
		}
	}
	if a.Model.Context > 0 && s.Ctx > a.Model.Context*max(1, s.Parallel) {
		s.Ctx = a.Model.Context
	}
	a.Settings = a.withQuant(s, f.Settings["quant"]+" "+name, c)
}

// withQuant finds the precision in what a log says of it.
func (a *Advice) withQuant(s sizing.Settings, words string, c *catalog.Catalog) sizing.Settings {
	for _, w := range a.known.quants(words) {
		if next, err := request.Apply(s, "quant", w, a.Model, c); err == nil {
			return next
		}
	}
	if a.placesLayers() {
		a.note("the log names no precision; " + s.Quant + " is assumed")
	}
	return s
}

// options are the changes that make it fit, the least first.
func (a *Advice) options(engine *sizing.Engine, c *catalog.Catalog) {
	fits, err := engine.Inverse(a.Model, a.Settings, a.Rig)
	if err != nil {
		return
	}
	if next, err := request.Apply(a.Settings, "kv_type", "q8_0", a.Model, c); err == nil && a.hasCacheTypes() {
		a.smallerCache(engine, next)
	}
	a.narrower(engine, a.Settings, fits.MaxCtx, "")
	if q := fits.BestQuant; q != "" && q != a.Settings.Quant && (len(a.Options) == 0 || !poor(q, c)) {
		next := a.Settings
		next.Quant = q
		a.try(engine, next, func(*sizing.Budget) string { return q + " instead of " + a.Settings.Quant })
	}
	if next := a.Settings; a.placesLayers() {
		next.GPULayers, next.CPUMoE = sizing.LayersAuto, sizing.ExpertsAuto
		a.try(engine, next, placed)
	}
}

// smallerCache keeps the context if the cache's type alone is enough, else
// says how wide it gets with it.
func (a *Advice) smallerCache(engine *sizing.Engine, s sizing.Settings) {
	const change = "the cache in q8_0 instead of f16"
	if a.try(engine, s, func(*sizing.Budget) string { return change }) {
		return
	}
	if fits, err := engine.Inverse(a.Model, s, a.Rig); err == nil {
		a.narrower(engine, s, fits.MaxCtx, change+" and ")
	}
}

// narrower cuts the context to what fits.
func (a *Advice) narrower(engine *sizing.Engine, s sizing.Settings, most int, also string) {
	n := roundCtx(most)
	if n < leastCtx || n >= s.Ctx {
		return
	}
	s.Ctx = n
	a.try(engine, s, func(*sizing.Budget) string {
		return fmt.Sprintf("%sa context of %s tokens instead of %s", also, units.Count(n), units.Count(a.Settings.Ctx))
	})
}

// poor tells of a precision that spoils a model.
func poor(quant string, c *catalog.Catalog) bool {
	q, err := c.Quant(quant)
	return err == nil && q.Quality == "poor"
}

// try keeps a change if it runs.
func (a *Advice) try(engine *sizing.Engine, s sizing.Settings, change func(*sizing.Budget) string) bool {
	b, err := engine.Estimate(a.Model, s, a.Rig)
	if err != nil || b.Verdict == sizing.No {
		return false
	}
	a.Options = append(a.Options, Option{change(&b), s, b})
	return true
}

// placesLayers tells whether the runtime can keep layers in RAM.
func (a *Advice) placesLayers() bool {
	return a.Settings.Runtime == sizing.LlamaCpp || a.Settings.Runtime == sizing.Ollama
}

// hasCacheTypes tells whether the cache is in f16 and need not be.
func (a *Advice) hasCacheTypes() bool { return a.placesLayers() && a.Settings.KVTypeK == "f16" }

// placed says where the planner put the layers.
func placed(b *sizing.Budget) string {
	p := &b.Placement
	switch {
	case p.CPUMoE > 0:
		return fmt.Sprintf("keep the experts of %d layers in RAM (slower)", p.CPUMoE)
	case p.GPULayers == 0:
		return "keep everything in RAM (slow)"
	}
	return fmt.Sprintf("%d of %d layers on the GPU, the rest in RAM (slower)", p.GPULayers, p.Layers)
}

// leastCtx is the narrowest context that is worth advising, tokens.
const leastCtx = 1024

// roundCtx rounds a context down to what people type, tokens.
func roundCtx(n int) int {
	for _, step := range []int{4096, 1024, 256} {
		if n >= 4*step {
			return n / step * step
		}
	}
	return n
}
