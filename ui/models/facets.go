package models

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// The facets, in the order of the panel.
const (
	facetVerdict = "On this rig"
	facetUse     = "Use"
	facetSize    = "Size"
	facetKind    = "Architecture"
	facetInput   = "Input"
	facetLicence = "Licence"
	facetMaker   = "Maker"
)

// facets narrow the list by what a model is. The value of every facet is
// looked up once for each model, so that filtering costs next to nothing.
type facets struct {
	checks widget.Checks
	has    [][]string // by model: its values, as "facet\x00value"
	on     map[string]map[string]bool
}

// newFacets counts the values of all facets in the catalog.
func newFacets(c *catalog.Catalog) facets {
	f := facets{has: make([][]string, len(c.Models))}
	counts := map[string]map[string]int{}
	for i, m := range c.Models {
		for facet, values := range valuesOf(m) {
			for _, v := range values {
				if counts[facet] == nil {
					counts[facet] = map[string]int{}
				}
				counts[facet][v]++
				f.has[i] = append(f.has[i], facet+"\x00"+v)
			}
		}
	}
	for _, v := range verdicts() {
		f.checks.Boxes = append(f.checks.Boxes, widget.Check{Group: facetVerdict, Label: verdictLabel(v), Count: -1})
	}
	for _, facet := range []string{facetUse, facetSize, facetKind, facetInput, facetLicence, facetMaker} {
		for _, v := range inOrder(facet, counts[facet]) {
			f.checks.Boxes = append(f.checks.Boxes, widget.Check{Group: facet, Label: v, Count: counts[facet][v]})
		}
	}
	f.update()
	return f
}

func verdicts() []sizing.Verdict {
	return []sizing.Verdict{sizing.Comfortable, sizing.Tight, sizing.Offload, sizing.No}
}

func verdictLabel(v sizing.Verdict) string { return theme.Mark(v) + " " + theme.Word(v) }

// valuesOf are the facet values of a model.
func valuesOf(m *catalog.Model) map[string][]string {
	kind := "dense"
	if moe(m) != nil {
		kind = "mixture of experts"
	}
	return map[string][]string{
		facetUse: m.Uses, facetInput: m.Inputs, facetMaker: {m.Maker},
		facetSize: {sizeBand(m.Parameters())}, facetKind: {kind}, facetLicence: {licenceClass(m.Licence)},
	}
}

// sizeBands are upper limits in parameters, and how the band is called.
func sizeBands() []struct {
	below int64
	name  string
} {
	return []struct {
		below int64
		name  string
	}{
		{2e9, "under 2B"}, {5e9, "2B to 5B"}, {10e9, "5B to 10B"}, {20e9, "10B to 20B"},
		{40e9, "20B to 40B"}, {80e9, "40B to 80B"}, {1 << 62, "80B and more"},
	}
}

func sizeBand(params int64) string {
	for _, b := range sizeBands() {
		if params < b.below {
			return b.name
		}
	}
	return ""
}

// inOrder lists the values of a facet: sizes from small to large, the rest by
// how many models have them.
func inOrder(facet string, counts map[string]int) []string {
	var values []string
	if facet == facetSize {
		for _, b := range sizeBands() {
			if counts[b.name] > 0 {
				values = append(values, b.name)
			}
		}
		return values
	}
	for v := range counts {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	return values
}

// update reads the check boxes into the form that pass asks.
func (f *facets) update() {
	f.on = map[string]map[string]bool{}
	for _, b := range f.checks.Boxes {
		if !b.On {
			continue
		}
		if f.on[b.Group] == nil {
			f.on[b.Group] = map[string]bool{}
		}
		f.on[b.Group][b.Label] = true
	}
}

// pass tells whether a model has a checked value of every facet in use.
func (f *facets) pass(i int, r sizing.Ranking) bool {
	if len(f.on) == 0 {
		return true
	}
	hit := 0
	if on := f.on[facetVerdict]; on != nil {
		if !on[verdictLabel(r.Verdict)] {
			return false
		}
		hit++
	}
	seen := ""
	for _, pair := range f.has[i] {
		facet, value, _ := strings.Cut(pair, "\x00")
		if facet != seen && f.on[facet][value] {
			hit++
			seen = facet // a second value of the same facet counts no more
		}
	}
	return hit == len(f.on)
}

// countVerdicts fills in how many models have each verdict on the rig.
func (f *facets) countVerdicts(ranks []sizing.Ranking) {
	counts := map[string]int{}
	for _, r := range ranks {
		counts[verdictLabel(r.Verdict)]++
	}
	for i, b := range f.checks.Boxes {
		if b.Group == facetVerdict {
			f.checks.Boxes[i].Count = counts[b.Label]
		}
	}
}

func (f *facets) clear() {
	f.checks.Clear()
	f.update()
}

func (f *facets) active() int { return len(f.on) }

// summary names what is checked, facet by facet.
func (f *facets) summary() string {
	var parts []string
	for i := 0; i < len(f.checks.Boxes); {
		group := f.checks.Boxes[i].Group
		var on []string
		for ; i < len(f.checks.Boxes) && f.checks.Boxes[i].Group == group; i++ {
			if f.checks.Boxes[i].On {
				on = append(on, f.checks.Boxes[i].Label)
			}
		}
		if len(on) > 0 {
			parts = append(parts, strings.Join(on, " or "))
		}
	}
	return strings.Join(parts, " · ")
}

func (p *Pane) openFacets() tea.Cmd {
	p.mode = filtering
	return nil
}

func (p *Pane) facetKeys() []pane.Binding {
	shut := func() tea.Cmd { p.mode = browse; return nil }
	return append(p.facets.checks.Bindings(p.facetsChanged),
		pane.Bind("esc f backspace", "esc", "back to the list", pane.GroupView, shut).InFooter(),
	)
}

func (p *Pane) facetsChanged() tea.Cmd {
	p.facets.update()
	p.refresh(p.cursorModel())
	return p.moved()
}
