package calculator

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/pane"
	"runlocal/ui/widget"
)

// work is the shown work while it is open: every step of the sum.
type work struct{ scroll widget.Scroll }

func (p *Pane) openWork() tea.Cmd {
	p.work = &work{}
	return nil
}

func (p *Pane) closeWork() tea.Cmd {
	p.work = nil
	return nil
}

func (p *Pane) workBindings() []pane.Binding {
	return append(p.work.scroll.Bindings(),
		pane.Bind("esc w =", "esc", "back to the sliders", pane.GroupAct, p.closeWork).InFooter(),
		pane.Bind("Y", "", "copy the work as text", pane.GroupAct, p.copyPanel).InFooter(),
	)
}

// workView shows a window of the work under its title.
func (p *Pane) workView(width, height int) []string {
	head := []string{p.head(width), ""}
	return append(head, p.work.scroll.View(p.theme, p.workLines(width), max(0, height-len(head)))...)
}

// inlineWork is the work under everything else on a high screen, cut with a
// line that says how much more there is.
func (p *Pane) inlineWork(width, height int) []string {
	lines := p.workLines(width)
	if len(lines) > height {
		rest := len(lines) - height + 1
		lines = append(lines[:height-1:height-1], p.theme.Dim.Render(" "+plural(rest, "line")+" more: w"))
	}
	return lines
}

// The columns of the work where there is room for a table.
const (
	tableWidth = 120
	termWidth  = 18
	bytesWidth = 11
	gradeWidth = 10
)

// workLines are all steps, as a table where the width allows, else stacked.
func (p *Pane) workLines(width int) []string {
	if !p.near() {
		return []string{p.theme.Dim.Render(" working it out …")}
	}
	steps := p.answers.steps
	if p.now.err != nil {
		return []string{" " + p.theme.Error.Render(p.now.err.Error())}
	}
	if width >= tableWidth {
		return p.workTable(steps, width)
	}
	return p.workStack(steps, width)
}

// workTable is one row a step; long formulas go on below in their column.
func (p *Pane) workTable(steps []sizing.Step, width int) []string {
	t := p.theme
	rest := width - termWidth - bytesWidth - gradeWidth - 11
	formula, filled := rest*35/100, rest*40/100
	source := rest - formula - filled
	row := func(cells ...string) string {
		widths := []int{termWidth, formula, filled, bytesWidth, gradeWidth, source}
		out := ""
		for i, c := range cells {
			if i == 3 {
				c = widget.FitRight(c, widths[i])
			}
			out += widget.Fit(c, widths[i]) + "  "
		}
		return " " + strings.TrimRight(out, " ")
	}
	out := []string{t.Dim.Render(row("term", "formula", "filled in", "result", "known as", "source"))}
	device := ""
	for _, s := range steps {
		if s.Device != device {
			device = s.Device
			out = append(out, " "+t.Title.Render(widget.Clean(device)))
		}
		cells := [][]string{
			{t.Bold.Render(term(s.Term))}, widget.Wrap(s.Formula, formula), widget.Wrap(s.Filled, filled),
			{stepBytes(s)}, {t.Dim.Render(string(s.Label))}, dimmed(p, widget.Wrap(s.Source, source)),
		}
		high := 0
		for _, c := range cells {
			high = max(high, len(c))
		}
		for i := range high {
			texts := make([]string, len(cells))
			for j, c := range cells {
				if i < len(c) {
					texts[j] = c[i]
				}
			}
			out = append(out, row(texts...))
		}
	}
	return out
}

func dimmed(p *Pane, lines []string) []string {
	for i, s := range lines {
		lines[i] = p.theme.Dim.Render(s)
	}
	return lines
}

// workStack is a few lines a step, for narrow screens.
func (p *Pane) workStack(steps []sizing.Step, width int) []string {
	t := p.theme
	var out []string
	device := ""
	for _, s := range steps {
		if s.Device != device {
			device = s.Device
			out = append(out, " "+t.Title.Render(widget.Clean(device)))
		}
		out = append(out, widget.Spread(" "+t.Bold.Render(term(s.Term)), t.Dim.Render(string(s.Label))+"  "+t.Bold.Render(widget.FitRight(stepBytes(s), bytesWidth))+" ", width))
		for _, l := range widget.Wrap(s.Formula, width-5) {
			out = append(out, "   "+l)
		}
		if s.Filled != "" && s.Filled != s.Formula {
			for _, l := range widget.Wrap("= "+s.Filled, width-5) {
				out = append(out, "   "+l)
			}
		}
		for _, l := range widget.Wrap(s.Source, width-5) {
			out = append(out, "   "+t.Dim.Render(l))
		}
	}
	return out
}

// term is a step's term as words.
func term(s string) string {
	return ansi.Truncate(widget.Clean(strings.ReplaceAll(s, "_", " ")), termWidth, "…")
}

func stepBytes(s sizing.Step) string {
	if s.Bytes == 0 {
		return ""
	}
	return units.Bytes(s.Bytes)
}
