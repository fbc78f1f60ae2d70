package request

import (
	"fmt"
	"slices"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
)

// unsized are runtimes that people ask for and that no rules are known of, in
// other words than a typing error.
//
//nolint:gochecknoglobals // a table, never written
var unsized = []string{"mlx", "exllama"}

// runtimeIDs lists what runtime takes.
func runtimeIDs(list []sizing.Runtime) []string {
	ids := []string{sizing.LlamaCpp, sizing.Ollama}
	for _, rt := range list {
		if !slices.Contains(ids, rt.ID()) {
			ids = append(ids, rt.ID())
		}
	}
	return ids
}

// RuntimeIDs lists the runtimes that can be asked for.
func RuntimeIDs(c *catalog.Catalog) []string { return runtimeIDs(runtimes.All(c)) }

// start is where a request's settings begin: the runtime's own defaults, at
// the context that is assumed.
func (r *Request) start(c *catalog.Catalog, m *catalog.Model) (sizing.Settings, error) {
	s := sizing.Defaults(DefaultQuant, min(DefaultCtx, longest(m)))
	asked := r.Get("runtime")
	if t := r.Get("train"); asked == "" && t != "" && t != "none" {
		asked = trainer
	}
	if asked == "" {
		return s, nil
	}
	name := strings.ToLower(strings.TrimSpace(asked))
	list := runtimes.All(c)
	if i := slices.IndexFunc(list, func(rt sizing.Runtime) bool { return rt.ID() == name }); i >= 0 {
		ctx := s.Ctx
		s = list[i].About().Defaults
		s.Runtime, s.Ctx = name, ctx
		return s, nil
	}
	ids := runtimeIDs(list)
	switch {
	case slices.Contains(ids, name):
		s.Runtime = name
		return s, nil
	case slices.Contains(unsized, name):
		return s, fmt.Errorf("runtime %s: not sized in this version; %s are", quoted(asked), strings.Join(ids, ", "))
	default:
		return s, fmt.Errorf("runtime %s: no such runtime; nearest: %s", quoted(asked), Nearest(name, slices.Concat(ids, unsized)))
	}
}

// setQuant finds a precision among those of the runtime.
func setQuant(s *sizing.Settings, v string, m *catalog.Model, c *catalog.Catalog) error {
	list := runtimes.All(c)
	i := slices.IndexFunc(list, func(rt sizing.Runtime) bool { return rt.ID() == s.Runtime })
	if i < 0 {
		return setFileType(s, v, c)
	}
	ids := list[i].Precisions(m)
	if len(ids) == 0 {
		return nil // the runtime itself says why it does not load the model
	}
	known, ok := c.Scheme(clip(v))
	for _, id := range ids {
		if ok && id == known.ID || strings.EqualFold(id, strings.TrimSpace(v)) {
			s.Quant = id
			return nil
		}
	}
	return fmt.Errorf("%s does not load it; nearest: %s", s.Runtime, Nearest(v, ids))
}

// setFileType takes the file types that llama.cpp loads.
func setFileType(s *sizing.Settings, v string, c *catalog.Catalog) error {
	q, err := c.Quant(clip(v))
	if err != nil {
		return fmt.Errorf("no such precision; nearest: %s", nearestOf(err, v, quantNames(c)))
	}
	s.Quant = q.ID
	return nil
}
