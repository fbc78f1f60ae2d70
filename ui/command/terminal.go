package command

import (
	"os"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/term"
)

// darkBackground asks the terminal; dark where it does not answer.
func (a *App) darkBackground() bool { return lipgloss.HasDarkBackground(os.Stdin, os.Stdout) }

// width is how wide prose is laid out, cells.
func (a *App) width() int {
	const usual = 80
	w, _, err := term.GetSize(os.Stdout.Fd())
	if err != nil || w <= 0 {
		return usual
	}
	return min(w, widest)
}
