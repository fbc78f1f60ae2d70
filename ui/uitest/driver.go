// Package uitest drives panes and the whole screen in tests, without a
// terminal, a program or a goroutine: messages in, frame out. Only tests
// import it.
package uitest

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/pane"
	"runlocal/ui/session"
)

// depth bounds how many messages one key may cause.
const depth = 2000

// Driver drives one pane. Messages that a root would act on end in Said.
type Driver struct {
	tb   testing.TB
	Pane pane.Pane
	Said []tea.Msg
	W, H int
}

// Start begins a pane with a session at 80×24, as the root does.
func Start(tb testing.TB, p pane.Pane, s session.Session) *Driver {
	tb.Helper()
	d := &Driver{tb: tb, Pane: p, W: 80, H: 24}
	d.run(p.Init(s))
	if sp, ok := p.(pane.ShownPane); ok {
		d.run(sp.Shown(true))
	}
	d.Frame()
	return d
}

// Size sets the room that the pane has.
func (d *Driver) Size(w, h int) *Driver {
	d.W, d.H = w, h
	d.Frame()
	return d
}

// Session hands the pane another session.
func (d *Driver) Session(s session.Session) *Driver {
	d.run(d.Pane.SetSession(s))
	return d
}

// Press presses keys, separated by blanks and spelled as in a key map: "j j
// ctrl+d enter". A frame is drawn after each, as in the real program.
func (d *Driver) Press(keys string) *Driver {
	d.tb.Helper()
	for k := range strings.FieldsSeq(keys) {
		d.Send(Key(k))
	}
	return d
}

// Type types text, letter by letter.
func (d *Driver) Type(text string) *Driver {
	for _, r := range text {
		d.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

// Send sends a message and runs what it causes.
func (d *Driver) Send(msg tea.Msg) *Driver {
	d.tb.Helper()
	if m, ok := msg.(tea.MouseMsg); ok {
		if mp, ok := d.Pane.(pane.MousePane); ok {
			cmd, _ := mp.Mouse(m.Mouse().X, m.Mouse().Y, m)
			d.run(cmd)
		}
	} else {
		d.run(d.Pane.Update(msg))
	}
	d.Frame()
	return d
}

func (d *Driver) run(cmd tea.Cmd) {
	d.tb.Helper()
	left := depth
	Drain(cmd, &left, func(msg tea.Msg) tea.Cmd {
		if _, ok := msg.(pane.Result); ok {
			return d.Pane.Update(msg)
		}
		d.Said = append(d.Said, msg)
		return nil
	})
	if left == 0 {
		d.tb.Fatalf("more than %d messages from one key", depth)
	}
}

// Frame is the pane as plain text.
func (d *Driver) Frame() string { return ansi.Strip(d.Pane.View(d.W, d.H)) }

// Expect fails unless every line of text is found in the frame, in order.
func (d *Driver) Expect(lines ...string) *Driver {
	d.tb.Helper()
	expect(d.tb, d.Frame(), lines)
	return d
}

// Never fails if a text is found in the frame.
func (d *Driver) Never(texts ...string) *Driver {
	d.tb.Helper()
	for _, s := range texts {
		if strings.Contains(d.Frame(), s) {
			d.tb.Fatalf("%q stands in the frame:\n%s", s, d.Frame())
		}
	}
	return d
}

func expect(tb testing.TB, frame string, lines []string) {
	tb.Helper()
	rest := frame
	for _, want := range lines {
		at := strings.Index(rest, want)
		if at < 0 {
			tb.Fatalf("want %q (in this order: %q) in the frame:\n%s", want, lines, frame)
		}
		rest = rest[at+len(want):]
	}
}

// Drain runs a command and all that it causes, one after the other. Batches
// and sequences are taken apart; commands that only wait are dropped. apply
// gives a message to whom it belongs and returns what that causes.
func Drain(cmd tea.Cmd, left *int, apply func(tea.Msg) tea.Cmd) {
	if cmd == nil || *left == 0 || waits(cmd) {
		return
	}
	*left--
	msg := cmd()
	if msg == nil {
		return
	}
	// A batch or a sequence is a slice of commands; the sequence's type is not
	// exported.
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		for i := range v.Len() {
			Drain(v.Index(i).Interface().(tea.Cmd), left, apply)
		}
		return
	}
	Drain(apply(msg), left, apply)
}

// waits tells whether a command is a timer, ours or Bubble Tea's.
func waits(cmd tea.Cmd) bool {
	f := runtime.FuncForPC(reflect.ValueOf(cmd).Pointer())
	if f == nil {
		return false
	}
	name := f.Name()
	// An inlined function's closure is named after the caller and it.
	for _, timer := range []string{"ui/pane.After.", ".After.func", "bubbletea/v2.Tick", ".Tick.func", "bubbletea/v2.Every"} {
		if strings.Contains(name, timer) {
			return true
		}
	}
	return false
}
