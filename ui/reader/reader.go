// Package reader is the pane of a part of the guide, of the glossary for one:
// the list of entries with its search at the left, the entry as glamour renders it at the right, and the
// links between them to walk along. It may import what panes may: session,
// pane, theme and widget.
package reader

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/glossary"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// mode says which part has the keys.
type mode int

const (
	listing  mode = iota
	reading       // the entry
	choosing      // the panel of categories
)

// Pane shows one shelf of the guide.
type Pane struct {
	theme *theme.Theme
	shelf Shelf
	s     session.Session

	mode       mode
	list       widget.List
	search     *widget.TextField
	categories widget.Checks
	shown      []glossary.Hit

	entry   *glossary.Entry           // the one at the right; nil before the glossary is there
	wanted  string                    // an entry asked for before the glossary was there
	scrolls map[string]*widget.Scroll // of each entry, as it was left
	back    []*glossary.Entry         // that links led away from
	forward []*glossary.Entry
	sized   map[*glossary.Entry][]question // what pages that are not of the guide offer to the calculator

	pages   pages
	find    find
	waiting bool // y was pressed: the next digit says which block
	places  places
}

// New makes the pane. It does no work.
func New(t *theme.Theme, shelf Shelf) *Pane {
	p := &Pane{theme: t, shelf: shelf, search: widget.NewTextField("/ ", ""), scrolls: map[string]*widget.Scroll{}}
	p.find.field = widget.NewTextField("/ ", "find in this entry")
	p.pages.known = map[pageKey]*page{}
	p.list.SortBy = -1
	return p
}

// Title names the tab.
func (p *Pane) Title() string { return p.shelf.Title }

// Init takes the first session.
func (p *Pane) Init(s session.Session) tea.Cmd { return p.SetSession(s) }

// SetSession takes a new session: the glossary when it is read, and a rig that
// the figures are to be computed for.
func (p *Pane) SetSession(s session.Session) tea.Cmd {
	first := p.s.Glossary == nil && s.Glossary != nil
	p.s = s
	if s.Glossary == nil {
		return nil
	}
	if first {
		p.fillCategories()
		p.refresh()
		if p.wanted != "" {
			return p.open(p.wanted)
		}
		if p.entry == nil && len(p.shown) > 0 {
			p.entry = p.shown[p.list.Cursor()].Entry
		}
	}
	return p.request(false)
}

// Shown asks for what a hidden pane did not.
func (p *Pane) Shown(shown bool) tea.Cmd {
	if !shown || p.s.Glossary == nil {
		return nil
	}
	return p.request(false)
}

// Update takes keys, text and the results of the pane's own commands.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pane.Result:
		return p.take(msg)
	case pane.OpenTerm:
		return p.open(msg.ID)
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return p.edited(msg)
}

// press is Update for keys.
func (p *Pane) press(msg tea.KeyPressMsg) tea.Cmd {
	if p.waiting {
		return p.copyBlock(msg)
	}
	if cmd, ok := pane.Dispatch(p.Bindings(), msg); ok {
		return cmd
	}
	if p.search.Focused() || p.find.field.Focused() {
		return p.edited(msg)
	}
	return nil
}

// edited gives a message to the text field that has the keys.
func (p *Pane) edited(msg tea.Msg) tea.Cmd {
	switch {
	case p.search.Focused():
		if p.search.Update(msg) {
			p.list.SetCursor(0, len(p.shown))
			p.refresh()
			return p.moved()
		}
	case p.find.field.Focused():
		if p.find.field.Update(msg) {
			p.look(true)
		}
	}
	return nil
}

// Capturing tells whether text is being typed, or a digit awaited.
func (p *Pane) Capturing() bool {
	return p.search.Focused() || p.find.field.Focused() || p.waiting
}

// open shows an entry by id or alias, in front of the list.
func (p *Pane) open(name string) tea.Cmd {
	if p.s.Glossary == nil {
		p.wanted = name
		return nil
	}
	p.wanted = ""
	e, ok := p.s.Glossary.Entry(name)
	if !ok {
		text := "no entry is called " + widget.Clean(name)
		if near := p.nearest(name); near != "" {
			text += "; near it: " + near
		}
		return pane.Say(pane.Noted{Text: text, Bad: true})
	}
	p.mode = reading
	if e == p.entry {
		return p.request(false)
	}
	p.leave()
	return p.show(e)
}

// leave remembers that one can come back to the entry.
func (p *Pane) leave() {
	if p.entry == nil {
		return
	}
	p.back, p.forward = append(p.back, p.entry), nil
}

// show brings an entry to the right side, and to the list's cursor if it is
// listed.
func (p *Pane) show(e *glossary.Entry) tea.Cmd {
	p.entry = e
	p.find.clear()
	for i := range p.shown {
		if p.shown[i].Entry == e {
			p.list.SetCursor(i, len(p.shown))
		}
	}
	return p.request(false)
}

// scroll is the window on the entry, where it was left.
func (p *Pane) scroll() *widget.Scroll {
	id := ""
	if p.entry != nil {
		id = p.entry.ID
	}
	if p.scrolls[id] == nil {
		p.scrolls[id] = &widget.Scroll{}
	}
	return p.scrolls[id]
}

// walk goes back, or forward again, along the links.
func (p *Pane) walk(from, to *[]*glossary.Entry) tea.Cmd {
	n := len(*from)
	if n == 0 {
		return nil
	}
	e := (*from)[n-1]
	*from = (*from)[:n-1]
	*to = append(*to, p.entry)
	return p.show(e)
}

// moved follows the list's cursor; the entry is rendered when it has rested.
func (p *Pane) moved() tea.Cmd {
	i := p.list.Cursor()
	if i >= len(p.shown) || p.shown[i].Entry == p.entry {
		return nil
	}
	p.entry = p.shown[i].Entry
	p.find.clear()
	return p.request(true)
}
