package pane

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// After is a command that says a message after a while, or nothing when the
// context ends first. Bubble Tea's own timers can't be ended and would outlive
// the program.
func After(ctx context.Context, d time.Duration, msg tea.Msg) tea.Cmd {
	return func() tea.Msg {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
}
