package reader

import (
	"strconv"
	"strings"

	"runlocal/ui/widget"
)

// refresh searches again, and keeps the cursor on the entry that it was on as
// long as that is still found.
func (p *Pane) refresh() {
	text := strings.TrimSpace(p.search.Value())
	hits := p.s.Glossary.Search(text)
	if text == "" {
		p.shelf.sort(hits)
	}
	p.shown = p.shown[:0]
	for _, h := range hits {
		if p.passes(h.Entry) {
			p.shown = append(p.shown, h)
		}
	}
	p.list.Length(len(p.shown))
	if p.search.Focused() {
		return // the best answer is under the cursor
	}
	for i := range p.shown {
		if p.shown[i].Entry == p.entry {
			p.list.SetCursor(i, len(p.shown))
		}
	}
}

// columns are the list's: the kind where there are several, and the category,
// which has room only where the list is alone.
func (p *Pane) columns(width int) []widget.Column {
	const name, kind, category = 20, 7, 31
	out := []widget.Column{{Title: "entry", Width: name}}
	if p.shelf.mixed() {
		out[0].Max = width - kind - 6
		out = append(out, widget.Column{Title: "kind", Width: kind})
	}
	if width >= 64 {
		out[0].Max = width - category - 8
		if p.shelf.mixed() {
			out[0].Max -= kind + 2
		}
		out = append(out, widget.Column{Title: "category", Width: category})
	}
	return out
}

// row is one line of the list. A name that was found by an alias says so.
func (p *Pane) row(i int) widget.Row {
	h := &p.shown[i]
	title := widget.Clean(h.Entry.Title)
	if h.Via != "" && p.search.Value() != "" {
		title += " (" + widget.Clean(h.Via) + ")"
	}
	cells := []string{title}
	if p.shelf.mixed() {
		cells = append(cells, h.Entry.Kind)
	}
	return widget.Row{Cells: append(cells, widget.Clean(h.Entry.Category)), Matched: h.Matched}
}

// count is how many entries are shown.
func (p *Pane) count() string {
	all := p.all()
	if len(p.shown) == all {
		return strconv.Itoa(all) + " entries "
	}
	return strconv.Itoa(len(p.shown)) + " of " + strconv.Itoa(all) + " "
}

// summary names the checked categories.
func (p *Pane) summary() string {
	var on []string
	for _, b := range p.categories.Boxes {
		if b.On {
			on = append(on, b.Label)
		}
	}
	return strings.Join(on, " or ")
}

// emptyLines say what was looked for in vain, what is near, and what to press.
func (p *Pane) emptyLines(width int) []string {
	q := widget.Clean(strings.TrimSpace(p.search.Value()))
	said := "Nothing found for “" + q + "”"
	if q == "" {
		said = "No entry"
	}
	if s := p.summary(); s != "" {
		said += " in " + s
	}
	said += ", in titles, other names and text."
	texts := []string{said}
	if near := p.nearest(q); near != "" {
		texts = append(texts, "Near it: "+near)
	}
	out := []string{""}
	for _, s := range append(texts, "", "esc clears the search; f chooses categories.") {
		for _, l := range widget.Wrap(s, width-4) {
			out = append(out, "  "+p.theme.Dim.Render(l))
		}
	}
	return out
}

// nearest names up to three entries that share the beginning of a query.
func (p *Pane) nearest(q string) string {
	r := []rune(q)
	for n := len(r) - 1; n > 0; n-- {
		hits := p.s.Glossary.Search(string(r[:n]))
		if len(hits) == 0 {
			continue
		}
		var names []string
		for _, h := range hits[:min(3, len(hits))] {
			names = append(names, widget.Clean(h.Entry.Title))
		}
		return strings.Join(names, ", ")
	}
	return ""
}
