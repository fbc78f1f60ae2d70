package calculator

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
	"runlocal/ui/pane"
)

// answers are what takes the engine more than a moment: how far each slider
// could go, the inverse answers and the map. They are worked out by a command,
// kept by question, and drawn until the next ones come.
type answers struct {
	of     *sized
	tracks map[string][]sizing.Verdict // by knob, of each stop
	fits   sizing.Fits
	room   room
	grid   grid
	steps  []sizing.Step
}

// room is what the inverse answers would take on the GPUs, or in RAM where
// there is none, bytes; 0: not asked.
type room struct{ ctx, quant int64 }

// mostKnown bounds the answers that are kept.
const mostKnown = 256

// question names what answers belong to. The pointers stand for the records:
// a rig that was measured anew is another rig.
func (z *sized) question() string {
	return fmt.Sprintf("%p %p %t %v", z.model, z.rig, z.all, z.settings)
}

// ask takes the answers from those known, or starts a command for them. Only
// one runs at a time: what is asked meanwhile is asked when it has ended.
func (p *Pane) ask() tea.Cmd {
	if a, ok := p.known[p.now.question()]; ok {
		p.answers = a
		return nil
	}
	if p.asking {
		return nil
	}
	p.asking = true
	z := p.now
	return func() tea.Msg {
		return pane.Result{Pane: pane.Calculator, Body: z.answer()}
	}
}

// answered takes a command's answers, and asks again if the question has
// changed meanwhile.
func (p *Pane) answered(msg pane.Result) tea.Cmd {
	a, ok := msg.Body.(answers)
	if !ok {
		return nil
	}
	p.asking = false
	if len(p.known) >= mostKnown {
		clear(p.known)
	}
	p.known[a.of.question()] = a
	if p.now == nil {
		return nil
	}
	if a.of.model == p.now.model && a.of.rig == p.now.rig {
		p.answers = a // perhaps of the setting before; better than none
	}
	return p.ask()
}

// near tells whether the answers are at least of this model and rig.
func (p *Pane) near() bool {
	a := p.answers.of
	return a != nil && a.model == p.now.model && a.rig == p.now.rig
}

// track is the verdict at each stop of a knob, nil while it is not known.
func (p *Pane) track(k *knob) []sizing.Verdict {
	if v := p.answers.tracks[k.key]; p.near() && len(v) == k.stops {
		return v
	}
	return nil
}

// answer works everything out.
func (z *sized) answer() answers {
	a := answers{of: z, tracks: make(map[string][]sizing.Verdict, len(z.knobs)), grid: z.grid()}
	for i := range z.knobs {
		k := &z.knobs[i]
		track := make([]sizing.Verdict, k.stops)
		for stop := range track {
			track[stop] = z.verdict(k.with(stop))
		}
		a.tracks[k.key] = track
	}
	if z.err != nil {
		return a
	}
	if fits, err := z.engine.Inverse(z.model, z.settings, z.rig); err == nil {
		a.fits = fits
		a.room = z.roomOf(fits)
	}
	if steps, err := z.engine.Explain(z.model, z.settings, z.rig); err == nil {
		a.steps = steps
	}
	return a
}

// roomOf asks what the widest context and the best precision would take.
func (z *sized) roomOf(f sizing.Fits) room {
	total := func(change func(*sizing.Settings)) int64 {
		b, err := z.estimate(z.changed(change))
		if err != nil {
			return 0
		}
		return onCards(&b)
	}
	var r room
	if f.MaxCtx > 0 {
		r.ctx = total(func(s *sizing.Settings) { s.Ctx = f.MaxCtx })
	}
	if f.BestQuant != "" {
		r.quant = total(func(s *sizing.Settings) { s.Quant = f.BestQuant })
	}
	return r
}

// onCards is what the GPUs hold together; without one, what the RAM holds.
func onCards(b *sizing.Budget) int64 {
	if sum := b.OnGPUs(); sum > 0 {
		return sum
	}
	return b.Totals.Total
}
