package widget

import (
	"cmp"
	"slices"
	"strings"
)

// FacetGroup is one facet: its name and, where they have an order of their own,
// its values. The values of a Live group change with the session; Pass leaves
// them to the caller, who asks Wants.
type FacetGroup struct {
	Name   string
	Values []string // nil = as they occur, the most frequent first
	Live   bool
}

// Facets narrow a list by what its items are. The values of an item are looked
// up once, so that filtering costs next to nothing.
type Facets struct {
	Checks
	has  [][]facetValue
	on   map[string]map[string]bool
	live map[string]bool
}

type facetValue struct{ group, value string }

// NewFacets counts the values of n items.
func NewFacets(groups []FacetGroup, n int, of func(i int) map[string][]string) *Facets {
	f := &Facets{has: make([][]facetValue, n), live: map[string]bool{}}
	counts := map[facetValue]int{}
	for i := range n {
		for group, values := range of(i) {
			for _, v := range values {
				fv := facetValue{group, v}
				counts[fv]++
				f.has[i] = append(f.has[i], fv)
			}
		}
		slices.SortFunc(f.has[i], func(a, b facetValue) int { return strings.Compare(a.group, b.group) })
	}
	for _, g := range groups {
		f.live[g.Name] = g.Live
		for _, v := range g.order(counts) {
			count := counts[facetValue{g.Name, v}]
			if g.Live {
				count = -1
			}
			f.Boxes = append(f.Boxes, Check{Group: g.Name, Label: v, Count: count})
		}
	}
	f.Apply()
	return f
}

// order lists the values of a group that occur.
func (g FacetGroup) order(counts map[facetValue]int) []string {
	if g.Live {
		return g.Values
	}
	var values []string
	if g.Values != nil {
		for _, v := range g.Values {
			if counts[facetValue{g.Name, v}] > 0 {
				values = append(values, v)
			}
		}
		return values
	}
	for fv := range counts {
		if fv.group == g.Name {
			values = append(values, fv.value)
		}
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[facetValue{g.Name, b}], counts[facetValue{g.Name, a}]), strings.Compare(a, b))
	})
	return values
}

// Apply reads the boxes into the form that Pass asks. It is to be called after
// each change of a box.
func (f *Facets) Apply() {
	f.on = map[string]map[string]bool{}
	for _, b := range f.Boxes {
		if !b.On {
			continue
		}
		if f.on[b.Group] == nil {
			f.on[b.Group] = map[string]bool{}
		}
		f.on[b.Group][b.Label] = true
	}
}

// Pass tells whether item i has a checked value of every facet in use, the live
// ones left aside.
func (f *Facets) Pass(i int) bool {
	if len(f.on) == 0 {
		return true
	}
	need := 0
	for group := range f.on {
		if !f.live[group] {
			need++
		}
	}
	seen := ""
	for _, fv := range f.has[i] {
		if fv.group != seen && f.on[fv.group][fv.value] {
			need--
			seen = fv.group // a second value of the same facet counts no more
		}
	}
	return need == 0
}

// Wants tells whether a value of a live group is let through.
func (f *Facets) Wants(group, value string) bool {
	on := f.on[group]
	return on == nil || on[value]
}

// SetCounts fills in how many items have each value of a live group.
func (f *Facets) SetCounts(group string, counts map[string]int) {
	for i, b := range f.Boxes {
		if b.Group == group {
			f.Boxes[i].Count = counts[b.Label]
		}
	}
}

// Reset takes all checks off.
func (f *Facets) Reset() {
	f.Clear()
	f.Apply()
}

// Active is the number of facets in use.
func (f *Facets) Active() int { return len(f.on) }

// Summary names what is checked: "chat or code · fits".
func (f *Facets) Summary() string {
	var parts []string
	for i := 0; i < len(f.Boxes); {
		group := f.Boxes[i].Group
		var on []string
		for ; i < len(f.Boxes) && f.Boxes[i].Group == group; i++ {
			if f.Boxes[i].On {
				on = append(on, Clean(f.Boxes[i].Label))
			}
		}
		if len(on) > 0 {
			parts = append(parts, strings.Join(on, " or "))
		}
	}
	return strings.Join(parts, " · ")
}
