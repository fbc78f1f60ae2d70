package models

import (
	"slices"

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
	facetPlace   = "Files"
	facetUse     = "Use"
	facetSize    = "Size"
	facetKind    = "Architecture"
	facetInput   = "Input"
	facetLicence = "Licence"
	facetMaker   = "Maker"
)

// onMachine is the value of facetPlace for a file that was found.
const onMachine = here + "on this machine"

func (p *Pane) newFacets() *widget.Facets {
	var labels, sizes []string
	for _, v := range verdicts() {
		labels = append(labels, verdictLabel(v))
	}
	for _, b := range sizeBands() {
		sizes = append(sizes, b.name)
	}
	return widget.NewFacets([]widget.FacetGroup{
		{Name: facetVerdict, Values: labels, Live: true},
		{Name: facetPlace}, {Name: facetUse}, {Name: facetSize, Values: sizes}, {Name: facetKind},
		{Name: facetInput}, {Name: facetLicence}, {Name: facetMaker},
	}, len(p.models), func(i int) map[string][]string {
		if p.file(i) != nil {
			return valuesOfFile(p.models[i])
		}
		return valuesOf(p.models[i])
	})
}

// regroup counts the facets anew for another list of models. What is checked
// stays checked.
func (p *Pane) regroup() {
	old := p.facets.Boxes
	p.facets = p.newFacets()
	for i := range p.facets.Boxes {
		b := &p.facets.Boxes[i]
		b.On = slices.ContainsFunc(old, func(o widget.Check) bool { return o.On && o.Group == b.Group && o.Label == b.Label })
	}
	p.facets.Apply()
	p.countVerdicts()
}

// valuesOfFile are the facet values of a file: what its header does not say is
// left out.
func valuesOfFile(m *catalog.Model) map[string][]string {
	values := map[string][]string{facetPlace: {onMachine}}
	if len(m.Blocks) == 0 {
		return values
	}
	known := valuesOf(m)
	values[facetSize], values[facetKind] = known[facetSize], known[facetKind]
	if m.Licence != "" {
		values[facetLicence] = known[facetLicence]
	}
	if m.Maker != "" {
		values[facetMaker] = known[facetMaker]
	}
	return values
}

func verdicts() []sizing.Verdict {
	return []sizing.Verdict{sizing.Comfortable, sizing.Tight, sizing.Offload, sizing.No}
}

func verdictLabel(v sizing.Verdict) string { return theme.Mark(v) + " " + theme.Word(v) }

// valuesOf are the facet values of a model.
func valuesOf(m *catalog.Model) map[string][]string {
	kind := "dense"
	if isMoE(m.Blocks) {
		kind = "mixture of experts"
	}
	return map[string][]string{
		facetUse: m.Uses, facetInput: m.Inputs, facetMaker: {m.Maker},
		facetSize: {sizeBand(m.Parameters())}, facetKind: {kind}, facetLicence: {licenceClass(m.Licence)},
	}
}

// band is a range of sizes up to below.
type band struct {
	below int64
	name  string
}

// sizeBands are by parameters, smallest first.
func sizeBands() []band {
	return []band{
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

// passes tells whether the facets let a model through on the present rig.
func (p *Pane) passes(i int) bool {
	return p.facets.Pass(i) && p.facets.Wants(facetVerdict, verdictLabel(p.ranks[i].Verdict))
}

// countVerdicts fills in how many models have each verdict on the rig.
func (p *Pane) countVerdicts() {
	counts := map[string]int{}
	for _, r := range p.ranks {
		counts[verdictLabel(r.Verdict)]++
	}
	p.facets.SetCounts(facetVerdict, counts)
}

func (p *Pane) openFacets() tea.Cmd {
	p.mode = filtering
	return nil
}

func (p *Pane) facetKeys() []pane.Binding {
	shut := func() tea.Cmd { p.mode = browse; return nil }
	return append(p.facets.Bindings(p.facetsChanged),
		pane.Bind("esc f backspace", "esc", "back to the list", pane.GroupView, shut).InFooter(),
	)
}

func (p *Pane) facetsChanged() tea.Cmd {
	p.facets.Apply()
	p.refresh(p.cursorModel())
	return p.moved()
}
