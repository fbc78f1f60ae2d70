package models

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/pane"
)

// card is what the detail shows beyond the record: the verdict of each
// precision at a few contexts, and the reason at the best one.
type card struct {
	request  int
	model    *catalog.Model
	rig      *sizing.Rig
	quants   []string
	contexts []int
	verdicts [][]sizing.Verdict // by quant, then context
	reason   string             // at the best settings for the rig
	refused  string             // why the engine can't say anything
}

// readCard computes the card of the model under the cursor, in a command:
// some models take the planner a moment, and moving must not wait for it.
func (p *Pane) readCard() tea.Cmd {
	m := p.current()
	if m == nil || !p.s.RigKnown() || p.card.model == m && p.card.rig == p.s.Rig {
		return nil
	}
	request := p.card.request + 1
	p.card = card{request: request, model: m, rig: p.s.Rig}
	engine, rig, quants := p.engine(p.shown[p.list.Cursor()].index), p.s.Rig, quantsOf(p.s.Catalog)
	if f := p.currentFile(); f != nil {
		quants = []string{f.Quant}
	}
	if engine == nil {
		return nil // a file that can't be sized
	}
	return func() tea.Msg {
		c := card{request: request, model: m, rig: rig, quants: quants, contexts: contextsOf(m)}
		c.fill(engine)
		return pane.Result{Pane: pane.Models, Request: request, Body: c}
	}
}

// The precisions of the map: the common ones from widestBits down, each at
// least bitsApart smaller than the one above it.
const (
	widestBits = 16.5
	bitsApart  = 0.7
)

// quantsOf are the precisions of the map, best first.
func quantsOf(c *catalog.Catalog) []string {
	var ids []string
	last := widestBits + bitsApart
	for _, q := range c.Quants {
		if q.Common && q.Bits <= last-bitsApart {
			ids = append(ids, q.ID)
			last = q.Bits
		}
	}
	return ids
}

// contextsOf are the columns of the map: powers of four from 4K up to the
// model's own limit, which is the last.
func contextsOf(m *catalog.Model) []int {
	limit := m.Context
	if limit <= 0 {
		limit = 4096
	}
	var list []int
	for n := 4096; n < limit && len(list) < 4; n *= 4 {
		list = append(list, n)
	}
	return slices.Compact(append(list, limit))
}

func (c *card) fill(e *sizing.Engine) {
	for _, q := range c.quants {
		row := make([]sizing.Verdict, len(c.contexts))
		for i, ctx := range c.contexts {
			b, err := e.Estimate(c.model, sizing.Defaults(q, ctx), c.rig)
			if err != nil {
				c.refused = err.Error()
				continue
			}
			row[i] = b.Verdict
		}
		c.verdicts = append(c.verdicts, row)
	}
	r := e.Rank(c.model, c.rig)
	s := sizing.Defaults(r.Quant, r.Ctx)
	if r.Quant == "" && len(c.quants) > 0 {
		s = sizing.Defaults(c.quants[len(c.quants)-1], c.contexts[0]) // what is missing at the least
	}
	if b, err := e.Estimate(c.model, s, c.rig); err == nil {
		c.reason = b.Reason
	}
}
