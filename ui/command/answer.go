package command

import (
	"encoding/json"
	"fmt"
	"io"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

// answer is what size prints as JSON: the budget, the inverse answers and the
// shown work.
type answer struct {
	sizing.Budget
	Fits  sizing.Fits   `json:"fits"`
	Steps []sizing.Step `json:"steps"`

	model    *catalog.Model
	settings sizing.Settings
	rig      *sizing.Rig
}

// answer sizes what a request asks for. Errors are the asker's.
func (w *world) answer(r *request.Request) (*answer, error) {
	x, err := w.subject(r)
	if err != nil {
		return nil, err
	}
	m, engine := x.model, x.engine
	s, err := r.Settings(w.catalog, m)
	if err != nil {
		return nil, bad(err)
	}
	if x.quant != "" {
		s.Quant = x.quant
	}
	rig, err := w.rig(r)
	if err != nil {
		return nil, err
	}
	a := &answer{model: m, settings: s, rig: rig}
	if a.Budget, err = engine.Estimate(m, s, rig); err != nil {
		return nil, err
	}
	if a.Fits, err = engine.Inverse(m, s, rig); err != nil {
		return nil, fmt.Errorf("what else fits: %w", err)
	}
	if a.Steps, err = engine.Explain(m, s, rig); err != nil {
		return nil, fmt.Errorf("the work: %w", err)
	}
	a.Warnings = append(a.Warnings, x.notes...)
	a.fillEmpty()
	return a, nil
}

// fillEmpty makes empty lists of absent ones: in JSON they are [], never null.
func (a *answer) fillEmpty() {
	if a.Warnings == nil {
		a.Warnings = []string{}
	}
	if a.Steps == nil {
		a.Steps = []sizing.Step{}
	}
	if a.Devices == nil {
		a.Devices = []sizing.DeviceBudget{}
	}
	if a.Placement.PerDevice == nil {
		a.Placement.PerDevice = []int{}
	}
}

// writeJSON prints one value. Names keep their &, < and >: nothing here is
// put into a web page.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}
