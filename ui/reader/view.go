package reader

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/widget"
)

// sideBySide is the width from which the entry stands beside the list.
const sideBySide = 100

// The widths of the two parts side by side. Prose is not set wider than is
// good to read.
const (
	leastList = 34
	mostList  = 76
	mostPage  = 96
)

// places is where the last View put things, for the mouse, the cursor and the
// next rendering.
type places struct {
	list      bool // the list is drawn
	pageAt    int  // column of the entry; -1: it is not drawn
	pageWidth int
	findAt    int // line of the find field; -1: not drawn
}

// View draws the pane.
func (p *Pane) View(width, height int) string {
	if width <= 0 || height <= 0 {
		return ""
	}
	if p.s.Glossary == nil {
		return widget.Block([]string{"", "  " + p.theme.Dim.Render("reading the guide …")}, width, height)
	}
	listWidth, pageWidth := p.share(width)
	p.places = places{list: listWidth > 0, pageAt: -1, findAt: -1, pageWidth: pageWidth}
	var left, right []string
	if listWidth > 0 {
		left = p.listLines(listWidth, height)
	}
	if p.entryVisibleAt(width) {
		p.places.pageAt = 1
		if listWidth > 0 {
			p.places.pageAt = listWidth + 3
		}
		right = p.entryLines(pageWidth, height)
	}
	switch {
	case listWidth == 0:
		return widget.Block(indent(right), width, height)
	case right == nil:
		return widget.Block(left, width, height)
	}
	return widget.Block(widget.Beside(left, right, listWidth, pageWidth, height, widget.Rule(p.theme)), width, height)
}

// share gives the list and the page their widths; a width of 0 leaves the
// list out. The page keeps its width while it is hidden, so that it is ready
// when it is wanted.
func (p *Pane) share(width int) (list, page int) {
	if width < sideBySide {
		page = min(mostPage, max(1, width-2))
		if p.entryVisibleAt(width) {
			return 0, page
		}
		return width, page
	}
	list = min(max(leastList, width*2/5), mostList)
	return list, min(mostPage, width-list-4)
}

// entryVisibleAt tells whether the entry is drawn at a width.
func (p *Pane) entryVisibleAt(width int) bool {
	if width >= sideBySide {
		return true
	}
	return p.mode == reading && !p.search.Focused()
}

// entryVisible tells whether the entry was drawn last.
func (p *Pane) entryVisible() bool { return p.places.pageAt >= 0 }

func indent(lines []string) []string {
	out := make([]string, len(lines))
	for i, s := range lines {
		out[i] = " " + s
	}
	return out
}

// listLines are the search, the list, or the panel of categories.
func (p *Pane) listLines(width, height int) []string {
	t := p.theme
	bar := " " + t.Dim.Render("/ "+p.shelf.Asks)
	if p.search.Focused() || p.search.Value() != "" {
		bar = " " + p.search.View(t, max(8, width-18))
	}
	right := p.count()
	if n := p.categories.On(); n > 0 && width >= 44 {
		right = plural(n, "filter", "filters") + " · " + right
	}
	out := []string{widget.Spread(bar, t.Dim.Render(right), width)}
	rows := max(0, height-1)
	switch {
	case p.mode == choosing:
		return append(out, p.categories.View(t, width, rows)...)
	case len(p.shown) == 0:
		return append(out, p.emptyLines(width)...)
	}
	p.list.Columns = p.columns(width)
	return append(out, p.list.View(t, width, rows, len(p.shown), p.mode == listing, p.row)...)
}

// entryLines are the window on the entry, and the find field under it.
func (p *Pane) entryLines(width, height int) []string {
	if p.entry == nil {
		return nil
	}
	g := p.fitting()
	if g == nil {
		return []string{p.theme.Active.Render(widget.Clean(p.entry.Title)), "", p.theme.Dim.Render("…")}
	}
	rows := height
	bottom := p.findLine(width)
	if bottom != "" {
		rows--
		p.places.findAt = rows
	}
	lines := g.lines
	if len(p.find.lines) > 0 {
		lines = append([]string(nil), lines...)
		for _, i := range p.find.lines {
			if i < len(lines) {
				lines[i] = p.markFound(lines[i], g.plain[i])
			}
		}
	}
	out := append([]string(nil), p.scroll().View(p.theme, lines, max(0, rows))...)
	if bottom == "" {
		return out
	}
	for len(out) < rows {
		out = append(out, "")
	}
	return append(out[:max(0, rows)], bottom)
}

// fitting is the page to draw. A page of another width, or from before the
// background was known, would be cut or unreadable: it is made again at once,
// which only a resize asks for.
func (p *Pane) fitting() *page {
	g := p.page()
	if g == nil {
		return nil
	}
	want := p.key()
	if g.key.width != want.width || g.key.look != want.look {
		m := p.maker()
		g = m.make()
		p.keep(g)
	}
	return g
}

// findLine is the field of the search inside the entry, or what it found.
func (p *Pane) findLine(width int) string {
	q := p.find.text()
	if !p.find.field.Focused() && q == "" {
		return ""
	}
	said := ""
	if q != "" {
		said = "not found"
		if n := len(p.find.lines); n > 0 {
			said = plural(p.find.at+1, "", "") + " of " + plural(n, "line", "lines")
		}
	}
	return widget.Spread(p.find.field.View(p.theme, max(4, width-20)), p.theme.Dim.Render(said), width)
}

// Cursor is in the field that has the keys.
func (p *Pane) Cursor() *tea.Cursor {
	var c *tea.Cursor
	x, y := 0, 0
	switch {
	case p.search.Focused():
		c, x = p.search.Cursor(), 1
	case p.find.field.Focused() && p.places.findAt >= 0:
		c, x, y = p.find.field.Cursor(), p.places.pageAt, p.places.findAt
	}
	if c == nil {
		return nil
	}
	moved := *c
	moved.X += x
	moved.Y += y
	return &moved
}
