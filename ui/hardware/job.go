package hardware

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/pane"
)

// workload is a kind of work and the model and settings that stand for it.
// The model is named by its id; a test looks each up.
type workload struct {
	name  string
	model string
	quant string
	ctx   int // tokens
}

// workloads are what people ask of a device first.
func workloads() []workload {
	return []workload{
		{"7B chat", "qwen2.5-7b", "Q4_K_M", 8192},
		{"14B chat", "qwen3-14b", "Q4_K_M", 8192},
		{"32B chat", "qwen3-32b", "Q4_K_M", 8192},
		{"70B chat", "llama-3.3-70b", "Q4_K_M", 8192},
		{"coding agent", "qwen3-coder-30b-a3b", "Q4_K_M", 65536},
		{"vision", "qwen2.5-vl-7b", "Q4_K_M", 8192},
		{"32K context", "llama-3.1-8b", "Q4_K_M", 32768},
	}
}

// job is a workload sized for a device.
type job struct {
	workload
	record *catalog.Model
	budget sizing.Budget
	err    string
}

// card is what the detail computes: the jobs, and the price lines.
type card struct {
	request int
	item    item
	rig     *sizing.Rig
	count   int // devices of the kind that it was made for
	jobs    []job
	prices  []string
}

// readCard computes the card of the row under the cursor, in a command.
func (p *Pane) readCard() tea.Cmd {
	it := p.current()
	if it == nil {
		return nil
	}
	count := 0
	if it.found == nil {
		count = p.inRig(it.device)
	}
	same := p.card.item.found == it.found && p.card.item.device == it.device
	if p.card.rig != nil && same && p.card.count == count {
		return nil
	}
	request := p.card.request + 1
	p.card = card{request: request, item: *it, rig: p.rigOf(it), count: count}
	c, engine, records := p.card, p.s.Engine, p.s.Catalog
	return func() tea.Msg {
		c.jobs = size(engine, records, c.rig)
		if it.device != nil {
			c.prices = priceLines(records, it.device)
		}
		return pane.Result{Pane: pane.Hardware, Request: request, Body: c}
	}
}

// size asks the engine for every workload.
func size(e *sizing.Engine, c *catalog.Catalog, rig *sizing.Rig) []job {
	jobs := make([]job, 0, len(workloads()))
	for _, w := range workloads() {
		j := job{workload: w}
		for _, m := range c.Models {
			if m.ID == w.model {
				j.record = m
			}
		}
		if j.record == nil {
			continue // a user's catalog may have replaced it
		}
		b, err := e.Estimate(j.record, sizing.Defaults(w.quant, w.ctx), rig)
		if err != nil {
			j.err = err.Error()
		}
		j.budget = b
		jobs = append(jobs, j)
	}
	return jobs
}

func (p *Pane) noJob() string {
	if p.work >= len(p.card.jobs) {
		return "nothing was sized for this device"
	}
	return ""
}

// openJob makes the device the rig, unless it is part of it, and opens the
// workload in the calculator.
func (p *Pane) openJob() tea.Cmd {
	j, it := p.card.jobs[p.work], p.current()
	s := sizing.Defaults(j.quant, j.ctx)
	open := pane.Say(pane.ModelChosen{Model: j.record, Settings: &s, Show: true})
	switch {
	case it.found != nil && p.s.Rig.Simulated:
		return tea.Sequence(pane.Say(pane.RigChanged{}), open)
	case it.found == nil && p.inRig(it.device) == 0:
		return tea.Sequence(pane.Say(pane.RigChanged{Rig: p.card.rig}), open)
	default:
		return open
	}
}
