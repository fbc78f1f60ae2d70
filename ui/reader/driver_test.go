package reader_test

import (
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/catalog"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
	"runlocal/ui/pane"
	"runlocal/ui/reader"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/uitest"
)

// world is the real catalog, engine and guide, read once.
var world = sync.OnceValues(func() (session.Session, error) {
	c, err := catalog.Load()
	if err != nil {
		return session.Session{}, err
	}
	s := session.New()
	s.Catalog, s.Engine = c, sizing.NewEngine(c, runtimes.All(c)...)
	if s.Glossary, err = glossary.Load(s.Engine, c); err != nil {
		return s, err
	}
	d, err := c.Device("RTX 4090")
	if err != nil {
		return s, err
	}
	s.Rig = sizing.RigOf([]*catalog.Device{d}, sizing.DefaultHost())
	return s, nil
})

// driver plays the root: it runs commands at once and notes what is said.
type driver struct {
	t    testing.TB
	pane *reader.Pane
	s    session.Session
	said []tea.Msg

	width, height int
}

// start opens the glossary on a screen of a size.
func start(t testing.TB, width, height int) *driver {
	t.Helper()
	s, err := world()
	if err != nil {
		t.Fatal(err)
	}
	return begin(t, s, theme.New(true, false), width, height)
}

func begin(t testing.TB, s session.Session, th *theme.Theme, width, height int) *driver {
	t.Helper()
	d := &driver{t: t, pane: reader.New(th, reader.Shelf{Title: pane.Glossary, Kinds: []string{"term"}, Asks: "find a term"}), s: s, width: width, height: height}
	cmd := d.pane.Init(s)
	d.pane.View(width, height) // the program draws before the first tick
	d.run(cmd)
	return d
}

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
	}
}

// press sends keys, separated by blanks, and draws after each.
func (d *driver) press(keys string) {
	for _, k := range strings.Fields(keys) {
		d.run(d.pane.Update(uitest.Key(k)))
		d.pane.View(d.width, d.height)
	}
}

func (d *driver) typed(text string) {
	for _, r := range text {
		d.run(d.pane.Update(tea.KeyPressMsg{Code: r, Text: string(r)}))
		d.pane.View(d.width, d.height)
	}
}

// frame is what the pane shows, without colours.
func (d *driver) frame() string {
	lines := strings.Split(ansi.Strip(d.pane.View(d.width, d.height)), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

func last[T any](d *driver) (T, bool) {
	for i := len(d.said) - 1; i >= 0; i-- {
		if m, ok := d.said[i].(T); ok {
			return m, true
		}
	}
	var none T
	return none, false
}
