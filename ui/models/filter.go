package models

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// cursorModel is the index of the model under the cursor, for refresh; nil
// when there is none.
func (p *Pane) cursorModel() *int {
	if i := p.list.Cursor(); i < len(p.shown) {
		index := p.shown[i].index
		return &index
	}
	return nil
}

// refresh filters and sorts again. The cursor stays on the model keep while
// it is still shown, and goes to the top otherwise.
func (p *Pane) refresh(keep *int) {
	p.shown = p.shown[:0]
	q := strings.TrimSpace(p.search.Value())
	if q == "" {
		for i := range p.models {
			if p.passes(i) {
				p.shown = append(p.shown, found{index: i})
			}
		}
	} else {
		for _, m := range p.index.SearchModels(q) {
			if p.passes(m.Index) {
				p.shown = append(p.shown, found{m.Index, m.Matched})
			}
		}
	}
	p.sortShown()
	p.list.Length(len(p.shown))
	p.list.SetCursor(0, len(p.shown))
	if keep != nil {
		p.moveTo(*keep)
	}
}

// retype follows a change of the search text: the best match comes under the
// cursor.
func (p *Pane) retype() tea.Cmd {
	p.refresh(nil)
	return p.moved()
}

// moveTo puts the cursor on a model if it is shown.
func (p *Pane) moveTo(index int) {
	for i, f := range p.shown {
		if f.index == index {
			p.list.SetCursor(i, len(p.shown))
			return
		}
	}
}

func (p *Pane) isShown(index int) bool {
	for _, f := range p.shown {
		if f.index == index {
			return true
		}
	}
	return false
}
