package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// near is an entry and how many letters must change to make the query of it.
type near struct{ index, distance int }

// nearest returns the ids of the entries that a query may have meant: those
// with the fewest typing errors, then those that hold its letters, then those
// that hold some of its words, and as a last resort the least different ones.
func (s *shelf) nearest(list []string) []string {
	query := strings.Join(list, "")
	short := strings.Join(slices.DeleteFunc(slices.Clone(list), func(t string) bool { return s.filler[t] }), "")
	typos := s.byDistance(query, short)
	var out []string
	add := func(i int) {
		if id := s.entries[i].id; len(out) < maxNearest && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, n := range typos {
		if n.distance <= max(1, len(short)/3) {
			add(n.index)
		}
	}
	for _, h := range s.findLetters(list) {
		add(h.index)
	}
	for _, h := range s.findSome(list) {
		add(h.index)
	}
	for _, n := range typos {
		add(n.index)
	}
	return out
}

// findSome returns the entries that hold those terms that anything holds.
func (s *shelf) findSome(list []string) []hit {
	known := slices.DeleteFunc(slices.Clone(list), func(t string) bool { return len(s.find([]string{t})) == 0 })
	if len(known) == 0 || len(known) == len(list) {
		return nil
	}
	return s.find(known)
}

// byDistance orders the entries by the least number of letters in which one of
// their names differs from one of the queries.
func (s *shelf) byDistance(queries ...string) []near {
	least := make([]near, len(s.entries))
	for i := range least {
		least[i] = near{i, maxText}
	}
	for _, names := range s.exact {
		for k, found := range names {
			d := maxText
			for _, q := range queries {
				if q != "" && max(len(k)-len(q), len(q)-len(k)) <= len(q)/2 {
					d = min(d, levenshtein.ComputeDistance(q, k))
				}
			}
			for _, i := range found {
				least[i].distance = min(least[i].distance, d)
			}
		}
	}
	slices.SortFunc(least, func(a, b near) int {
		x, y := &s.entries[a.index], &s.entries[b.index]
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(y.order, x.order), cmp.Compare(a.index, b.index))
	})
	return least
}
