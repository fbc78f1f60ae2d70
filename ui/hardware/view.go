package hardware

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/widget"
)

// sideBySide is the width from which the detail stands beside the list.
const sideBySide = 100

// places is where the last View put things.
type places struct {
	side     int // column where the right part begins; 0 = none
	sideOnly bool
	field    int
	jobs     int // line of the first job in the detail, -1 = none
}

// View draws the pane.
func (p *Pane) View(width, height int) string {
	if width <= 0 || height <= 0 {
		return widget.Block(nil, width, height)
	}
	lines := append([]string{p.bar(width)}, p.body(width, height-1)...)
	return widget.Block(lines, width, height)
}

func (p *Pane) body(width, height int) []string {
	height = max(0, height)
	alone := p.mode != browse
	if width < sideBySide {
		p.places.side, p.places.sideOnly = 0, alone
		if alone {
			lines := p.companion(width-2, height)
			for i := range lines {
				lines[i] = "  " + lines[i]
			}
			return lines
		}
		return p.listLines(width, height)
	}
	right := max(42, min(width-p.list.Width()-3, 64))
	left := width - right - 3
	p.places.side, p.places.sideOnly = left+3, false
	return widget.Beside(p.listLines(left, height), p.companion(right, height),
		left, right, height, widget.Rule(p.theme))
}

func (p *Pane) companion(width, height int) []string {
	if p.mode == filtering {
		return p.facets.View(p.theme, width, height)
	}
	lines := p.detailLines(width)
	if p.mode == reading && p.places.jobs >= 0 {
		p.detail.ShowIn(p.places.jobs+len(p.card.jobs), height) // the last line may say that more follows // all of them where there is room
		p.detail.ShowIn(p.places.jobs+p.work, height)
	}
	return p.detail.View(p.theme, lines, height)
}

func (p *Pane) listLines(width, height int) []string {
	if len(p.shown) == 0 {
		return p.emptyLines(width)
	}
	return p.list.View(p.theme, width, height, len(p.shown), p.mode == browse, p.row)
}

// emptyLines say why nothing is shown and what to press.
func (p *Pane) emptyLines(width int) []string {
	why := "No device is " + p.facets.Summary() + "."
	if q := strings.TrimSpace(p.search.Value()); q != "" {
		why = "No device matches “" + widget.Clean(q) + "”"
		if s := p.facets.Summary(); s != "" {
			why += " among " + s
		}
		why += "."
	}
	lines := []string{""}
	for _, l := range append(widget.Wrap(why, width-4), "", "esc clears the filters; f changes them.") {
		lines = append(lines, "  "+p.theme.Dim.Render(l))
	}
	return lines
}

// bar is the line above the list.
func (p *Pane) bar(width int) string {
	total := len(p.s.Catalog.Devices)
	n := strconv.Itoa(total) + " devices"
	records := 0
	for i := range p.shown {
		if p.shown[i].found == nil {
			records++
		}
	}
	if records != total {
		n = strconv.Itoa(records) + " of " + strconv.Itoa(total)
	}
	by := "by " + p.order.by.String()
	if p.search.Value() != "" && !p.order.chosen {
		by = "by match"
	}
	right := n + " · " + by + " "
	rw := ansi.StringWidth(right)
	fieldWidth := max(12, min(40, (width-rw)/2))
	p.places.field = 1
	left := " " + p.theme.Dim.Render(widget.Fit("/ find a device", fieldWidth))
	if p.search.Focused() || p.search.Value() != "" {
		left = " " + p.search.View(p.theme, fieldWidth)
	}
	if room := width - ansi.StringWidth(left) - rw - 2; room > 8 {
		facets := p.theme.Dim.Render(ansi.Truncate("any maker, kind and memory", room, "…"))
		if s := p.facets.Summary(); s != "" {
			facets = p.theme.Accent.Render(ansi.Truncate(s, room, "…"))
		}
		left += " " + facets
	}
	return widget.Spread(left, p.theme.Dim.Render(right), width)
}

// Cursor is in the search field while it has the keys.
func (p *Pane) Cursor() *tea.Cursor {
	c := p.search.Cursor()
	if c == nil {
		return nil
	}
	moved := *c
	moved.X += p.places.field
	return &moved
}

// Mouse selects, sorts and scrolls what is under the pointer.
func (p *Pane) Mouse(x, y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	_, click := msg.(tea.MouseClickMsg)
	if y == 0 {
		if click {
			return p.startSearch(), true
		}
		return nil, false
	}
	if p.places.sideOnly || p.places.side > 0 && x >= p.places.side {
		return p.sideMouse(y-1, msg)
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		return p.list.Wheel(msg.Button, p.moved), true
	case tea.MouseClickMsg:
		return p.clickList(x, y-1)
	}
	return nil, false
}

func (p *Pane) clickList(x, y int) (tea.Cmd, bool) {
	if column, ok := p.list.HitHeader(x, y); ok {
		if k, sorts := keyOf(column); sorts {
			if k == p.order.by && p.order.chosen {
				return p.reverse(), true
			}
			return p.sortBy(order{by: k, chosen: true}), true
		}
		return nil, false
	}
	i, ok := p.list.HitRow(y)
	if !ok || len(p.shown) == 0 {
		return nil, false
	}
	if i == p.list.Cursor() && p.mode == browse {
		return p.read(), true
	}
	p.mode = browse
	p.list.SetCursor(i, len(p.shown))
	return p.moved(), true
}

// sideMouse scrolls the detail and opens the job that is clicked a second
// time.
func (p *Pane) sideMouse(y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	if p.mode == filtering {
		return p.facets.Mouse(y, msg, p.facetsChanged), true
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.detail.Wheel(msg.Button)
		return nil, true
	case tea.MouseClickMsg:
		i := y + p.detail.Top() - p.places.jobs
		if p.places.jobs < 0 || i < 0 || i >= len(p.card.jobs) {
			return nil, false
		}
		if p.mode == reading && i == p.work {
			return p.openJob(), true
		}
		p.mode, p.work = reading, i
		return nil, true
	}
	return nil, false
}
