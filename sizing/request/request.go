package request

import (
	"fmt"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// Request is a set of answers to Keys, not yet checked against a catalog.
type Request struct {
	values map[string][]string
}

// Set answers one key. A key that is no List takes one value; setting it
// again replaces it.
func (r *Request) Set(key string, values ...string) error {
	k, err := findKey(key)
	if err != nil {
		return err
	}
	if r.values == nil {
		r.values = make(map[string][]string)
	}
	if k.Kind != List && len(values) != 1 {
		return fmt.Errorf("%s takes one value", key)
	}
	r.values[key] = values
	return nil
}

// Has tells whether a key was answered.
func (r *Request) Has(key string) bool { return len(r.values[key]) > 0 }

// Clear takes the answer to a key back.
func (r *Request) Clear(key string) { delete(r.values, key) }

// Get returns the answer to a key, "" when there is none.
func (r *Request) Get(key string) string {
	if v := r.values[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Default takes over the answers of d to keys that r leaves open.
func (r *Request) Default(d *Request) {
	for key, values := range d.values {
		if _, answered := r.values[key]; answered {
			continue
		}
		if r.values == nil {
			r.values = make(map[string][]string)
		}
		r.values[key] = values
	}
}

// Model finds the model that is asked for.
func (r *Request) Model(c *catalog.Catalog) (*catalog.Model, error) {
	if r.Has("gguf") {
		return nil, fmt.Errorf("gguf %s: no file is read here; name a model of the catalog", quoted(r.Get("gguf")))
	}
	name := strings.TrimSpace(r.Get("model"))
	if name == "" {
		return nil, fmt.Errorf("no model named; ask for one, such as llama-3.1-8b")
	}
	m, err := c.Model(clip(name))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", quoted(name), nearest(err))
	}
	return m, nil
}

// Settings are the defaults of the runtime with everything that is asked for
// changed. Without a context it is 8,192 tokens, or the model's longest where
// that is less.
func (r *Request) Settings(c *catalog.Catalog, m *catalog.Model) (sizing.Settings, error) {
	if err := r.refuse(); err != nil {
		return sizing.Settings{}, err
	}
	s, err := r.start(c, m)
	if err != nil {
		return s, err
	}
	for _, set := range setters() {
		if !r.Has(set.key) {
			continue
		}
		if err := set.apply(&s, r.Get(set.key), m, c); err != nil {
			return s, fmt.Errorf("%s %s: %w", set.key, quoted(r.Get(set.key)), err)
		}
	}
	if s.GPULayers == sizing.LayersFit && !r.Has("ctx") {
		s.Ctx = 0 // what fit may cut is the model's own
	}
	for _, set := range []func() error{
		func() error { return r.setOverrides(&s) },
		func() error { return r.setAdapters(&s) },
		func() error { return r.setDraft(c, &s) },
		func() error { return r.setTraining(&s) },
	} {
		if err := set(); err != nil {
			return s, err
		}
	}
	return s, nil
}

// What is assumed where nothing is asked for.
const (
	DefaultQuant = "Q4_K_M"
	DefaultCtx   = 8192 // tokens
)

// longest is the model's context, or a usual one where it is not known.
func longest(m *catalog.Model) int {
	if m.Context > 0 {
		return m.Context
	}
	return DefaultCtx
}
