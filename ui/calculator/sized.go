package calculator

import (
	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/session"
)

// sized is a question and the engine's answer to it: the model with its
// settings on a rig, what that takes, and the sliders that lead away from it.
// It never changes once made, so that a command may read it while the pane has
// moved on.
type sized struct {
	catalog *catalog.Catalog
	engine  *sizing.Engine
	model   *catalog.Model
	file    *session.File // that the model was read from; nil for a record
	rig     *sizing.Rig

	settings sizing.Settings
	all      bool // every precision is on its slider

	budget sizing.Budget
	err    error // why there is no budget
	knobs  []knob
	next   map[string][]neighbour // by knob: what the stops around would cost
}

// size asks the engine and makes the sliders.
func size(s session.Session, settings sizing.Settings, all bool) *sized {
	z := &sized{
		catalog: s.Catalog, engine: s.ModelEngine(), model: s.Model, file: s.File, rig: s.Rig,
		settings: settings, all: all,
	}
	z.budget, z.err = z.estimate(settings)
	z.knobs = z.buildKnobs()
	z.next = z.neighbours()
	return z
}

// estimate asks about other settings of the same model and rig.
func (z *sized) estimate(s sizing.Settings) (sizing.Budget, error) {
	return z.engine.Estimate(z.model, s, z.rig)
}

// verdict is what other settings come to; "" where the engine refuses them.
func (z *sized) verdict(s sizing.Settings) sizing.Verdict {
	b, err := z.estimate(s)
	if err != nil {
		return ""
	}
	return b.Verdict
}
