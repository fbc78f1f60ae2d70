package uitest

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Screen drives the whole program's model. Commands run one after the other,
// so that what a key leads to has happened when Press returns.
type Screen struct {
	tb    testing.TB
	Model tea.Model
	W, H  int
	Quit  bool // the model asked to quit
}

// NewScreen starts a model in a window and runs what that leads to.
func NewScreen(tb testing.TB, m tea.Model, w, h int) *Screen {
	tb.Helper()
	s := &Screen{tb: tb, Model: m}
	s.Resize(w, h)
	s.run(m.Init())
	return s
}

// Resize changes the window.
func (s *Screen) Resize(w, h int) *Screen {
	s.W, s.H = w, h
	return s.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Send sends a message and runs what it causes.
func (s *Screen) Send(msg tea.Msg) *Screen {
	s.tb.Helper()
	s.run(func() tea.Msg { return msg })
	s.Model.View()
	return s
}

// Press presses keys, separated by blanks.
func (s *Screen) Press(keys string) *Screen {
	s.tb.Helper()
	for k := range strings.FieldsSeq(keys) {
		s.Send(Key(k))
	}
	return s
}

// Type types text, letter by letter.
func (s *Screen) Type(text string) *Screen {
	s.tb.Helper()
	for _, r := range text {
		s.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return s
}

func (s *Screen) run(cmd tea.Cmd) {
	s.tb.Helper()
	left := depth
	Drain(cmd, &left, func(msg tea.Msg) tea.Cmd {
		if _, ok := msg.(tea.QuitMsg); ok {
			s.Quit = true
			return nil
		}
		var next tea.Cmd
		s.Model, next = s.Model.Update(msg)
		return next
	})
	if left == 0 {
		s.tb.Fatalf("more than %d messages from one event", depth)
	}
}

// Frame is the screen as plain text.
func (s *Screen) Frame() string { return ansi.Strip(s.Model.View().Content) }

// Expect fails unless every text is found in the frame, in order.
func (s *Screen) Expect(texts ...string) *Screen {
	s.tb.Helper()
	expect(s.tb, s.Frame(), texts)
	return s
}

// Never fails if a text is found in the frame.
func (s *Screen) Never(texts ...string) *Screen {
	s.tb.Helper()
	for _, text := range texts {
		if strings.Contains(s.Frame(), text) {
			s.tb.Fatalf("%q stands in the frame:\n%s", text, s.Frame())
		}
	}
	return s
}

// Golden is the frame with the end of each line marked, for a golden file: a
// trailing blank erases and therefore matters.
func (s *Screen) Golden() string {
	return strings.ReplaceAll(s.Frame(), "\n", "¶\n") + "¶\n"
}
