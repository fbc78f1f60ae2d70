package ui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"
)

// found is a choice that the filter let through.
type found struct {
	index   int
	matched []int // bytes of the name
}

// How near a name is to what was typed, best first. Within one nearness the
// choices keep the order of their kinds.
const (
	nearExact = iota
	nearPrefix
	nearWord
	nearWithin
	nearFuzzy
)

// String and Len make the choices a source for the matcher.
func (c *chooser) String(i int) string { return c.choices[i].name }

// Len is the number of choices.
func (c *chooser) Len() int { return len(c.choices) }

// match finds the choices for a query: names that contain all its words first,
// then those that have its letters in order.
func (c *chooser) match(query string) []found {
	type ranked struct {
		found
		near, score int
	}
	q := strings.ToLower(query)
	words := strings.Fields(q)
	var all []ranked
	taken := map[int]bool{}
	for i := range c.choices {
		name := strings.ToLower(c.choices[i].name)
		if matched, ok := containsAll(name, words); ok {
			all = append(all, ranked{found{i, matched}, nearness(name, q, words[0]), 0})
			taken[i] = true
		}
	}
	for _, m := range fuzzy.FindFrom(query, c) {
		if !taken[m.Index] {
			all = append(all, ranked{found{m.Index, m.MatchedIndexes}, nearFuzzy, m.Score})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.near, b.near), cmp.Compare(b.score, a.score))
	})
	out := make([]found, len(all))
	for i, r := range all {
		out[i] = r.found
	}
	return out
}

// containsAll tells whether a name has every word, and which bytes they are.
func containsAll(name string, words []string) ([]int, bool) {
	var matched []int
	for _, w := range words {
		at := strings.Index(name, w)
		if at < 0 {
			return nil, false
		}
		for i := range len(w) {
			matched = append(matched, at+i)
		}
	}
	slices.Sort(matched)
	return slices.Compact(matched), true
}

// nearness grades a name that contains the query's words.
func nearness(name, query, first string) int {
	switch at := strings.Index(name, first); {
	case name == query:
		return nearExact
	case strings.HasPrefix(name, query), at == 0:
		return nearPrefix
	case at > 0 && !isAlnum(name[at-1]):
		return nearWord
	default:
		return nearWithin
	}
}

func isAlnum(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b >= 0x80
}
