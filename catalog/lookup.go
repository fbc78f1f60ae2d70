package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// NotFoundError says that a name fits no record.
type NotFoundError struct {
	Kind       string   // "model", "device", "quant"
	Name       string   // as asked for
	Candidates []string // ids of the nearest records, best first
}

func (e *NotFoundError) Error() string {
	s := fmt.Sprintf("no %s named %q", e.Kind, shorten(e.Name))
	if len(e.Candidates) > 0 {
		s += "; nearest: " + strings.Join(e.Candidates, ", ")
	}
	return s
}

// AmbiguousError says that a name fits several records equally well.
type AmbiguousError struct {
	Kind       string
	Name       string
	Candidates []string // ids, best first
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%q fits several %ss: %s", shorten(e.Name), e.Kind, strings.Join(e.Candidates, ", "))
}

const (
	maxCandidates = 8
	maxNearest    = 3
	maxQuoted     = 60 // bytes of a name that an error repeats
)

func shorten(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuoted], "") + "…"
}

// Model finds a model by id, Hugging Face id, Ollama tag, alias or name,
// however it is spelled, and otherwise by the words in it, if one record fits
// best. The error is a *NotFoundError or an *AmbiguousError.
func (c *Catalog) Model(name string) (*Model, error) {
	i, err := c.modelShelf().resolve(name)
	if err != nil {
		return nil, err
	}
	return c.Models[i], nil
}

// Device finds a device by id, name, driver name or short name ("4090"), and
// otherwise by the words in it. A name that leaves the memory size open, where
// there are several, is ambiguous; of the forms of a data-centre part, SXM is
// meant if none is named. A device that shares the host's memory and is sold
// with several sizes can be named with one of them ("M4 Max 64GB", or the id
// and "-64gb"). The error is a *NotFoundError or an *AmbiguousError.
func (c *Catalog) Device(name string) (*Device, error) {
	if len(name) <= maxQuery {
		name = strings.TrimSpace(computer.ReplaceAllString(name, ""))
		if d, err := c.sizedDevice(name); d != nil || err != nil {
			return d, err
		}
	}
	i, err := c.deviceShelf().resolve(name)
	if err != nil {
		return nil, err
	}
	return c.Devices[i], nil
}

// resolve returns the index of the one entry that a name means.
func (s *shelf) resolve(name string) (int, error) {
	query := strings.TrimSpace(name)
	if len(query) > maxQuery {
		return 0, &NotFoundError{Kind: s.kind, Name: name}
	}
	if found := s.spelled(query); len(found) == 1 {
		return found[0], nil
	} else if len(found) > 1 {
		found = slices.Clone(found)
		slices.SortStableFunc(found, func(a, b int) int { return strings.Compare(s.entries[b].order, s.entries[a].order) })
		return 0, &AmbiguousError{Kind: s.kind, Name: name, Candidates: s.ids(found)}
	}
	_, tail, owned := strings.Cut(query, "/") // the owner of a repository names no model
	if !owned {
		tail = query
	}
	list := terms(tail)
	if len(list) == 0 {
		return 0, &NotFoundError{Kind: s.kind, Name: name}
	}
	best := s.best(list)
	switch len(best) {
	case 0:
		return 0, &NotFoundError{Kind: s.kind, Name: name, Candidates: s.nearest(list)}
	case 1:
		return best[0].index, nil
	default:
		return 0, &AmbiguousError{Kind: s.kind, Name: name, Candidates: s.idsOf(best)}
	}
}

// best returns the hits that no other beats.
func (s *shelf) best(list []string) []hit {
	hits := slices.DeleteFunc(s.find(list), func(h hit) bool { return h.inside })
	for i := range hits {
		if hits[i].score() < hits[0].score() {
			return hits[:i]
		}
	}
	return hits
}

// spelled returns the entries that are called so, spelling apart.
func (s *shelf) spelled(query string) ids {
	k := key(query)
	for _, names := range s.exact {
		if found := names[k]; len(found) > 0 {
			return found
		}
	}
	if _, tail, ok := strings.Cut(query, "/"); ok {
		return s.spelled(tail)
	}
	return nil
}

func (s *shelf) ids(indexes []int) []string {
	list := make([]string, 0, maxCandidates)
	for _, i := range indexes[:min(len(indexes), maxCandidates)] {
		list = append(list, s.entries[i].id)
	}
	return list
}

func (s *shelf) idsOf(hits []hit) []string {
	indexes := make([]int, len(hits))
	for i, h := range hits {
		indexes[i] = h.index
	}
	return s.ids(indexes)
}
