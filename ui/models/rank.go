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
	last := min(first+chunk, len(p.models))
	models, rig, request := p.models[first:last], p.rankRig, p.request
	engines := make([]*sizing.Engine, len(models))
	for i := range engines {
		engines[i] = p.engine(first + i)
	}
	return func() tea.Msg {
		ranks := make([]sizing.Ranking, len(models))
		for i, m := range models {
			ranks[i] = sizing.Ranking{Verdict: sizing.No, Standing: sizing.StandsOut}
			if engines[i] != nil {
				ranks[i] = engines[i].Rank(m, rig)
			}
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
	if late := c.first >= len(p.models)-len(p.files) && p.touched; p.list.Cursor() == 0 && !late {
		keep = nil // nobody has chosen a row yet: the best one comes to the top
	}
	p.refresh(keep)
	return p.moved()
}
