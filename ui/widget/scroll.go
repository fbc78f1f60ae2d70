package widget

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
	"runlocal/ui/theme"
)

// Scroll is a window on lines that are longer than the screen.
type Scroll struct {
	top   int
	page  int // lines at the last View
	total int
}

// Reset goes back to the first line.
func (s *Scroll) Reset() { s.top = 0 }

// By scrolls by so many lines.
func (s *Scroll) By(n int) { s.top = max(0, min(s.top+n, s.total-s.page)) }

// Show makes a line visible in the window of the last View.
func (s *Scroll) Show(line int) {
	if s.page > 0 {
		s.ShowIn(line, s.page)
	}
}

// ShowIn makes a line visible in a window of so many lines.
func (s *Scroll) ShowIn(line, height int) {
	if line >= s.top+height {
		s.top = line - height + 1
	}
	if line < s.top {
		s.top = line
	}
}

// Top is the first line that is visible.
func (s *Scroll) Top() int { return s.top }

// View cuts the window out. The last line says that more follows.
func (s *Scroll) View(t *theme.Theme, lines []string, height int) []string {
	s.page, s.total = height, len(lines)
	s.top = max(0, min(s.top, s.total-height))
	if s.total <= height {
		return lines
	}
	window := append([]string(nil), lines[s.top:min(s.top+height, s.total)]...)
	if below := s.total - s.top - height; below > 0 && len(window) > 0 {
		window[len(window)-1] = t.Dim.Render("↓ " + plural(below+1, "more line"))
	}
	return window
}

// Bindings are the keys that scroll.
func (s *Scroll) Bindings() []pane.Binding {
	by := func(n func() int) func() tea.Cmd {
		return func() tea.Cmd { s.By(n()); return nil }
	}
	lines := func(n int) func() int { return func() int { return n } }
	g := pane.GroupMove
	return []pane.Binding{
		pane.Bind("up k", "↑ k", "scroll up", g, by(lines(-1))),
		pane.Bind("down j", "↓ j", "scroll down", g, by(lines(1))),
		pane.Bind("pgup ctrl+b", "pgup", "a page up", g, by(func() int { return -s.page })),
		pane.Bind("pgdown ctrl+f", "pgdn", "a page down", g, by(func() int { return s.page })),
		pane.Bind("ctrl+u", "", "half a page up", g, by(func() int { return -(s.page + 1) / 2 })),
		pane.Bind("ctrl+d", "", "half a page down", g, by(func() int { return (s.page + 1) / 2 })),
		pane.Bind("home g", "home g", "top", g, by(func() int { return -s.total })),
		pane.Bind("end G", "end G", "end", g, by(func() int { return s.total })),
	}
}

// Wheel scrolls by the wheel.
func (s *Scroll) Wheel(button tea.MouseButton) {
	const step = 3
	switch button {
	case tea.MouseWheelUp:
		s.By(-step)
	case tea.MouseWheelDown:
		s.By(step)
	}
}
