package calculator

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
	"runlocal/ui/pane"
	"runlocal/ui/widget"
)

// Bindings are the keys of the sliders, or of the work while that is open.
func (p *Pane) Bindings() []pane.Binding {
	switch {
	case p.now == nil:
		return []pane.Binding{
			pane.Bind("enter", "", "choose a model", pane.GroupAct, open(pane.Models)).InFooter(),
		}
	case p.work != nil:
		return p.workBindings()
	case p.runtimes != nil:
		return p.runtimeBindings()
	}
	return append(p.moveBindings(), p.actBindings()...)
}

func (p *Pane) moveBindings() []pane.Binding {
	bind := func(keys, label, help string, do func() tea.Cmd) pane.Binding {
		return pane.Bind(keys, label, help, pane.GroupMove, do)
	}
	focused := p.now.knob(p.focus)
	return []pane.Binding{
		bind("up k shift+tab", "↑↓", "slider", p.focusBy(-1)).InFooter(),
		bind("down j tab", "↓", "the slider below", p.focusBy(1)),
		bind("left h -", "←→", "change", p.stepBy(-1)).InFooter(),
		bind("right l +", "→", "change, upwards", p.stepBy(1)),
		bind("shift+left", "shift+←→", focused.far, p.fineBy(-1)).InFooter(),
		bind("shift+right", "shift+→", focused.far+", upwards", p.fineBy(1)),
		bind("home g", "home", "least", p.toStop(func(*knob) int { return 0 })),
		bind("end G", "end", "most", p.toStop(func(k *knob) int { return k.stops - 1 })),
		bind("pgdown ctrl+d", "pgdn", "to where the verdict changes, up", p.toBoundary(1)),
		bind("pgup ctrl+u", "pgup", "to where the verdict changes, down", p.toBoundary(-1)),
		bind("0", "", "back to the usual value", func() tea.Cmd { return p.change(p.focus, p.now.knob(p.focus).reset) }),
		bind("e", "", "type a value (32k, max)", func() tea.Cmd { return p.begin("") }),
	}
}

func (p *Pane) actBindings() []pane.Binding {
	bind := func(keys, label, help string, do func() tea.Cmd) pane.Binding {
		return pane.Bind(keys, label, help, pane.GroupAct, do)
	}
	return []pane.Binding{
		bind("w =", "w", "the work", p.openWork).InFooter(),
		bind("r", "", "runtimes", p.openRuntimes).InFooter(),
		bind("y", "", "copy the command", p.copyCommand).InFooter().Unless(p.noBudget),
		bind("Y", "", "copy the panel as text", p.copyPanel),
		bind("enter", "", "model", open(pane.Models)).InFooter(),
		bind("a", "", "all precisions or the common ones", p.toggleAll),
	}
}

// open leaves for another tab.
func open(tab string) func() tea.Cmd {
	return func() tea.Cmd { return pane.Say(pane.Open{Tab: tab}) }
}

func (p *Pane) noBudget() string {
	if p.now.err != nil {
		return "nothing to copy: " + p.now.err.Error()
	}
	return ""
}

func (p *Pane) focusBy(dir int) func() tea.Cmd {
	return func() tea.Cmd {
		knobs := p.now.knobs
		for i := range knobs {
			if knobs[i].key == p.focus {
				p.focus = knobs[(i+dir+len(knobs))%len(knobs)].key
				break
			}
		}
		return nil
	}
}

func (p *Pane) stepBy(dir int) func() tea.Cmd {
	return func() tea.Cmd { return p.change(p.focus, p.now.knob(p.focus).step(dir)) }
}

func (p *Pane) fineBy(dir int) func() tea.Cmd {
	return func() tea.Cmd { return p.change(p.focus, p.now.knob(p.focus).fine(dir)) }
}

func (p *Pane) toStop(which func(*knob) int) func() tea.Cmd {
	return func() tea.Cmd {
		k := p.now.knob(p.focus)
		return p.change(p.focus, k.with(which(k)))
	}
}

// toBoundary jumps to the next stop with another verdict. It asks the engine
// itself, so that it never goes by an old answer.
func (p *Pane) toBoundary(dir int) func() tea.Cmd {
	return func() tea.Cmd {
		k := p.now.knob(p.focus)
		track := make([]sizing.Verdict, k.stops)
		for i := range track {
			track[i] = p.now.verdict(k.with(i))
		}
		s := widget.Slider{Stops: k.stops, Verdicts: track}
		return p.change(p.focus, k.with(s.Boundary(k.stop(), dir)))
	}
}

// toggleAll shows every precision, or the common ones again.
func (p *Pane) toggleAll() tea.Cmd {
	p.all = !p.all
	return p.refresh()
}
