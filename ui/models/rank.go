package models

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
	"runlocal/ui/pane"
)

// chunk is how many models one command ranks: a few milliseconds of work, so
// that a change of rig on the way wastes little.
const chunk = 128

// rankChunk is the rankings of the models from first on.
type rankChunk struct {
	first int
	ranks []sizing.Ranking
}

// rank starts to rank the catalog for the session's rig, unless that has been
// done or is under way. While the machine is still being looked at there is
// nothing to rank for.
func (p *Pane) rank() tea.Cmd {
	if !p.s.RigKnown() || p.rankRig == p.s.Rig {
		return nil
	}
	p.rankRig = p.s.Rig
	p.rankedTo = 0
	p.request++
	return p.rankFrom(0)
}

func (p *Pane) rankFrom(first int) tea.Cmd {
	models, engine, rig, request := p.s.Catalog.Models, p.s.Engine, p.rankRig, p.request
	return func() tea.Msg {
		last := min(first+chunk, len(models))
		ranks := make([]sizing.Ranking, 0, last-first)
		for _, m := range models[first:last] {
			ranks = append(ranks, engine.Rank(m, rig))
		}
		return pane.Result{Pane: pane.Models, Request: request, Body: rankChunk{first, ranks}}
	}
}

// takeRanks stores a chunk and asks for the next. The rows are put in their new
// order once, at the end: rows that jump about can't be read.
func (p *Pane) takeRanks(c rankChunk) tea.Cmd {
	copy(p.ranks[c.first:], c.ranks)
	p.rankedTo = c.first + len(c.ranks)
	if p.rankedTo < len(p.ranks) {
		return p.rankFrom(p.rankedTo)
	}
	p.countVerdicts()
	keep := p.cursorModel()
	if p.list.Cursor() == 0 {
		keep = nil // nobody has chosen a row yet: the best one comes to the top
	}
	p.refresh(keep)
	return p.moved()
}

// rankOf is the ranking of a model by its index; its verdict is empty as long
// as it is not known.
func (p *Pane) rankOf(i int) sizing.Ranking { return p.ranks[i] }
