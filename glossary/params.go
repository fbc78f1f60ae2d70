package glossary

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"runlocal/sizing"
)

// Params are what the figures of an answer are for: model, quant, ctx, gpu.
type Params map[string]string

// Params are an entry's own, nil for one that has none.
func (e *Entry) Params() Params {
	if e.Answer == nil {
		return nil
	}
	p := make(Params, len(e.Answer.Params))
	for key, value := range e.Answer.Params {
		p[key] = fmt.Sprint(value)
	}
	return p
}

// MarkdownFor is Markdown with some of an answer's parameters set by the
// reader. Parameters that the entry does not have are an error that names
// those it has.
func (g *Glossary) MarkdownFor(e *Entry, set Params, rig *sizing.Rig) (string, error) {
	if len(set) == 0 {
		return g.Markdown(e, rig)
	}
	p := e.Params()
	for key, value := range set {
		if _, ok := p[key]; !ok {
			return "", fmt.Errorf("%s has no parameter %s; it has %s", e.ID, key, listed(slices.Sorted(maps.Keys(p))))
		}
		p[key] = value
	}
	if m, ok := p["model"]; ok {
		found, err := g.figures.catalog.Model(m)
		if err != nil {
			return "", fmt.Errorf("model %s: %w", clip(m), err)
		}
		p["model"] = found.ID
	}
	if err := g.tie(e); err != nil {
		return "", err
	}
	pieces := slices.Clone(e.body.pieces)
	for i := range pieces {
		if c := pieces[i].call; c != nil && c.open() {
			show, err := g.figures.make(c.fill(p))
			if err != nil {
				return "", err
			}
			pieces[i].show = show
		}
	}
	text, err := show(e, pieces, rig)
	return text + e.extras(), err
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// open tells that a call has a parameter in it.
func (c *call) open() bool {
	return strings.HasPrefix(c.subject, "$") || slices.ContainsFunc(c.options, func(o option) bool { return strings.HasPrefix(o.value, "$") })
}

// fill is the call with its parameters' values. A parameter without a value
// stays as it is, and is refused where the call is made.
func (c *call) fill(p Params) *call {
	value := func(s string) string {
		if name, ok := strings.CutPrefix(s, "$"); ok && p[name] != "" {
			return p[name]
		}
		return s
	}
	out := *c
	out.subject, out.options = value(c.subject), slices.Clone(c.options)
	for i := range out.options {
		out.options[i].value = value(out.options[i].value)
	}
	return &out
}
