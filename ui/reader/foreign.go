package reader

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/glossary"
	"runlocal/sizing"
)

// Sized is a model with settings that a page offers to the calculator.
type Sized struct {
	Model    *catalog.Model
	Settings sizing.Settings
}

// Read shows a page that is not of the guide, in front of the list; its links
// are followed like any other's, and one comes back to it.
func (p *Pane) Read(e *glossary.Entry, offers []Sized) tea.Cmd {
	p.offer(e, offers)
	p.mode = reading
	p.search.Blur()
	p.leave()
	return p.show(e)
}

// Replace puts such a page in the place of an older one, wherever that is.
func (p *Pane) Replace(old, e *glossary.Entry, offers []Sized) tea.Cmd {
	delete(p.sized, old)
	p.offer(e, offers)
	for _, stack := range [][]*glossary.Entry{p.back, p.forward} {
		for i := range stack {
			if stack[i] == old {
				stack[i] = e
			}
		}
	}
	if p.entry != old {
		return nil
	}
	return p.show(e)
}

func (p *Pane) offer(e *glossary.Entry, offers []Sized) {
	if p.sized == nil {
		p.sized = map[*glossary.Entry][]question{}
	}
	list := make([]question, 0, len(offers))
	for _, o := range offers {
		list = append(list, question{o.Model, o.Settings})
	}
	p.sized[e] = list
}
