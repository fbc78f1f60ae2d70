package glossary

import (
	"errors"
	"fmt"
	"strconv"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/units"
)

// modelFigures print facts of a record, and what fits a named card.
func modelFigures() map[string]maker {
	return map[string]maker{
		"params":    fact(func(m *catalog.Model) string { return units.Params(m.Parameters()) }),
		"active":    fact(func(m *catalog.Model) string { return units.Params(m.ActiveParams) }),
		"layers":    fact(func(m *catalog.Model) string { return units.Count(m.Layers()) }),
		"context":   fact(func(m *catalog.Model) string { return units.Count(m.Context) }),
		"value":     value,
		"memory":    deviceFact(memory),
		"bandwidth": deviceFact(bandwidth),
		"verdict":   onCard((*figures).verdict),
		"placed":    onCard((*figures).placed),
		"maxctx":    onCard((*figures).maxContext),
		"bestquant": onCard((*figures).bestQuant),
	}
}

// value prints what a parameter of an answer stands at, numbers with their
// thousands apart: {{ value $ctx }}.
func value(_ *figures, c *call) (figure, error) {
	if len(c.options) > 0 {
		return nil, fmt.Errorf("takes no options, not %s", c.options[0].key)
	}
	text := c.subject
	if n, err := strconv.Atoi(text); err == nil {
		text = units.Count(n)
	}
	return func(*sizing.Rig) (string, error) { return text, nil }, nil
}

// fact prints a property of the model itself.
func fact(show func(*catalog.Model) string) maker {
	return func(f *figures, c *call) (figure, error) {
		m, err := f.model(c.subject)
		if err != nil {
			return nil, err
		}
		if len(c.options) > 0 {
			return nil, fmt.Errorf("takes no options, not %s", c.options[0].key)
		}
		return fixed(func() (string, error) { return show(m), nil }), nil
	}
}

func deviceFact(show func(*catalog.Device) string) maker {
	return func(f *figures, c *call) (figure, error) {
		d, err := f.device(c.subject)
		if err != nil {
			return nil, err
		}
		return fixed(func() (string, error) { return show(d), nil }), nil
	}
}

// memory prints what is on the box, in the unit that it is nearer to.
func memory(d *catalog.Device) string {
	unit := d.MemoryUnit
	if unit == "" {
		unit = "GB"
	}
	return strconv.FormatFloat(d.MemoryGB, 'f', -1, 64) + " " + unit
}

func bandwidth(d *catalog.Device) string {
	if d.BandwidthGBs < 100 {
		return strconv.FormatFloat(d.BandwidthGBs, 'f', -1, 64) + " GB/s"
	}
	return units.Count(int(d.BandwidthGBs+0.5)) + " GB/s"
}

// onCard makes a figure that only has an answer for a named rig.
func onCard(show func(*figures, question) (string, error)) maker {
	return func(f *figures, c *call) (figure, error) {
		q, err := f.question(c)
		if err != nil {
			return nil, err
		}
		if q.rig == nil {
			return nil, errors.New("want a gpu= to answer for")
		}
		return fixed(func() (string, error) { return show(f, q) }), nil
	}
}

func (f *figures) verdict(q question) (string, error) {
	b, err := f.estimate(q, q.rig)
	return verdictWords(b.Verdict), err
}

// verdictWords continue a sentence that has the model as its subject.
func verdictWords(v sizing.Verdict) string {
	switch v {
	case sizing.Comfortable:
		return "fits comfortably"
	case sizing.Tight:
		return "fits, with little room"
	case sizing.Offload:
		return "runs with part in RAM"
	case sizing.No:
		return "does not fit"
	}
	return string(v)
}

func (f *figures) placed(q question) (string, error) {
	b, err := f.estimate(q, q.rig)
	return fmt.Sprintf("%d of %d", b.Placement.GPULayers, b.Placement.Layers), err
}

func (f *figures) maxContext(q question) (string, error) {
	fits, err := f.engine.Inverse(q.model, q.settings, q.rig)
	return units.Count(fits.MaxCtx), err
}

func (f *figures) bestQuant(q question) (string, error) {
	fits, err := f.engine.Inverse(q.model, q.settings, q.rig)
	if fits.BestQuant == "" {
		return "none", err
	}
	return fits.BestQuant, err
}
