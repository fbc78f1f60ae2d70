package widget

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// Bindings are the keys that move a list's cursor. Moved is called after each
// of them; it may be nil.
func (l *List) Bindings(moved func() tea.Cmd) []pane.Binding {
	to := func(where func() int) func() tea.Cmd {
		return func() tea.Cmd { return l.moveTo(where(), moved) }
	}
	sideways := func(by int) func() tea.Cmd {
		return func() tea.Cmd { l.Sideways(by); return nil }
	}
	g := pane.GroupMove
	return []pane.Binding{
		pane.Bind("up k", "↑ k", "up", g, to(func() int { return l.cursor - 1 })),
		pane.Bind("down j", "↓ j", "down", g, to(func() int { return l.cursor + 1 })),
		pane.Bind("pgup ctrl+b", "pgup", "a page up", g, to(func() int { return l.cursor - l.Page() })),
		pane.Bind("pgdown ctrl+f", "pgdn", "a page down", g, to(func() int { return l.cursor + l.Page() })),
		pane.Bind("ctrl+u", "", "half a page up", g, to(func() int { return l.cursor - (l.Page()+1)/2 })),
		pane.Bind("ctrl+d", "", "half a page down", g, to(func() int { return l.cursor + (l.Page()+1)/2 })),
		pane.Bind("home g", "home g", "first", g, to(func() int { return 0 })),
		pane.Bind("end G", "end G", "last", g, to(func() int { return l.length - 1 })),
		pane.Bind("left h", "← h", "columns to the left", g, sideways(-1)),
		pane.Bind("right l", "→ l", "columns to the right", g, sideways(1)),
	}
}

func (l *List) moveTo(i int, moved func() tea.Cmd) tea.Cmd {
	before := l.cursor
	l.SetCursor(i, l.length)
	if moved == nil || l.cursor == before {
		return nil
	}
	return moved()
}

// Sideways scrolls the columns, as far as some are hidden.
func (l *List) Sideways(by int) {
	if by > 0 && l.drawn.hidden == 0 {
		return
	}
	l.shift = max(0, l.shift+by)
}

// Length tells the list how many rows there are, for keys that come before the
// next View.
func (l *List) Length(n int) {
	l.length = n
	l.SetCursor(l.cursor, n)
}

// Wheel scrolls by the wheel: the cursor goes with the window.
func (l *List) Wheel(button tea.MouseButton, moved func() tea.Cmd) tea.Cmd {
	const step = 3
	switch button {
	case tea.MouseWheelUp:
		return l.moveTo(l.cursor-step, moved)
	case tea.MouseWheelDown:
		return l.moveTo(l.cursor+step, moved)
	case tea.MouseWheelLeft:
		l.Sideways(-1)
	case tea.MouseWheelRight:
		l.Sideways(1)
	}
	return nil
}

// HitRow is the row at line y of the last View.
func (l *List) HitRow(y int) (int, bool) {
	i := y - l.drawn.top
	if i < 0 || i >= l.drawn.rows {
		return 0, false
	}
	return l.offset + i, true
}

// HitHeader is the column whose header was at (x, y) in the last View.
func (l *List) HitHeader(x, y int) (int, bool) {
	if y != l.drawn.top-1 {
		return 0, false
	}
	for _, s := range l.drawn.columns {
		if x >= s.from-1 && x <= s.to {
			return s.column, true
		}
	}
	return 0, false
}

// CursorLine is the line of the cursor in the last View.
func (l *List) CursorLine() int { return l.cursor - l.offset + l.drawn.top }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
