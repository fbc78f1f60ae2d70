// Package pane is the contract between the root of the screen and its panes:
// what a pane must answer, how it binds keys, and the messages by which it
// says what happened. Panes do not know each other.
package pane

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/session"
)

// Pane is one tab. Update has a pointer receiver and returns only a command.
// Init comes once, when the pane is first shown, and not before the session is
// ready (catalog and engine are there; glossary and detection may still be
// missing). View fills exactly width × height cells and is never asked before
// Init. Keys reach Update only when the pane is shown; a Result comes also to
// a hidden one.
type Pane interface {
	Title() string
	Init(session.Session) tea.Cmd
	Update(tea.Msg) tea.Cmd
	SetSession(session.Session) tea.Cmd
	View(width, height int) string
	Bindings() []Binding // for the pane's present state
	Capturing() bool     // a text field has the keys
}

// MousePane is a pane that wants the mouse, in its own coordinates. The
// second result says whether the event was used.
type MousePane interface {
	Mouse(x, y int, msg tea.MouseMsg) (tea.Cmd, bool)
}

// ShownPane is a pane that wants to know whether it is on a focused screen, to
// poll only then. It is told after Init, at each change of tab, and when the
// terminal gains or loses the focus.
type ShownPane interface {
	Shown(bool) tea.Cmd
}

// ClosePane is a pane that holds something to give back at the end.
type ClosePane interface {
	Close()
}

// CursorPane is a pane that places the terminal's cursor, in its own
// coordinates; nil hides it.
type CursorPane interface {
	Cursor() *tea.Cursor
}

// TermPane is a pane that knows which glossary term lies under its cursor.
type TermPane interface {
	Term() string
}

// Binding is one key and all that is known of it: the handler, the footer,
// the help page, the palette and the README's table read the same list.
type Binding struct {
	key.Binding
	Group    string
	Do       func() tea.Cmd
	Disabled func() string // why it can't be used now; nil or "" = it can
	Footer   bool          // important enough for the footer
}
