package calculator_test

import (
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
	"runlocal/ui/calculator"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/uitest"
)

// world is the real catalog and the real engine, read once.
var world = sync.OnceValues(func() (session.Session, error) {
	c, err := catalog.Load()
	if err != nil {
		return session.Session{}, err
	}
	s := session.New()
	s.Catalog, s.Engine = c, sizing.NewEngine(c, runtimes.All(c)...)
	return s, nil
})

// driver plays the root: it runs commands at once, applies what the pane says
// to the session, and hands the session back.
type driver struct {
	t    testing.TB
	pane *calculator.Pane
	s    session.Session
	said []tea.Msg // what the pane said, the session's own messages included
	hold bool      // messages to the root are kept, not applied
}

// start opens the calculator with a model on a machine of these devices.
func start(t testing.TB, model string, devices ...string) *driver {
	t.Helper()
	s, err := world()
	if err != nil {
		t.Fatal(err)
	}
	if model != "" {
		if s.Model, err = s.Catalog.Model(model); err != nil {
			t.Fatal(err)
		}
	}
	var ds []*catalog.Device
	for _, name := range devices {
		d, err := s.Catalog.Device(name)
		if err != nil {
			t.Fatal(err)
		}
		ds = append(ds, d)
	}
	s.Rig = sizing.RigOf(ds, sizing.DefaultHost())
	d := &driver{t: t, pane: calculator.New(theme.New(true, false)), s: s}
	d.run(d.pane.Init(s))
	return d
}

// run carries out a command and all that follows from it.
func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.run(c)
		}
	case pane.Result:
		d.run(d.pane.Update(msg))
	default:
		d.said = append(d.said, msg)
		d.apply(msg)
	}
}

func (d *driver) apply(msg tea.Msg) {
	if set, ok := msg.(pane.SettingsChanged); ok && !d.hold {
		d.s.Settings = set.Settings
		d.run(d.pane.SetSession(d.s))
	}
}

// press sends keys, separated by blanks, as Bubble Tea spells them.
func (d *driver) press(keys string) {
	for _, k := range strings.Fields(keys) {
		d.run(d.pane.Update(uitest.Key(k)))
	}
}

// typed sends the letters of a text.
func (d *driver) typed(text string) {
	for _, r := range text {
		d.run(d.pane.Update(tea.KeyPressMsg{Code: r, Text: string(r)}))
	}
}

// frame is what the pane shows, without colours and without the blanks at the
// right.
func (d *driver) frame(width, height int) string {
	lines := strings.Split(ansi.Strip(d.pane.View(width, height)), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// line is the first line of an 80×22 frame that has the text.
func (d *driver) line(text string) string {
	for l := range strings.Lines(d.frame(80, 22)) {
		if strings.Contains(l, text) {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

// last is the last message of a type that the pane said.
func last[T any](d *driver) (T, bool) {
	for i := len(d.said) - 1; i >= 0; i-- {
		if m, ok := d.said[i].(T); ok {
			return m, true
		}
	}
	var none T
	return none, false
}
