package models

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/ui/pane"
)

// Bindings are the keys of the pane's present state.
func (p *Pane) Bindings() []pane.Binding {
	switch {
	case p.search.Focused():
		return p.searchKeys()
	case p.mode == filtering:
		return p.facetKeys()
	case p.mode == comparing:
		return p.compareKeys()
	case p.mode == reading:
		return p.readKeys()
	default:
		return p.browseKeys()
	}
}

func (p *Pane) browseKeys() []pane.Binding {
	here, view := pane.GroupAct, pane.GroupView
	keys := p.list.Bindings(p.moved)
	return append(keys,
		pane.Bind("enter", "", "size it", here, p.choose).InFooter().Unless(p.nothing),
		pane.Bind("/", "", "find", view, p.startSearch).InFooter(),
		pane.Bind("f", "", "filter", view, p.openFacets).InFooter(),
		pane.Bind("s", "", "sort", view, p.nextOrder).InFooter(),
		pane.Bind("S", "", "turn the order round", view, p.reverse),
		pane.Bind("m space", "m", "mark", here, p.mark).InFooter().Unless(p.nothing),
		pane.Bind("c", "", "compare", here, p.compare).InFooter().Unless(p.tooFewMarks),
		pane.Bind("d", "", "detail", view, p.read).InFooter().Unless(p.nothing),
		pane.Bind("y", "", "copy the run command", here, p.copyRun).Unless(p.nothing),
		pane.Bind("esc", "", "clear the filters, then the marks", view, p.clear),
	)
}

func (p *Pane) searchKeys() []pane.Binding {
	keep := func() tea.Cmd { p.search.Blur(); return nil }
	drop := func() tea.Cmd {
		p.search.Blur()
		p.search.Set("")
		return p.retype()
	}
	step := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			p.list.SetCursor(p.list.Cursor()+by, len(p.shown))
			return p.moved()
		}
	}
	g := pane.GroupAct
	return []pane.Binding{
		pane.Bind("enter tab", "enter", "keep the filter", g, keep).InFooter(),
		pane.Bind("esc", "", "drop it", g, drop).InFooter(),
		pane.Bind("up", "↑", "up", g, step(-1)),
		pane.Bind("down", "↓", "down", g, step(1)),
		pane.Bind("pgup", "", "page up", g, func() tea.Cmd { return step(-p.list.Page())() }),
		pane.Bind("pgdown", "pgdn", "page down", g, func() tea.Cmd { return step(p.list.Page())() }),
	}
}

func (p *Pane) readKeys() []pane.Binding {
	next := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			p.list.SetCursor(p.list.Cursor()+by, len(p.shown))
			return p.moved()
		}
	}
	back := func() tea.Cmd { p.mode = browse; return nil }
	return append(p.detail.Bindings(),
		pane.Bind("left h", "← h", "previous model", pane.GroupMove, next(-1)),
		pane.Bind("right l", "→ l", "next model", pane.GroupMove, next(1)),
		pane.Bind("enter", "", "size it", pane.GroupAct, p.choose).InFooter().Unless(p.nothing),
		pane.Bind("m space", "m", "mark", pane.GroupAct, p.mark).InFooter().Unless(p.nothing),
		pane.Bind("y", "", "copy the run command", pane.GroupAct, p.copyRun).InFooter().Unless(p.nothing),
		pane.Bind("esc d backspace", "esc", "back to the list", pane.GroupView, back).InFooter(),
	)
}

func (p *Pane) startSearch() tea.Cmd {
	p.search.Focus()
	return nil
}

func (p *Pane) read() tea.Cmd {
	p.mode = reading
	return nil
}

// mark marks the model under the cursor, or takes the mark off, and goes on to
// the next row.
func (p *Pane) mark() tea.Cmd {
	m := p.current()
	if i := slices.Index(p.marks, m); i >= 0 {
		p.marks = slices.Delete(p.marks, i, i+1)
	} else {
		p.marks = append(p.marks, m)
	}
	if p.mode == reading {
		return nil
	}
	p.list.SetCursor(p.list.Cursor()+1, len(p.shown))
	return p.moved()
}

func (p *Pane) marked(m *catalog.Model) bool { return slices.Contains(p.marks, m) }

// clear goes one level back: the filters first, then the marks.
func (p *Pane) clear() tea.Cmd {
	switch {
	case p.search.Value() != "" || p.facets.Active() > 0:
		keep := p.cursorModel()
		p.search.Set("")
		p.facets.Reset()
		p.refresh(keep)
		return p.moved()
	case len(p.marks) > 0:
		p.marks = nil
	}
	return nil
}

func (p *Pane) copyRun() tea.Cmd {
	m := p.current()
	if f := p.currentFile(); f != nil {
		return p.copyServer(f, p.shown[p.list.Cursor()].index)
	}
	if m.Ollama == "" {
		if m.HF == "" {
			return pane.Say(pane.Noted{Text: m.Name + " has no known place to run it from", Bad: true})
		}
		return pane.Say(pane.Copied{Text: m.HF})
	}
	return pane.Say(pane.Copied{Text: "ollama run " + m.Ollama})
}

func (p *Pane) nothing() string {
	if len(p.shown) == 0 {
		return "no model is shown; esc clears the filters"
	}
	return ""
}

func (p *Pane) tooFewMarks() string {
	if len(p.marks) < 2 {
		return "mark two or more models with m, then compare them"
	}
	return ""
}
