package ui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/state"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// Root is the one Bubble Tea model of the program.
type Root struct {
	opt   Options
	ctx   context.Context
	stop  context.CancelFunc
	theme *theme.Theme
	s     session.Session

	tabs   []*tab
	active int
	layer  overlay // on top of the pane; nil = none

	width, height int
	focused       bool
	mouse         bool // we have the mouse, not the terminal
	grab          bool // a button went down in the pane and is not up yet

	note    note
	undo    []snapshot
	wait    wait
	places  places
	loadErr error

	remembered state.State
	saveAsked  int // request id of the last wish to save
}

// tab is a pane and whether it has been shown.
type tab struct {
	pane  pane.Pane
	begun bool
}

// note is a line in the footer until the next key.
type note struct {
	text string
	bad  bool
}

// snapshot is what undo goes back to.
type snapshot struct {
	rig      *sizing.Rig
	model    *catalog.Model
	file     *session.File
	settings sizing.Settings
}

// places is where the last frame put what can be clicked.
type places struct {
	tabs  []widget.Tab
	hints []widget.Hint
	rigAt int // column where the rig begins
}

// New makes the screen. It does no work: the catalog is read by a command
// after the first frame.
func New(o Options) *Root {
	o = o.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	r := &Root{opt: o, ctx: ctx, stop: stop, focused: true, mouse: !o.NoMouse}
	text := ""
	if !o.Fresh {
		r.remembered, text = o.Store.Load()
	}
	r.theme = theme.New(!r.remembered.Light, env(o.Environ, "NO_COLOR") != "")
	if text != "" {
		r.note = note{text, true}
	}
	r.s = session.New()
	for _, p := range o.Panes(r.theme) {
		r.tabs = append(r.tabs, &tab{pane: p})
	}
	r.active = r.tabOf(r.remembered.Tab)
	return r
}

// Init asks for the terminal's background. The catalog waits for the first
// frame: reading it takes every core, and the frame would come late.
func (r *Root) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, r.waitFor("reading the catalog"))
}

// Update routes a message; see route.
func (r *Root) Update(msg tea.Msg) (tea.Model, tea.Cmd) { return r, r.route(msg) }

// route is the whole order of precedence: the terminal's reports, then ctrl+c,
// then the overlay, a pane that captures text, the global keys, the pane.
func (r *Root) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return r.resize(msg)
	case tea.BackgroundColorMsg:
		return r.background(msg.IsDark())
	case tea.FocusMsg:
		return r.focus(true)
	case tea.BlurMsg:
		return r.focus(false)
	case tea.KeyPressMsg:
		return r.press(msg)
	case tea.MouseMsg:
		return r.mouseEvent(msg)
	}
	if cmd, ok := r.apply(msg); ok {
		return cmd
	}
	if r.layer != nil {
		return r.layer.Update(msg)
	}
	return r.toPane(msg)
}

// resize keeps the size; the first one is the sign that a frame is about to be
// drawn, and loading begins when it is out.
func (r *Root) resize(msg tea.WindowSizeMsg) tea.Cmd {
	first := r.width == 0
	r.width, r.height = msg.Width, msg.Height
	if !first {
		return nil
	}
	return func() tea.Msg {
		time.Sleep(firstFrame)
		return loadDue{}
	}
}

// firstFrame is the time that the first frame takes to reach the terminal: two
// turns of the renderer.
const firstFrame = 2 * time.Second / framesPerSecond

// press is route for keys.
func (r *Root) press(msg tea.KeyPressMsg) tea.Cmd {
	r.note = note{}
	if msg.String() == "ctrl+c" {
		return r.quit()
	}
	if r.layer != nil {
		return r.layer.Update(msg)
	}
	if r.capturing() {
		if b, ok := match(r.terminalBindings(), msg); ok {
			return b.Run()
		}
		return r.toPane(msg)
	}
	if b, ok := match(r.globals(), msg); ok {
		return b.Run()
	}
	return r.toPane(msg)
}

func match(bindings []pane.Binding, msg tea.KeyPressMsg) (pane.Binding, bool) {
	for i := range bindings {
		if key.Matches(msg, bindings[i].Binding) {
			return bindings[i], true
		}
	}
	return pane.Binding{}, false
}

func (r *Root) capturing() bool { return r.begun() && r.current().Capturing() }

func (r *Root) toPane(msg tea.Msg) tea.Cmd {
	if !r.begun() {
		return nil
	}
	return r.current().Update(msg)
}

func (r *Root) current() pane.Pane { return r.tabs[r.active].pane }

// begun tells whether the active pane has been started.
func (r *Root) begun() bool { return r.tabs[r.active].begun }

// tabOf is the index of a tab by its title, the first one when unknown.
func (r *Root) tabOf(title string) int {
	for i, t := range r.tabs {
		if t.pane.Title() == title {
			return i
		}
	}
	return 0
}

// show brings a tab to the front and starts its pane at the first time.
func (r *Root) show(i int) tea.Cmd {
	if i < 0 || i >= len(r.tabs) {
		return nil
	}
	var cmds []tea.Cmd
	if i != r.active {
		cmds = append(cmds, r.tell(r.active, false))
		r.active = i
		cmds = append(cmds, r.saveSoon())
	}
	cmds = append(cmds, r.begin(), r.tell(i, r.focused))
	return tea.Batch(cmds...)
}

// begin starts the active pane once the catalog is there.
func (r *Root) begin() tea.Cmd {
	t := r.tabs[r.active]
	if t.begun || !r.s.Ready() {
		return nil
	}
	t.begun = true
	return t.pane.Init(r.s)
}

// tell says to a pane whether it is on a focused screen.
func (r *Root) tell(i int, shown bool) tea.Cmd {
	if p, ok := r.tabs[i].pane.(pane.ShownPane); ok && r.tabs[i].begun {
		return p.Shown(shown)
	}
	return nil
}

func (r *Root) focus(focused bool) tea.Cmd {
	r.focused = focused
	return r.tell(r.active, focused)
}

// background restyles for the terminal's answer; the panes redraw what they
// keep when they see the theme's new generation.
func (r *Root) background(dark bool) tea.Cmd {
	if r.theme.Dark == dark {
		return nil
	}
	r.theme.SetDark(dark)
	return r.saveSoon()
}

func (r *Root) quit() tea.Cmd {
	r.close()
	return tea.Quit
}

// close ends what runs in the background.
func (r *Root) close() {
	r.stop()
	for _, t := range r.tabs {
		if p, ok := t.pane.(pane.ClosePane); ok && t.begun {
			p.Close()
		}
	}
}

// saveDelay is how long a change waits for the next before it is written.
const saveDelay = 700 * time.Millisecond
