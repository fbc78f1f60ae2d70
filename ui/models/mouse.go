package models

import (
	tea "charm.land/bubbletea/v2"
)

// Mouse selects by a click, sizes by a second one on the same row, sorts by a
// click on a header, and scrolls what is under the pointer.
func (p *Pane) Mouse(x, y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	if p.mode == comparing {
		return p.compareMouse(msg)
	}
	if y == 0 {
		return p.clickBar(msg)
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

func (p *Pane) clickBar(msg tea.MouseMsg) (tea.Cmd, bool) {
	if _, ok := msg.(tea.MouseClickMsg); !ok {
		return nil, false
	}
	return p.startSearch(), true
}

func (p *Pane) clickList(x, y int) (tea.Cmd, bool) {
	if len(p.shown) == 0 {
		return nil, false
	}
	p.touched = true
	if column, ok := p.list.HitHeader(x, y); ok {
		return p.sortColumn(column), true
	}
	i, ok := p.list.HitRow(y)
	if !ok {
		return nil, false
	}
	if i == p.list.Cursor() && p.mode == browse {
		return p.choose(), true
	}
	p.mode = browse
	p.list.SetCursor(i, len(p.shown))
	return p.moved(), true
}

func (p *Pane) sideMouse(y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	if p.mode == filtering {
		return p.facets.Mouse(y, msg, p.facetsChanged), true
	}
	if w, ok := msg.(tea.MouseWheelMsg); ok {
		p.detail.Wheel(w.Button)
		return nil, true
	}
	return nil, false
}
