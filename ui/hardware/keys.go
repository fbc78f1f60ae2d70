package hardware

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// Bindings are the keys of the pane's present state.
func (p *Pane) Bindings() []pane.Binding {
	switch {
	case p.search.Focused():
		return p.searchKeys()
	case p.mode == filtering:
		return p.facetKeys()
	case p.mode == reading:
		return p.readKeys()
	default:
		return p.browseKeys()
	}
}

func (p *Pane) browseKeys() []pane.Binding {
	here, view := pane.GroupAct, pane.GroupView
	return append(p.list.Bindings(p.moved),
		pane.Bind("enter", "", "what fits", here, p.read).InFooter().Unless(p.nothing),
		pane.Bind("space +", "space", "add to the rig", here, p.add).InFooter().Unless(p.cannotAdd),
		pane.Bind("-", "", "take off", here, p.takeOff).InFooter().Unless(p.notInRig),
		pane.Bind("m", "", "next size of memory", here, p.nextMemory).Unless(p.oneMemory),
		pane.Bind("/", "", "find", view, p.startSearch).InFooter(),
		pane.Bind("f", "", "filter", view, p.openFacets).InFooter(),
		pane.Bind("s", "", "sort", view, p.nextOrder).InFooter(),
		pane.Bind("S", "", "turn the order round", view, p.reverse),
		pane.Bind("r", "", "look for hardware again", here, func() tea.Cmd { return pane.Say(pane.DetectAgain{}) }),
		pane.Bind("y", "", "copy the name", here, p.copyName).Unless(p.nothing),
		pane.Bind("esc", "", "clear the filters", view, p.clear),
	)
}

func (p *Pane) searchKeys() []pane.Binding {
	keep := func() tea.Cmd { p.search.Blur(); return nil }
	drop := func() tea.Cmd {
		p.search.Blur()
		p.search.Set("")
		p.refresh(nil)
		return p.moved()
	}
	step := func(by func() int) func() tea.Cmd {
		return func() tea.Cmd {
			p.list.SetCursor(p.list.Cursor()+by(), len(p.shown))
			return p.moved()
		}
	}
	g := pane.GroupAct
	return []pane.Binding{
		pane.Bind("enter tab", "enter", "keep the filter", g, keep).InFooter(),
		pane.Bind("esc", "", "drop it", g, drop).InFooter(),
		pane.Bind("up", "↑", "up", g, step(func() int { return -1 })),
		pane.Bind("down", "↓", "down", g, step(func() int { return 1 })),
		pane.Bind("pgup", "", "page up", g, step(func() int { return -p.list.Page() })),
		pane.Bind("pgdown", "pgdn", "page down", g, step(func() int { return p.list.Page() })),
	}
}

func (p *Pane) readKeys() []pane.Binding {
	work := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			p.work = max(0, min(p.work+by, len(p.card.jobs)-1))
			return nil
		}
	}
	next := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			p.list.SetCursor(p.list.Cursor()+by, len(p.shown))
			return p.moved()
		}
	}
	scroll := func(by int) func() tea.Cmd {
		return func() tea.Cmd { p.detail.By(by); return nil }
	}
	back := func() tea.Cmd { p.mode = browse; return nil }
	m, here := pane.GroupMove, pane.GroupAct
	return []pane.Binding{
		pane.Bind("up k", "↑ k", "up", m, work(-1)),
		pane.Bind("down j", "↓ j", "down", m, work(1)),
		pane.Bind("left h", "← h", "previous device", m, next(-1)),
		pane.Bind("right l", "→ l", "next device", m, next(1)),
		pane.Bind("pgup ctrl+u ctrl+b", "pgup", "scroll up", m, scroll(-5)),
		pane.Bind("pgdown ctrl+d ctrl+f", "pgdn", "scroll down", m, scroll(5)),
		pane.Bind("enter", "", "open it in the calculator", here, p.openJob).InFooter().Unless(p.noJob),
		pane.Bind("space +", "space", "add to the rig", here, p.add).InFooter().Unless(p.cannotAdd),
		pane.Bind("-", "", "take off", here, p.takeOff).InFooter().Unless(p.notInRig),
		pane.Bind("m", "", "next size of memory", here, p.nextMemory).Unless(p.oneMemory),
		pane.Bind("esc backspace", "esc", "back to the list", pane.GroupView, back).InFooter(),
	}
}

func (p *Pane) facetKeys() []pane.Binding {
	shut := func() tea.Cmd { p.mode = browse; return nil }
	return append(p.facets.Bindings(p.facetsChanged),
		pane.Bind("esc f backspace", "esc", "back to the list", pane.GroupView, shut).InFooter(),
	)
}

func (p *Pane) facetsChanged() tea.Cmd {
	p.facets.Apply()
	p.refresh(p.current())
	return p.moved()
}

func (p *Pane) startSearch() tea.Cmd {
	p.search.Focus()
	return nil
}

func (p *Pane) openFacets() tea.Cmd {
	p.mode = filtering
	return nil
}

func (p *Pane) read() tea.Cmd {
	p.mode = reading
	return nil
}

func (p *Pane) clear() tea.Cmd {
	keep := p.current()
	p.search.Set("")
	p.facets.Reset()
	p.refresh(keep)
	return p.moved()
}

func (p *Pane) copyName() tea.Cmd { return pane.Say(pane.Copied{Text: p.current().name()}) }

func (p *Pane) nothing() string {
	if len(p.shown) == 0 {
		return "no device is shown; esc clears the filters"
	}
	return ""
}
