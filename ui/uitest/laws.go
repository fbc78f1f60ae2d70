package uitest

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/pane"
	"runlocal/ui/session"
)

// Laws checks what holds for every pane, whatever it shows.
func Laws(t *testing.T, make func() pane.Pane, s session.Session) {
	t.Helper()
	t.Run("fills its room", func(t *testing.T) {
		d := Start(t, make(), s)
		for _, w := range []int{1, 2, 3, 5, 10, 20, 38, 39, 59, 60, 79, 80, 99, 100, 101, 139, 200, 300} {
			for _, h := range []int{1, 2, 3, 5, 10, 18, 22, 58, 90} {
				Fills(t, d.Pane.View(w, h), w, h)
			}
		}
	})
	t.Run("keys", func(t *testing.T) { KeysDiffer(t, Start(t, make(), s).Pane.Bindings()) })
}

// Fills fails unless a frame has exactly h lines of at most w cells and no
// control characters but those of styles.
func Fills(t testing.TB, frame string, w, h int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("%d×%d: %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got > w {
			t.Fatalf("%d×%d: line %d is %d cells wide: %q", w, h, i, got, ansi.Strip(l))
		}
		for _, r := range ansi.Strip(l) {
			if r < ' ' || r == 0x7f {
				t.Fatalf("%d×%d: control character %U in line %d: %q", w, h, r, i, l)
			}
		}
	}
}

// KeysDiffer fails if two bindings share a key, or one has no help.
func KeysDiffer(t testing.TB, bindings []pane.Binding) {
	t.Helper()
	owner := map[string]string{}
	for _, b := range bindings {
		h := b.Help()
		if h.Key == "" || h.Desc == "" || b.Group == "" {
			t.Errorf("%v has no help: %+v, group %q", b.Keys(), h, b.Group)
		}
		for _, k := range b.Keys() {
			if other, taken := owner[k]; taken {
				t.Errorf("%s is bound twice: %q and %q", k, other, h.Desc)
			}
			owner[k] = h.Desc
		}
	}
}

// Printable fails unless every printable key reaches the text that a pane
// captures: shows reads the end of that text back.
func Printable(t testing.TB, d *Driver, shows func() string) {
	t.Helper()
	for r := rune('!'); r <= '~'; r++ {
		if !d.Pane.Capturing() {
			t.Fatalf("%q ended the capture", r-1)
		}
		d.Type(string(r))
		if got := shows(); !strings.HasSuffix(got, string(r)) {
			t.Fatalf("typed %q: the text is %q", r, got)
		}
	}
}
