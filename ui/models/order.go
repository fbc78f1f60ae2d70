package models

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
)

// key is what the list is sorted by.
type key int

const (
	byFit key = iota
	byName
	byParams
	byMemory
	byContext
	bySpeed
	byDate
	keyCount
)

// order is a key and its direction. byMatch is in force while a filter is
// typed and nobody has chosen another order.
type order struct {
	by     key
	back   bool // against the key's usual direction
	chosen bool // by a person
}

func (k key) String() string {
	return [...]string{"fit", "name", "parameters", "memory", "context", "speed", "date"}[k]
}

// term is the glossary's word for the key.
func (k key) term() string {
	return [...]string{"quantisation", "parameters", "parameters", "vram", "context-length", "tokens-per-second", "parameters"}[k]
}

// column is the list's column that the key sorts, -1 for none.
func (k key) column() int {
	return [...]int{-1, colName, colParams, colMemory, colContext, colSpeed, colDate}[k]
}

// keyOf is the key of a column; byFit for those that have none of their own.
func keyOf(column int) key {
	for k := byName; k < keyCount; k++ {
		if k.column() == column {
			return k
		}
	}
	return byFit
}

// byRanking puts rankings in order, best first, unknown last.
func byRanking(a, b sizing.Ranking) int {
	switch {
	case a.Verdict == "" && b.Verdict == "":
		return 0
	case a.Verdict == "":
		return 1
	case b.Verdict == "":
		return -1
	}
	return a.Compare(b)
}

// byStanding is the coarse part of byRanking: models of one standing do equally
// well on the rig.
func byStanding(a, b sizing.Ranking) int {
	if a.Verdict == "" || b.Verdict == "" {
		return byRanking(a, b)
	}
	return cmp.Compare(a.Standing, b.Standing)
}

// sortShown puts the shown models in the pane's order. Equal ones keep the
// order of the catalog, or of the match.
func (p *Pane) sortShown() {
	if p.search.Value() != "" && !p.order.chosen {
		return // best match first, as found
	}
	compare := func(a, b found) int {
		return p.compareBy(a.index, b.index)
	}
	sign := 1
	if p.order.back {
		sign = -1
	}
	slices.SortStableFunc(p.shown, func(a, b found) int { return sign * compare(a, b) })
}

func (p *Pane) compareBy(i, j int) int {
	a, b := p.models[i], p.models[j]
	ra, rb := p.ranks[i], p.ranks[j]
	switch p.order.by {
	case byName:
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case byParams:
		return cmp.Compare(p.params[j], p.params[i])
	case byMemory:
		return cmp.Compare(rb.Total, ra.Total)
	case byContext:
		return cmp.Compare(rb.Ctx, ra.Ctx)
	case bySpeed:
		return cmp.Compare(rb.Decode.Mid, ra.Decode.Mid)
	case byDate:
		return strings.Compare(b.Released, a.Released)
	default:
		return cmp.Or(
			byStanding(ra, rb),
			cmp.Compare(p.local(i), p.local(j)), // what is here already goes before its equals
			byRanking(ra, rb),
			cmp.Compare(p.params[j], p.params[i]),
		)
	}
}

func (p *Pane) nextOrder() tea.Cmd {
	return p.sortBy(order{by: (p.order.by + 1) % keyCount, chosen: true})
}

func (p *Pane) reverse() tea.Cmd {
	return p.sortBy(order{by: p.order.by, back: !p.order.back, chosen: true})
}

// sortBy changes the order; the cursor stays on its model.
func (p *Pane) sortBy(o order) tea.Cmd {
	p.order = o
	p.list.SortBy, p.list.Desc = o.by.column(), (o.by != byName) != o.back
	p.refresh(p.cursorModel())
	return p.moved()
}

// sortColumn is a click on a header: sort by it, and again the other way.
func (p *Pane) sortColumn(column int) tea.Cmd {
	k := keyOf(column)
	if k == p.order.by && p.order.chosen {
		return p.reverse()
	}
	return p.sortBy(order{by: k, chosen: true})
}
