// Package calculator is the pane that sizes a model: sliders for what can be
// chosen, bars for what it takes, the verdict, how far one could go, and the
// command that starts it so. Every figure on it comes from package sizing;
// nothing is computed here but where to draw it. It may import what panes may:
// session, pane, theme, widget and launch.
package calculator

import (
	"reflect"

	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
)

// Pane is the calculator.
type Pane struct {
	theme   *theme.Theme
	session session.Session

	// settings run ahead of the session's: a key that comes before the root
	// has answered the last one must build on it. sent are those that the root
	// has not handed back yet.
	settings sizing.Settings
	sent     []sizing.Settings
	now      *sized // what the settings come to; nil without a model

	focus string // the focused knob's key
	all   bool   // every precision, not only the common ones
	moved move
	edit  *edit  // nil: no number is being typed
	drag  string // the knob that the mouse holds

	answers answers // to the last question that was answered
	asking  bool    // a command is working one out
	known   map[string]answers

	work     *work                      // nil: the sliders are shown
	runtimes *runtimes                  // nil: they are not being chosen
	kept     map[string]sizing.Settings // of the runtimes that were left, by id
	zones    zones
}

// move is what the last move of a slider cost.
type move struct {
	knob  string
	bytes int64
	known bool
}

// New makes the pane. It does no work.
func New(t *theme.Theme) *Pane {
	return &Pane{theme: t, focus: keyContext, known: map[string]answers{}, kept: map[string]sizing.Settings{}}
}

// Title names the tab.
func (p *Pane) Title() string { return pane.Calculator }

// Init takes the first session.
func (p *Pane) Init(s session.Session) tea.Cmd {
	p.session = s
	return p.adopt(s.Settings)
}

// SetSession takes a new session. Settings that this pane sent itself come
// back here; they must not undo what has been moved since.
func (p *Pane) SetSession(s session.Session) tea.Cmd {
	other := p.session.Model != s.Model || p.session.Rig != s.Rig
	p.session = s
	if i := p.echo(s.Settings); i >= 0 {
		p.sent = append(p.sent[:i:i], p.sent[i+1:]...)
		if len(p.sent) == 0 && !same(s.Settings, p.settings) {
			// The root took our messages in another order than we sent them.
			return tea.Batch(p.refresh(), p.send())
		}
		if !other {
			return nil
		}
		return p.refresh()
	}
	if !other && same(s.Settings, p.settings) {
		return nil
	}
	return p.adopt(s.Settings)
}

// echo is the place of settings among those sent; -1 when they are not ours.
func (p *Pane) echo(s sizing.Settings) int {
	for i := range p.sent {
		if same(p.sent[i], s) {
			return i
		}
	}
	return -1
}

// adopt takes settings from outside.
func (p *Pane) adopt(s sizing.Settings) tea.Cmd {
	p.settings, p.sent, p.moved, p.edit, p.drag = s, nil, move{}, nil, ""
	return p.refresh()
}

// refresh computes what the present settings come to, and asks for the rest.
func (p *Pane) refresh() tea.Cmd {
	if p.session.Model == nil {
		p.now, p.work, p.runtimes = nil, nil, nil
		return nil
	}
	p.now = size(p.session, p.settings, p.all)
	if p.now.knob(p.focus) == nil {
		p.focus = keyContext
	}
	return p.ask()
}

// change moves to other settings, notes what that cost, and tells the root,
// unless a drag is under way: then only where it ends is told.
func (p *Pane) change(knob string, s sizing.Settings) tea.Cmd {
	if same(s, p.settings) {
		return nil
	}
	before := p.now
	p.settings = s
	cmd := p.refresh()
	p.moved = move{knob: knob}
	if before.err == nil && p.now.err == nil {
		p.moved.bytes = costOf(knob, &p.now.budget) - costOf(knob, &before.budget)
		p.moved.known = true
	}
	if p.drag != "" {
		return cmd
	}
	return tea.Batch(cmd, p.send())
}

// send tells the root the present settings.
func (p *Pane) send() tea.Cmd {
	p.sent = append(p.sent, p.settings)
	return pane.Say(pane.SettingsChanged{Settings: p.settings})
}

// Update takes keys and answers.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pane.Result:
		return p.answered(msg)
	case tea.KeyPressMsg:
		p.moved = move{}
		if p.edit != nil {
			return p.editKey(msg)
		}
		if cmd, ok := pane.Dispatch(p.Bindings(), msg); ok {
			return cmd
		}
		return p.typed(msg)
	case tea.PasteMsg:
		if p.edit != nil {
			p.edit.field.Update(msg)
		}
	}
	return nil
}

// Capturing tells whether a number is being typed.
func (p *Pane) Capturing() bool { return p.edit != nil }

// Term is the glossary's word for the focused slider.
func (p *Pane) Term() string {
	if p.now == nil {
		return "vram"
	}
	return p.now.knob(p.focus).term
}

// same tells whether two settings are equal.
func same(a, b sizing.Settings) bool { return reflect.DeepEqual(a, b) }
