package calculator

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// runtimes is the choice of a runtime while it is open: what the model would
// take in each.
type runtimes struct {
	list []candidate
	at   int
	top  int // line of the first one, as drawn last
}

// candidate is the model in one runtime.
type candidate struct {
	id, title, known string
	settings         sizing.Settings
	budget           sizing.Budget
	err              error
}

// openRuntimes asks every runtime that loads the model.
func (p *Pane) openRuntimes() tea.Cmd {
	if p.session.File != nil {
		return pane.Say(pane.Noted{Text: "this model is a GGUF file; choose it in Models to compare runtimes", Bad: true})
	}
	r := &runtimes{}
	for _, id := range p.now.engine.Runtimes() {
		c := p.candidate(id)
		if id == p.settings.Runtime {
			r.at = len(r.list)
		}
		r.list = append(r.list, c)
	}
	p.runtimes = r
	return nil
}

// candidate sizes the model for a runtime: as it was left there, else as the
// runtime starts by itself, with the present context and sequences.
func (p *Pane) candidate(id string) candidate {
	c := candidate{id: id, title: id, settings: p.settings}
	about, registered := p.now.engine.RuntimeAbout(id)
	if registered {
		c.title, c.known = about.Title, string(about.Label)
	}
	switch kept, left := p.kept[id]; {
	case id == p.settings.Runtime:
	case left:
		c.settings = kept
	case registered && !runsFiles(id):
		c.settings = about.Defaults
	case !runsFiles(p.settings.Runtime):
		c.settings = sizing.Defaults(request.DefaultQuant, p.settings.Ctx)
	}
	c.settings.Runtime, c.settings.Ctx, c.settings.Parallel = id, p.settings.Ctx, p.settings.Parallel
	c.budget, c.err = p.now.estimate(c.settings)
	return c
}

func (p *Pane) runtimeBindings() []pane.Binding {
	r, g := p.runtimes, pane.GroupAct
	step := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			r.at = (r.at + by + len(r.list)) % len(r.list)
			return nil
		}
	}
	shut := func() tea.Cmd { p.runtimes = nil; return nil }
	return []pane.Binding{
		pane.Bind("up k shift+tab", "↑↓", "move", pane.GroupMove, step(-1)).InFooter(),
		pane.Bind("down j tab", "↓", "down", pane.GroupMove, step(1)),
		pane.Bind("enter", "", "take it", g, p.takeRuntime).InFooter(),
		pane.Bind("esc r", "esc", "stay", g, shut).InFooter(),
	}
}

// takeRuntime goes on with the runtime under the cursor.
func (p *Pane) takeRuntime() tea.Cmd {
	c := p.runtimes.list[p.runtimes.at]
	p.runtimes = nil
	if c.id == p.settings.Runtime {
		return nil
	}
	p.kept[p.settings.Runtime] = p.settings
	return p.change("runtime", c.settings)
}

// runtimesView draws a row for each runtime under the head.
func (p *Pane) runtimesView(width, height int) []string {
	t, r := p.theme, p.runtimes
	out := []string{p.head(width), "", " " + t.Title.Render("The same model in"), ""}
	r.top = len(out)
	for i := range r.list {
		out = append(out, p.candidateRow(&r.list[i], i == r.at, width))
	}
	if c := &r.list[r.at]; c.err == nil {
		out = append(out, "")
		about, _ := p.now.engine.RuntimeAbout(c.id)
		for _, s := range append(widget.Wrap(c.budget.Reason, width-4), widget.Wrap(about.Known, width-4)...) {
			out = append(out, "  "+t.Dim.Render(s))
		}
	} else {
		out = append(out, "")
		for _, s := range widget.Wrap(c.err.Error(), width-4) {
			out = append(out, "  "+t.Dim.Render(s))
		}
	}
	return out[:min(len(out), height)]
}

// candidateRow is one runtime: the verdict's mark, its name, the precision, what
// it takes, how fast it would decode, and how well its rules are known.
func (p *Pane) candidateRow(c *candidate, here bool, width int) string {
	t := p.theme
	const name, quant, size, speed = 26, 12, 11, 16
	mark, taken, fast := theme.Mark(sizing.No), "", ""
	verdict := sizing.No
	if c.err == nil {
		verdict = c.budget.Verdict
		mark, taken = theme.Mark(verdict), units.Bytes(onCards(&c.budget))
		if d := c.budget.Speed.Decode; d.High > 0 {
			fast = units.Band(d.Low, d.High) + " t/s"
		}
	} else {
		taken = "not loaded"
	}
	text := widget.Fit(c.title, name) + widget.Fit(c.settings.Quant, quant) + widget.FitRight(taken, size)
	if width >= name+quant+size+speed+20 {
		text += "  " + widget.FitRight(fast, speed) + "  " + c.known
	}
	if here {
		return "▌" + t.Selected.Render(widget.Fit(mark+" "+text, width-2))
	}
	return " " + t.Verdict(verdict).Render(mark) + " " + widget.Fit(text, width-4)
}

// runtimesMouse takes a click on a row.
func (p *Pane) runtimesMouse(y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	click, ok := msg.(tea.MouseClickMsg)
	i := y - p.runtimes.top
	if !ok || click.Button != tea.MouseLeft || i < 0 || i >= len(p.runtimes.list) {
		return nil, false
	}
	if i == p.runtimes.at {
		return p.takeRuntime(), true
	}
	p.runtimes.at = i
	return nil, true
}
