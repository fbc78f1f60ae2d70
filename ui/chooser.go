package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// choice is one line of a chooser.
type choice struct {
	name string
	kind string // a heading in help, a word at the right in the palette
	key  string // the key that does it without the chooser
	why  string // why it can't be done now
	do   func() tea.Cmd
}

// chooser is a list of choices with a filter: the help page and the palette
// are both one.
type chooser struct {
	title   string
	choices []choice
	first   int // how many choices to show while nothing is typed
	field   *widget.TextField
	list    widget.List
	shown   []found
	empty   string

	x, y int // where the text field was drawn
	box  struct{ x, y, w, h int }
}

func newChooser(title, placeholder, empty string, choices []choice, first int) *chooser {
	c := &chooser{title: title, choices: choices, first: first, empty: empty}
	c.field = widget.NewTextField("› ", placeholder)
	c.field.Focus()
	c.list.SortBy, c.list.Bare = -1, true
	c.list.Columns = []widget.Column{{Width: 20}, {Width: 12, Right: true}, {Width: 10, Right: true}}
	c.filter()
	return c
}

func (c *chooser) filter() {
	c.shown = c.shown[:0]
	q := strings.TrimSpace(c.field.Value())
	if q == "" {
		for i := range min(c.first, len(c.choices)) {
			c.shown = append(c.shown, found{index: i})
		}
	} else {
		c.shown = c.match(q)
	}
	c.list.SetCursor(0, len(c.shown))
	c.list.Length(len(c.shown))
}

// Bindings are the keys of a chooser.
func (c *chooser) Bindings() []pane.Binding {
	move := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			c.list.SetCursor(c.list.Cursor()+by, len(c.shown))
			return nil
		}
	}
	g := pane.GroupAct
	return []pane.Binding{
		pane.Bind("up ctrl+k ctrl+p", "↑", "up", g, move(-1)),
		pane.Bind("down ctrl+n", "↓", "down", g, move(1)),
		pane.Bind("pgup", "", "page up", g, func() tea.Cmd { return move(-c.list.Page())() }),
		pane.Bind("pgdown", "pgdn", "page down", g, func() tea.Cmd { return move(c.list.Page())() }),
		pane.Bind("enter", "", "do it", g, c.choose).InFooter(),
		pane.Bind("esc", "", "close", g, func() tea.Cmd { return leave(nil) }).InFooter(),
	}
}

func (c *chooser) choose() tea.Cmd {
	i := c.list.Cursor()
	if i >= len(c.shown) {
		return nil
	}
	ch := c.choices[c.shown[i].index]
	if ch.why != "" {
		return leave(pane.Say(pane.Noted{Text: ch.why, Bad: true}))
	}
	if ch.do == nil {
		return leave(nil)
	}
	return leave(ch.do())
}

// Update takes keys, pasted text and the mouse.
func (c *chooser) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if msg.String() == "?" && c.field.Value() == "" {
			return leave(nil)
		}
		if cmd, ok := pane.Dispatch(c.Bindings(), msg); ok {
			return cmd
		}
	case tea.MouseMsg:
		return c.mouse(msg)
	}
	if c.field.Update(msg) {
		c.filter()
	}
	return nil
}

func (c *chooser) mouse(msg tea.MouseMsg) tea.Cmd {
	m := msg.Mouse()
	switch msg.(type) {
	case tea.MouseWheelMsg:
		return c.list.Wheel(m.Button, nil)
	case tea.MouseClickMsg:
		inside := m.X >= c.box.x && m.X < c.box.x+c.box.w && m.Y >= c.box.y && m.Y < c.box.y+c.box.h
		if !inside {
			return leave(nil)
		}
		i, ok := c.list.HitRow(m.Y - c.y - 2)
		if !ok {
			return nil
		}
		if i == c.list.Cursor() {
			return c.choose()
		}
		c.list.SetCursor(i, len(c.shown))
	}
	return nil
}

// View draws the box in the upper middle of the screen.
func (c *chooser) View(t *theme.Theme, width, height int) ([]string, int, int) {
	w := min(78, width-4)
	h := max(6, min(height-4, c.longest()+5))
	x, y := (width-w)/2, max(1, (height-h)/4)
	inner := w - 4
	c.x, c.y = x+2, y+1
	c.box.x, c.box.y, c.box.w, c.box.h = x, y, w, h
	lines := []string{c.field.View(t, inner), ""}
	if len(c.shown) == 0 {
		lines = append(lines, t.Dim.Render("   "+c.empty))
	} else {
		lines = append(lines, c.list.View(t, inner, h-4, len(c.shown), true, c.row)...)
	}
	return widget.Box(t, c.title, "", lines, w, h), x, y
}

// longest is how many rows the box is made for: it does not jump while one
// types.
func (c *chooser) longest() int { return max(c.first, 12) }

func (c *chooser) row(i int) widget.Row {
	f := c.shown[i]
	ch := c.choices[f.index]
	return widget.Row{
		Cells:   []string{widget.Clean(ch.name), ch.kind, ch.key},
		Matched: f.matched, Dim: ch.why != "",
	}
}

// Cursor is in the text field.
func (c *chooser) Cursor() *tea.Cursor {
	cur := c.field.Cursor()
	if cur == nil {
		return nil
	}
	moved := *cur
	moved.X += c.x
	moved.Y += c.y
	return &moved
}
