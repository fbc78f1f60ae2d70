package reader

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Mouse selects an entry by a click and reads it by a second one, follows
// links, checks categories, and scrolls what is under the pointer.
func (p *Pane) Mouse(x, y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	if p.s.Glossary == nil {
		return nil, false
	}
	if p.entryVisible() && x >= p.places.pageAt-1 {
		return p.pageMouse(x-p.places.pageAt, y, msg)
	}
	if p.mode == choosing {
		return p.categories.Mouse(y-1, msg, p.categoriesChanged), true
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		return p.list.Wheel(msg.Button, p.moved), true
	case tea.MouseClickMsg:
		if y == 0 {
			return p.startSearch(), true
		}
		return p.clickList(y - 1)
	}
	return nil, false
}

func (p *Pane) clickList(y int) (tea.Cmd, bool) {
	i, ok := p.list.HitRow(y)
	if !ok || len(p.shown) == 0 {
		return nil, false
	}
	again := i == p.list.Cursor() && p.mode == listing
	p.mode = listing
	p.search.Blur()
	p.list.SetCursor(i, len(p.shown))
	if again {
		return p.read(), true
	}
	return p.moved(), true
}

func (p *Pane) pageMouse(x, y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.scroll().Wheel(msg.Button)
		return nil, true
	case tea.MouseClickMsg:
		if g := p.page(); g != nil {
			for _, l := range g.links {
				if l.line == p.scroll().Top()+y && x >= l.from && x <= l.to {
					return p.follow(l), true
				}
			}
		}
		p.mode = reading
		return nil, true
	}
	return nil, false
}

// plural prints a number with its noun; without a noun the number alone.
func plural(n int, one, many string) string {
	noun := many
	if n == 1 {
		noun = one
	}
	return strings.TrimSpace(strconv.Itoa(n) + " " + noun)
}
