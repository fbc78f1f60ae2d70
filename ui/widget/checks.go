package widget

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
	"runlocal/ui/theme"
)

// Check is one box of a panel.
type Check struct {
	Group string // a heading stands before the first box of a group
	Label string
	Count int // -1 = not known
	On    bool
}

// Checks is a panel of check boxes in groups: boxes of a group widen the
// choice, groups narrow it.
type Checks struct {
	Boxes  []Check
	cursor int
	scroll Scroll
	lines  []int // box of each drawn line, -1 for a heading
}

// On is the number of boxes that are checked.
func (c *Checks) On() int {
	n := 0
	for _, b := range c.Boxes {
		if b.On {
			n++
		}
	}
	return n
}

// Clear takes all checks off.
func (c *Checks) Clear() {
	for i := range c.Boxes {
		c.Boxes[i].On = false
	}
}

// View draws the panel.
func (c *Checks) View(t *theme.Theme, width, height int) []string {
	var lines []string
	c.lines = c.lines[:0]
	at := 0
	for i, b := range c.Boxes {
		if i == 0 || b.Group != c.Boxes[i-1].Group {
			if i > 0 {
				lines, c.lines = append(lines, ""), append(c.lines, -1)
			}
			lines, c.lines = append(lines, t.Title.Render(Fit(b.Group, width))), append(c.lines, -1)
		}
		if i == c.cursor {
			at = len(lines)
		}
		lines, c.lines = append(lines, c.line(t, i, width)), append(c.lines, i)
	}
	c.scroll.ShowIn(min(at+1, len(lines)-1), height) // with a line of what follows
	c.scroll.ShowIn(max(0, at-1), height)
	return c.scroll.View(t, lines, height)
}

func (c *Checks) line(t *theme.Theme, i, width int) string {
	b := c.Boxes[i]
	box, count := "[ ] ", ""
	if b.On {
		box = "[x] "
	}
	if b.Count >= 0 {
		count = strconv.Itoa(b.Count) + " "
	}
	lead := "  "
	if i == c.cursor {
		lead = "▌ "
	}
	text := Spread(lead+box+Clean(b.Label), count, width)
	switch {
	case i == c.cursor:
		return t.Selected.Render(text)
	case b.On:
		return t.Bold.Render(text)
	case b.Count == 0:
		return t.Dim.Render(text)
	default:
		return text
	}
}

// Bindings are the panel's keys; changed is called when a box was toggled.
func (c *Checks) Bindings(changed func() tea.Cmd) []pane.Binding {
	move := func(by int) func() tea.Cmd {
		return func() tea.Cmd { c.move(by); return nil }
	}
	toggle := func() tea.Cmd { return c.toggle(c.cursor, changed) }
	clearAll := func() tea.Cmd { c.Clear(); return changed() }
	m, g := pane.GroupMove, pane.GroupAct
	return []pane.Binding{
		pane.Bind("up k", "↑ k", "up", m, move(-1)),
		pane.Bind("down j", "↓ j", "down", m, move(1)),
		pane.Bind("pgup ctrl+u ctrl+b", "pgup", "a page up", m, move(-10)),
		pane.Bind("pgdown ctrl+d ctrl+f", "pgdn", "a page down", m, move(10)),
		pane.Bind("home g", "home g", "first", m, move(-len(c.Boxes))),
		pane.Bind("end G", "end G", "last", m, move(len(c.Boxes))),
		pane.Bind("left h", "← h", "group before", m, func() tea.Cmd { c.moveGroup(-1); return nil }),
		pane.Bind("right l", "→ l", "next group", m, func() tea.Cmd { c.moveGroup(1); return nil }),
		pane.Bind("space enter", "space", "check", g, toggle).InFooter(),
		pane.Bind("x", "", "clear all", g, clearAll).InFooter(),
	}
}

func (c *Checks) move(by int) { c.cursor = max(0, min(c.cursor+by, len(c.Boxes)-1)) }

// moveGroup goes to the first box of the next or the previous group.
func (c *Checks) moveGroup(by int) {
	if len(c.Boxes) == 0 {
		return
	}
	group, i := c.Boxes[c.cursor].Group, c.cursor
	for i >= 0 && i < len(c.Boxes) && c.Boxes[i].Group == group {
		i += by
	}
	if i < 0 || i >= len(c.Boxes) {
		return
	}
	for by < 0 && i > 0 && c.Boxes[i-1].Group == c.Boxes[i].Group {
		i--
	}
	c.cursor = i
}

func (c *Checks) toggle(i int, changed func() tea.Cmd) tea.Cmd {
	if i < 0 || i >= len(c.Boxes) {
		return nil
	}
	c.cursor = i
	c.Boxes[i].On = !c.Boxes[i].On
	return changed()
}

// Mouse toggles the box that is clicked and scrolls with the wheel; y is the
// line of the last View.
func (c *Checks) Mouse(y int, msg tea.MouseMsg, changed func() tea.Cmd) tea.Cmd {
	m := msg.Mouse()
	switch msg.(type) {
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			c.move(-3)
		case tea.MouseWheelDown:
			c.move(3)
		}
	case tea.MouseClickMsg:
		line := c.scroll.Top() + y
		if y >= 0 && line < len(c.lines) && c.lines[line] >= 0 {
			return c.toggle(c.lines[line], changed)
		}
	}
	return nil
}
