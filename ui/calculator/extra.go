package calculator

import (
	"strings"

	"runlocal/sizing/units"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// What a larger screen shows besides: from sideWidth on the map stands at the
// right of the answers; else it stands below them where at least leastExtra
// lines are left.
const (
	sideWidth  = 140
	leastExtra = 6

	gridLabel  = 10
	gridCells  = 9 // the mark and the size
	gridNarrow = 5 // the mark alone
)

func (p *Pane) sideBySide(width int) bool { return width >= sideWidth && p.now.err == nil }

// extra fills what the lines have left of the screen: the map, then the work.
func (p *Pane) extra(out []string, width, height int) []string {
	if p.now.err != nil {
		return out
	}
	if p.sideBySide(width) {
		out = p.beside(out, width, height)
	} else if left := height - len(out); left >= leastExtra {
		out = append(out, "")
		out = p.addGrid(out, 0, width, left-1)
	}
	if left := height - len(out); left >= leastExtra {
		out = append(append(out, ""), p.inlineWork(width, left-1)...)
	}
	return out
}

// beside puts the answers at the left and the map at the right.
func (p *Pane) beside(out []string, width, height int) []string {
	top, left := len(out), height-len(out)
	g := &p.answers.grid
	right := gridLabel + gridCells*len(g.contexts)
	if right == gridLabel || right > width/2+8 {
		right = gridLabel + gridNarrow*max(1, len(g.contexts))
	}
	answers := p.shorten(p.answerLines(width-right-3), left)
	texts := make([]string, len(answers))
	for i, l := range answers {
		texts[i] = l.text
		if l.zone != nil {
			z := *l.zone
			z.y = top + i
			p.zones = append(p.zones, z)
		}
	}
	at := width - right
	grid := p.gridLines(top, at, right, left)
	rows := max(len(texts), len(grid))
	return append(out, widget.Beside(texts, grid, at-3, right, rows, p.theme.Rule.Render(" │ "))...)
}

// addGrid puts the map under the other lines.
func (p *Pane) addGrid(out []string, x, width, height int) []string {
	return append(out, p.gridLines(len(out), x+1, width-1, height)...)
}

// gridLines draws the map at a place of the screen: a title, the contexts, and
// a row for each precision, the present one among them when not all fit.
func (p *Pane) gridLines(top, at, width, height int) []string {
	t, g := p.theme, &p.answers.grid
	if !p.near() || height < 3 {
		return nil
	}
	cell := gridCells
	if gridLabel+cell*len(g.contexts) > width {
		cell = gridNarrow
	}
	columns := min(len(g.contexts), max(0, width-gridLabel)/cell)
	head := strings.Repeat(" ", gridLabel)
	for _, c := range g.contexts[:columns] {
		head += widget.FitRight(units.Context(c), cell)
	}
	title := "Precision by context"
	if cell == gridCells {
		title += ", GiB in all"
	}
	lead := strings.Repeat(" ", max(0, min(at, 1)))
	if at > 1 {
		lead = ""
	}
	out := []string{lead + widget.Spread(t.Title.Render(title), t.Dim.Render(legendOfMarks()), width), lead + t.Dim.Render(head)}
	first, last := g.window(p.settings.Quant, height-len(out))
	for i := first; i < last; i++ {
		p.zones = append(p.zones, zone{
			kind: zoneGrid, y: top + len(out), key: g.quants[i],
			from: at + gridLabel, to: at + gridLabel + cell*columns, cell: cell,
		})
		out = append(out, lead+p.gridRow(g, i, cell, columns))
	}
	return out
}

// window chooses the rows to show around the present precision.
func (g *grid) window(quant string, rows int) (first, last int) {
	n := len(g.quants)
	if rows >= n {
		return 0, n
	}
	at := 0
	for i, q := range g.quants {
		if q == quant {
			at = i
		}
	}
	first = max(0, min(at-rows/2, n-rows))
	return first, first + max(0, rows)
}

func (p *Pane) gridRow(g *grid, i, cell, columns int) string {
	t := p.theme
	var b strings.Builder
	here := g.quants[i] == p.settings.Quant
	label := t.Plain
	if here {
		label = t.Bold
	}
	b.WriteString(label.Render(widget.Fit(g.quants[i], gridLabel)))
	for j, c := range g.cells[i][:columns] {
		text := theme.Mark(c.Verdict)
		if cell == gridCells && c.Total > 0 {
			text += " " + widget.FitRight(units.GiB(c.Total), cell-4)
		}
		style := t.Verdict(c.Verdict)
		if here && g.contexts[j] == p.now.each() {
			b.WriteString(" " + t.Selected.Foreground(style.GetForeground()).Render(widget.FitRight(text, cell-1)))
			continue
		}
		b.WriteString(style.Render(widget.FitRight(text, cell)))
	}
	return b.String()
}

func legendOfMarks() string {
	return "● fits  ◐ tight  ○ offload  ✕ no"
}
