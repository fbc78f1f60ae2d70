package reader

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"runlocal/glossary"
	"runlocal/ui/pane"
)

// Bindings are the keys of the part that has them.
func (p *Pane) Bindings() []pane.Binding {
	switch {
	case p.s.Glossary == nil:
		return nil
	case p.waiting:
		return nil
	case p.search.Focused():
		return p.searchKeys()
	case p.find.field.Focused():
		return p.findKeys()
	case p.mode == choosing:
		return p.categoryKeys()
	case p.mode == reading:
		return p.readKeys()
	}
	return p.listKeys()
}

func (p *Pane) listKeys() []pane.Binding {
	keys := slices.DeleteFunc(p.list.Bindings(p.moved), func(b pane.Binding) bool {
		return slices.Contains(b.Keys(), "left") || slices.Contains(b.Keys(), "right")
	})
	v := pane.GroupView
	return append(append(keys,
		pane.Bind("enter right l tab", "enter", "read", pane.GroupAct, p.read).InFooter().Unless(p.nothing),
		pane.Bind("/", "", "find", v, p.startSearch).InFooter(),
		pane.Bind("f", "", "categories", v, p.choose).InFooter(),
		pane.Bind("esc", "", "clear the search, then the categories", v, p.clear),
	), p.entryKeys()...)
}

func (p *Pane) readKeys() []pane.Binding {
	v := pane.GroupView
	return append(append(p.scroll().Bindings(),
		pane.Bind("/", "", "find in the entry", v, p.startFind).InFooter(),
		pane.Bind("n", "", "next place found", v, func() tea.Cmd { return p.next(1) }).Unless(p.nothingFound),
		pane.Bind("N", "", "the place before", v, func() tea.Cmd { return p.next(-1) }).Unless(p.nothingFound),
		pane.Bind("left h tab", "←", "list", v, p.toList).InFooter(),
		pane.Bind("esc", "", "clear what was found, then the list", v, p.escape),
	), p.entryKeys()...)
}

// entryKeys act on the entry that is shown, whichever part has the keys.
func (p *Pane) entryKeys() []pane.Binding {
	a, v := pane.GroupAct, pane.GroupView
	keys := []pane.Binding{
		pane.Bind("backspace ctrl+o <", "backspace", "back", v, func() tea.Cmd { return p.walk(&p.back, &p.forward) }).Unless(p.nowhere(&p.back)),
		pane.Bind(">", "", "forward again", v, func() tea.Cmd { return p.walk(&p.forward, &p.back) }).Unless(p.nowhere(&p.forward)),
		pane.Bind("y", "", "copy a command of it", a, p.copyCode).Unless(p.noCode),
		pane.Bind("Y", "", "copy the entry as Markdown", a, p.copyEntry).Unless(p.nothing),
	}
	if len(p.back) > 0 {
		keys[0] = keys[0].InFooter()
	}
	if g := p.page(); g != nil && p.entryVisible() {
		for i, l := range g.links {
			b := pane.Bind(l.hint, "["+l.hint+"]", l.help(), a, func() tea.Cmd { return p.follow(l) })
			if i == 0 {
				b = b.InFooter()
			}
			keys = append(keys, b)
		}
	}
	return keys
}

func (p *Pane) searchKeys() []pane.Binding {
	keep := func() tea.Cmd { p.search.Blur(); return nil }
	drop := func() tea.Cmd {
		p.search.Blur()
		p.search.Set("")
		p.refresh()
		return p.moved()
	}
	open := func() tea.Cmd {
		p.search.Blur()
		return p.read()
	}
	step := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			p.list.SetCursor(p.list.Cursor()+by, len(p.shown))
			return p.moved()
		}
	}
	g := pane.GroupAct
	return []pane.Binding{
		pane.Bind("enter", "", "read", g, open).InFooter().Unless(p.nothing),
		pane.Bind("tab", "", "keep the search", g, keep).InFooter(),
		pane.Bind("esc", "", "drop it", g, drop).InFooter(),
		pane.Bind("up", "↑", "up", g, step(-1)),
		pane.Bind("down", "↓", "down", g, step(1)),
		pane.Bind("pgup", "", "page up", g, func() tea.Cmd { return step(-p.list.Page())() }),
		pane.Bind("pgdown", "pgdn", "page down", g, func() tea.Cmd { return step(p.list.Page())() }),
	}
}

func (p *Pane) categoryKeys() []pane.Binding {
	shut := func() tea.Cmd { p.mode = listing; return nil }
	return append(p.categories.Bindings(p.categoriesChanged),
		pane.Bind("esc f tab", "esc", "done", pane.GroupView, shut).InFooter())
}

func (p *Pane) categoriesChanged() tea.Cmd {
	p.refresh()
	return p.moved()
}

func (p *Pane) read() tea.Cmd {
	p.mode = reading
	return p.request(false)
}

func (p *Pane) toList() tea.Cmd {
	p.mode = listing
	return nil
}

func (p *Pane) choose() tea.Cmd {
	p.mode = choosing
	return nil
}

func (p *Pane) startSearch() tea.Cmd {
	p.mode = listing
	p.search.Focus()
	return nil
}

// clear goes one level back: the search first, then the categories.
func (p *Pane) clear() tea.Cmd {
	switch {
	case p.search.Value() != "":
		p.search.Set("")
	case p.categories.On() > 0:
		p.categories.Clear()
	default:
		return nil
	}
	p.refresh()
	return p.moved()
}

// escape clears what was found in the entry, then goes back to the list.
func (p *Pane) escape() tea.Cmd {
	if p.find.text() != "" {
		p.find.clear()
		return nil
	}
	return p.toList()
}

func (p *Pane) nothing() string {
	if p.entry == nil {
		return "no entry is shown; esc clears the search"
	}
	return ""
}

func (p *Pane) nowhere(stack *[]*glossary.Entry) func() string {
	return func() string {
		if len(*stack) == 0 {
			return "no link was followed"
		}
		return ""
	}
}
