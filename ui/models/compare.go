package models

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// fact is one row of the comparison.
type fact struct {
	name string
	of   func(m *catalog.Model, r sizing.Ranking) string
}

func facts() []fact {
	only := func(f func(*catalog.Model) string) func(*catalog.Model, sizing.Ranking) string {
		return func(m *catalog.Model, _ sizing.Ranking) string { return f(m) }
	}
	ranked := func(f func(sizing.Ranking) string) func(*catalog.Model, sizing.Ranking) string {
		return func(_ *catalog.Model, r sizing.Ranking) string {
			if r.Quant == "" {
				return "–"
			}
			return f(r)
		}
	}
	return []fact{
		{"on this rig", func(_ *catalog.Model, r sizing.Ranking) string {
			return theme.Mark(r.Verdict) + " " + theme.Word(r.Verdict)
		}},
		{"best here", ranked(func(r sizing.Ranking) string { return r.Quant + " at " + units.Context(r.Ctx) })},
		{"memory", ranked(func(r sizing.Ranking) string { return units.Bytes(r.Total) })},
		{"of it in RAM", ranked(func(r sizing.Ranking) string { return units.Bytes(r.Host) })},
		{"speed", ranked(func(r sizing.Ranking) string { return speed(r.Decode) })},
		{"widest context", ranked(func(r sizing.Ranking) string { return units.Context(r.MaxCtx) })},
		{"parameters", only(func(m *catalog.Model) string { return units.Params(m.Parameters()) })},
		{"active a token", only(func(m *catalog.Model) string { return units.Params(m.ActiveParams) })},
		{"layers", only(func(m *catalog.Model) string { return units.Count(m.Layers()) })},
		{"attention", only(func(m *catalog.Model) string { s := shapeOf(m); return s.mixers() })},
		{"context", only(func(m *catalog.Model) string { return units.Context(m.Context) })},
		{"vocabulary", only(func(m *catalog.Model) string { return units.Count(m.Vocab) })},
		{"uses", only(func(m *catalog.Model) string { return strings.Join(m.Uses, ", ") })},
		{"reads", only(func(m *catalog.Model) string { return strings.Join(m.Inputs, ", ") })},
		{"maker", only(func(m *catalog.Model) string { return m.Maker })},
		{"released", only(func(m *catalog.Model) string { return m.Released })},
		{"licence", only(licence)},
		{"shape known", only(func(m *catalog.Model) string { return grade(m.Grade) })},
	}
}

func (p *Pane) compare() tea.Cmd {
	p.mode, p.across = comparing, 0
	p.table.Reset()
	return nil
}

func (p *Pane) compareKeys() []pane.Binding {
	sideways := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			p.across = max(0, min(p.across+by, len(p.marks)-1))
			return nil
		}
	}
	shut := func() tea.Cmd { p.mode = browse; return nil }
	return append(p.table.Bindings(),
		pane.Bind("left h", "← h", "models to the left", pane.GroupMove, sideways(-1)),
		pane.Bind("right l", "→ l", "models to the right", pane.GroupMove, sideways(1)),
		pane.Bind("y", "", "copy the table", pane.GroupAct, p.copyTable).InFooter(),
		pane.Bind("esc c backspace", "esc", "back to the list", pane.GroupView, shut).InFooter(),
	)
}

const (
	factWidth  = 16
	modelWidth = 22
)

// compareLines draws the marked models side by side; values that differ from
// the first model's stand out.
func (p *Pane) compareLines(width, height int) []string {
	fit := max(1, (width-factWidth-2)/(modelWidth+2))
	p.across = max(0, min(p.across, len(p.marks)-fit))
	models := p.marks[p.across:min(p.across+fit, len(p.marks))]
	cell := max(modelWidth, min(34, (width-factWidth-2)/max(1, len(models))-2))

	head := " " + widget.Fit("", factWidth)
	for _, m := range models {
		head += "  " + widget.Fit(widget.Clean(m.Name), cell)
	}
	title := " Comparing " + units.Count(len(p.marks)) + " models on " + p.s.Rig.Name + "; what differs is marked"
	if len(models) < len(p.marks) {
		title += "; ←→ for the others"
	}
	lines := []string{p.theme.Dim.Render(widget.Fit(widget.Clean(title), width)), "", p.theme.Title.Render(head)}
	var rows []string
	for _, f := range facts() {
		rows = append(rows, p.factLines(f, models, cell)...)
	}
	return append(lines, p.table.View(p.theme, rows, max(0, height-len(lines)))...)
}

// factLines is one row; long values take several lines.
func (p *Pane) factLines(f fact, models []*catalog.Model, cell int) []string {
	values := make([][]string, len(models))
	tall, differ := 1, false
	first := f.of(p.marks[0], p.rankOfModel(p.marks[0]))
	for _, m := range p.marks {
		differ = differ || f.of(m, p.rankOfModel(m)) != first
	}
	for i, m := range models {
		values[i] = widget.Wrap(f.of(m, p.rankOfModel(m)), cell)
		tall = max(tall, len(values[i]))
	}
	style := p.theme.Dim
	if differ {
		style = p.theme.Changed
	}
	var lines []string
	for k := range tall {
		name, mark := "", " "
		if k == 0 {
			name = f.name
			if differ {
				mark = "≠"
			}
		}
		line := style.Render(mark) + p.theme.Dim.Render(widget.Fit(name, factWidth))
		for _, v := range values {
			text := ""
			if k < len(v) {
				text = v[k]
			}
			line += "  " + widget.Fit(text, cell)
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *Pane) rankOfModel(m *catalog.Model) sizing.Ranking {
	for i, other := range p.models {
		if other == m {
			return p.ranks[i]
		}
	}
	return sizing.Ranking{}
}

// copyTable copies the comparison as tab-separated text.
func (p *Pane) copyTable() tea.Cmd {
	var b strings.Builder
	for _, m := range p.marks {
		b.WriteString("\t" + m.Name)
	}
	for _, f := range facts() {
		b.WriteString("\n" + f.name)
		for _, m := range p.marks {
			b.WriteString("\t" + f.of(m, p.rankOfModel(m)))
		}
	}
	return pane.Say(pane.Copied{Text: b.String()})
}

func (p *Pane) compareMouse(msg tea.MouseMsg) (tea.Cmd, bool) {
	w, ok := msg.(tea.MouseWheelMsg)
	if ok {
		p.table.Wheel(w.Button)
	}
	return nil, ok
}
