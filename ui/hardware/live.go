package hardware

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog/detect"
	"runlocal/ui/pane"
)

// pollEvery is how often the meters are read: more often would itself be load.
const pollEvery = time.Second

type (
	sampled struct{ live []detect.Live }
	pollDue struct{}
)

// Shown starts the meters when the pane is on a focused screen and stops them
// when it is not.
func (p *Pane) Shown(shown bool) tea.Cmd {
	p.visible = shown
	if !shown {
		p.stop()
		return nil
	}
	return p.pollSoon()
}

// stop ends the polling; an answer that is still out is dropped.
func (p *Pane) stop() {
	p.polling = false
	p.poll++
	if p.cancel != nil {
		p.cancel()
	}
	if p.sampler != nil {
		old := p.sampler
		p.sampler = nil
		_ = old.Close() // nothing can be done about a library that won't close
	}
}

// pollSoon begins to poll, if there is anything to poll and it is not done yet.
func (p *Pane) pollSoon() tea.Cmd {
	if p.report != p.s.Detected {
		p.stop()
		p.report, p.live = p.s.Detected, nil
	}
	if !p.visible || p.polling || p.meters == nil || p.report == nil || len(p.report.GPUs) == 0 {
		return nil
	}
	p.polling = true
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.sampler = p.meters(*p.report)
	p.poll++
	return p.sample()
}

func (p *Pane) sample() tea.Cmd {
	ctx, sampler, request := p.ctx, p.sampler, p.poll
	if sampler == nil {
		return nil
	}
	return func() tea.Msg {
		live := sampler.Sample(ctx)
		return pane.Result{Pane: pane.Hardware, Request: request, Body: sampled{live}}
	}
}

func (p *Pane) takeSample(s sampled) tea.Cmd {
	p.live = s.live
	return pane.After(p.ctx, pollEvery, pane.Result{Pane: pane.Hardware, Request: p.poll, Body: pollDue{}})
}

// liveOf is the last sample of a detected GPU; nil when there is none.
func (p *Pane) liveOf(index int) *detect.Live {
	for i := range p.live {
		if p.live[i].Index == index {
			return &p.live[i]
		}
	}
	return nil
}
