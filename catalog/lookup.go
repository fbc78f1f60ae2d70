package catalog

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
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
	s = s[:maxQuoted]
	for len(s) > 0 && !utf8.ValidString(s[len(s)-1:]) && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// Model finds a model by id, Hugging Face id, Ollama tag, alias or name,
// however it is spelled, and otherwise by the words in it, if one record fits
// best. The error is a *NotFoundError or an *AmbiguousError.
func (c *Catalog) Model(name string) (*Model, error) {
	i, err := c.lookup().models.resolve(name)
	if err != nil {
		return nil, err
	}
	return c.Models[i], nil
}

// Device finds a device by id, name, driver name or short name ("4090"), and
// otherwise by the words in it. A name that leaves the memory size open, where
// there are several, is ambiguous; of the forms of a data-centre part, SXM is
// meant if none is named. The error is a *NotFoundError or an *AmbiguousError.
func (c *Catalog) Device(name string) (*Device, error) {
	i, err := c.lookup().devices.resolve(name)
	if err != nil {
		return nil, err
	}
	return c.Devices[i], nil
}

// resolve returns the index of the one entry that a name means.
func (s *shelf) resolve(name string) (int, error) {
	query := strings.TrimSpace(name)
	list := terms(query[:min(len(query), maxQuery)])
	if len(list) == 0 || len(query) > maxQuery {
		return 0, &NotFoundError{Kind: s.kind, Name: name, Candidates: nil}
	}
	if found := s.spelled(query); len(found) == 1 {
		return found[0], nil
	} else if len(found) > 1 {
		return 0, &AmbiguousError{Kind: s.kind, Name: name, Candidates: s.ids(found)}
	}
	hits := s.find(list)
	if len(hits) == 0 {
		return 0, &NotFoundError{Kind: s.kind, Name: name, Candidates: s.nearest(list)}
	}
	if len(hits) == 1 || hits[0].score() > hits[1].score() {
		return hits[0].index, nil
	}
	return 0, &AmbiguousError{Kind: s.kind, Name: name, Candidates: s.idsOf(hits)}
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
	var list []string
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

// nearest returns the ids with the fewest typing errors to the query, and then
// those that hold its letters.
func (s *shelf) nearest(list []string) []string {
	query := strings.Join(list, "")
	type near struct{ index, distance int }
	var all []near
	for _, names := range s.exact {
		for k, found := range names {
			if abs(len(k)-len(query)) > len(query)/2+1 {
				continue
			}
			d := levenshtein.ComputeDistance(query, k)
			if d <= len(query)/2 {
				for _, i := range found {
					all = append(all, near{i, d})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b near) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		x, y := &s.entries[a.index], &s.entries[b.index]
		if x.order != y.order {
			return strings.Compare(y.order, x.order)
		}
		return a.index - b.index
	})
	var out []string
	add := func(i int) {
		if id := s.entries[i].id; len(out) < maxNearest && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, n := range all {
		add(n.index)
	}
	for _, h := range s.findLetters(list) {
		add(h.index)
	}
	return out
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
