package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/pane"
	"runlocal/ui/theme"
)

// Hint is where a footer hint was drawn, and the binding it stands for.
type Hint struct {
	From, To int
	Binding  pane.Binding
}

// Hints draws the bindings that belong in the footer, as many as fit, and says
// where each stands. The last ones (help, quit) are kept when room is short.
func Hints(t *theme.Theme, bindings []pane.Binding, width, keep int) (string, []Hint) {
	shown := fitting(bindings, width, keep)
	var b strings.Builder
	var hints []Hint
	at := 1
	b.WriteByte(' ')
	for i, bind := range shown {
		if i > 0 {
			b.WriteString("  ")
			at += 2
		}
		h := bind.Help()
		w := hintWidth(bind)
		hints = append(hints, Hint{at, at + w, bind})
		at += w
		text := t.Dim
		if bind.Why() != "" {
			b.WriteString(text.Render(h.Key + " " + h.Desc))
			continue
		}
		b.WriteString(t.Key.Render(h.Key) + " " + text.Render(h.Desc))
	}
	return Fit(b.String(), width), hints
}

func hintWidth(b pane.Binding) int {
	h := b.Help()
	return ansi.StringWidth(h.Key) + 1 + ansi.StringWidth(h.Desc)
}

// fitting drops hints from the middle until the rest fits.
func fitting(bindings []pane.Binding, width, keep int) []pane.Binding {
	var all []pane.Binding
	for _, b := range bindings {
		if b.Footer && b.Enabled() {
			all = append(all, b)
		}
	}
	total := 1
	for i, b := range all {
		total += hintWidth(b)
		if i > 0 {
			total += 2
		}
	}
	for total > width && len(all) > keep {
		i := len(all) - keep - 1
		total -= hintWidth(all[i]) + 2
		all = append(all[:i:i], all[i+1:]...)
	}
	return all
}
