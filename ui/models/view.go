package models

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/widget"
)

// sideBySide is the width from which the detail stands beside the list.
const sideBySide = 100

// places is where the last View put things, for the mouse and the cursor.
type places struct {
	side     int // column where the right part begins; 0 = none
	sideOnly bool
	field    int // column of the search field
}

// View draws the pane.
func (p *Pane) View(width, height int) string {
	if width <= 0 || height <= 0 {
		return widget.Block(nil, width, height)
	}
	if p.mode == comparing {
		p.places = places{}
		return widget.Block(p.compareLines(width, height), width, height)
	}
	lines := append([]string{p.bar(width)}, p.body(width, height-1)...)
	return widget.Block(lines, width, height)
}

// body is the list with its companion at the right, or one of the two.
func (p *Pane) body(width, height int) []string {
	height = max(0, height)
	alone := p.mode == reading || p.mode == filtering
	if width < sideBySide {
		p.places.side, p.places.sideOnly = 0, alone
		if alone {
			return indent(p.companion(width-2, height))
		}
		return p.listLines(width, height)
	}
	right := max(36, min(width-p.list.Width()-3, 64))
	left := width - right - 3
	p.places.side, p.places.sideOnly = left+3, false
	return widget.Beside(p.listLines(left, height), p.companion(right, height),
		left, right, height, widget.Rule(p.theme))
}

func indent(lines []string) []string {
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}

// companion is what stands beside the list.
func (p *Pane) companion(width, height int) []string {
	if p.mode == filtering {
		return p.facets.View(p.theme, width, height)
	}
	return p.detail.View(p.theme, p.detailLines(width), height)
}

func (p *Pane) listLines(width, height int) []string {
	if len(p.shown) == 0 {
		return p.emptyLines(width)
	}
	focused := p.mode == browse
	return p.list.View(p.theme, width, height, len(p.shown), focused, p.row)
}

// emptyLines say why nothing is shown and what to press.
func (p *Pane) emptyLines(width int) []string {
	var why []string
	if q := strings.TrimSpace(p.search.Value()); q != "" {
		why = append(why, "No model matches “"+widget.Clean(q)+"”"+p.withFacets()+".")
		if near := p.nearest(q); near != "" {
			why = append(why, "Near it: "+near)
		}
	} else {
		why = append(why, "No model is "+p.facets.Summary()+".")
	}
	why = append(why, "", "esc clears the filters"+p.escTwice()+"; f changes them.")
	lines := []string{""}
	for _, w := range why {
		for _, l := range widget.Wrap(w, width-4) {
			lines = append(lines, "  "+p.theme.Dim.Render(l))
		}
	}
	return lines
}

func (p *Pane) escTwice() string {
	if p.search.Focused() && p.facets.Active() > 0 {
		return " (first the search, then the rest)"
	}
	return ""
}

func (p *Pane) withFacets() string {
	if p.facets.Active() == 0 {
		return ""
	}
	return " among " + p.facets.Summary()
}

// nearest names up to three models that share the start of the query.
func (p *Pane) nearest(q string) string {
	for n := len([]rune(q)) - 1; n > 1; n-- {
		matches := p.index.SearchModels(string([]rune(q)[:n]))
		if len(matches) == 0 {
			continue
		}
		var names []string
		for _, m := range matches[:min(3, len(matches))] {
			names = append(names, widget.Clean(p.models[m.Index].Name))
		}
		return strings.Join(names, ", ")
	}
	return ""
}

// bar is the line above the list: the search, the facets in use, the count.
func (p *Pane) bar(width int) string {
	right := p.count()
	rw := ansi.StringWidth(right)
	fieldWidth := max(12, min(40, (width-rw)/2))
	p.places.field = 1
	left := " " + p.searchView(fieldWidth)
	room := width - ansi.StringWidth(left) - rw - 2
	if room > 8 {
		left += " " + p.facetView(room)
	}
	return widget.Spread(left, p.theme.Dim.Render(right), width)
}

func (p *Pane) searchView(width int) string {
	if !p.search.Focused() && p.search.Value() == "" {
		return p.theme.Dim.Render(widget.Fit("/ find a model", width))
	}
	return p.search.View(p.theme, width)
}

func (p *Pane) facetView(width int) string {
	if s := p.facets.Summary(); s != "" {
		return p.theme.Accent.Render(ansi.Truncate(s, width, "…"))
	}
	return p.theme.Dim.Render(ansi.Truncate("any use, size and licence", width, "…"))
}

// count is how many models are shown, and in which order.
func (p *Pane) count() string {
	total := len(p.models)
	n := strconv.Itoa(len(p.shown)) + " of " + strconv.Itoa(total)
	if len(p.shown) == total {
		n = strconv.Itoa(total) + " models"
	}
	by := "by " + p.order.by.String()
	if p.search.Value() != "" && !p.order.chosen {
		by = "by match"
	}
	if p.rankRig != nil && p.rankedTo < total {
		by = "sizing…"
	}
	if p.looking.slow {
		n = "looking for files… · " + n
	}
	if len(p.marks) > 0 {
		n += " · " + strconv.Itoa(len(p.marks)) + " marked"
	}
	return n + " · " + by + " "
}

// Cursor is in the search field while it has the keys.
func (p *Pane) Cursor() *tea.Cursor {
	c := p.search.Cursor()
	if c == nil || p.mode == comparing {
		return nil
	}
	moved := *c
	moved.X += p.places.field
	return &moved
}
