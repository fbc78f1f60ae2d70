package reader

import (
	"cmp"
	"slices"
	"strings"

	"runlocal/glossary"
	"runlocal/ui/widget"
)

// Shelf is the part of the guide that a pane lists. A link may lead to any
// entry; it is then read in the same pane.
type Shelf struct {
	Title string   // of the tab
	Kinds []string // the kinds of entry that are listed, in the order of an unsearched list
	Asks  string   // stands where a search is to be typed
}

// holds tells whether an entry is listed.
func (s *Shelf) holds(e *glossary.Entry) bool { return slices.Contains(s.Kinds, e.Kind) }

// mixed tells that the list has more than one kind of entry, so that it names
// each one's.
func (s *Shelf) mixed() bool { return len(s.Kinds) > 1 }

// sort orders an unsearched list: kind by kind, lessons in the order of the
// course, the newest news first. The entries come by title.
func (s *Shelf) sort(hits []glossary.Hit) {
	slices.SortStableFunc(hits, func(a, b glossary.Hit) int {
		x, y := a.Entry, b.Entry
		if x.Kind != y.Kind {
			return cmp.Compare(slices.Index(s.Kinds, x.Kind), slices.Index(s.Kinds, y.Kind))
		}
		switch x.Kind {
		case "lesson":
			return strings.Compare(x.ID, y.ID)
		case "news":
			return strings.Compare(y.ID, x.ID)
		}
		return 0
	})
}

// The groups of the panel of check boxes.
const (
	groupKind     = "Kind"
	groupCategory = "Category"
)

// fillCategories makes a check box of every kind, if there are several, and of
// every category.
func (p *Pane) fillCategories() {
	kinds, categories := map[string]int{}, map[string]int{}
	for _, e := range p.s.Glossary.Entries() {
		if p.shelf.holds(e) {
			kinds[e.Kind]++
			categories[e.Category]++
		}
	}
	if p.shelf.mixed() {
		for _, k := range p.shelf.Kinds {
			if kinds[k] > 0 {
				p.categories.Boxes = append(p.categories.Boxes, widget.Check{Group: groupKind, Label: k, Count: kinds[k]})
			}
		}
	}
	names := make([]string, 0, len(categories))
	for c := range categories {
		names = append(names, c)
	}
	slices.Sort(names)
	for _, c := range names {
		p.categories.Boxes = append(p.categories.Boxes, widget.Check{Group: groupCategory, Label: c, Count: categories[c]})
	}
}

// passes tells whether an entry stands on the shelf and, where boxes of a
// group are checked, has one of them.
func (p *Pane) passes(e *glossary.Entry) bool {
	return p.shelf.holds(e) && p.checked(groupKind, e.Kind) && p.checked(groupCategory, e.Category)
}

// checked tells whether a label's box is on, or none of its group.
func (p *Pane) checked(group, label string) bool {
	others := false
	for _, b := range p.categories.Boxes {
		if b.Group == group && b.On {
			if b.Label == label {
				return true
			}
			others = true
		}
	}
	return !others
}

// all is how many entries stand on the shelf.
func (p *Pane) all() int {
	n := 0
	for _, e := range p.s.Glossary.Entries() {
		if p.shelf.holds(e) {
			n++
		}
	}
	return n
}
