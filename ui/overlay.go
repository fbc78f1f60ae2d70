package ui

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
	"runlocal/ui/theme"
)

// overlay is what lies over the pane and has all keys until it closes itself
// by sending closeLayer.
type overlay interface {
	Update(tea.Msg) tea.Cmd
	View(t *theme.Theme, width, height int) (box []string, x, y int)
	Bindings() []pane.Binding
	Cursor() *tea.Cursor // on the screen; nil hides it
}

// closeLayer closes the overlay and then does something.
type closeLayer struct{ then tea.Cmd }

// leave is the command that closes the overlay.
func leave(then tea.Cmd) tea.Cmd { return pane.Say(closeLayer{then}) }
