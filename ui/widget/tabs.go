package widget

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/theme"
)

// Tab is where a tab was drawn.
type Tab struct{ From, To int }

// Tabs draws the names of the tabs with their numbers. With too little room
// the names of the others go and their numbers stay.
func Tabs(t *theme.Theme, names []string, active, width int) (string, []Tab) {
	short := TabsWidth(names) > width
	var b strings.Builder
	places := make([]Tab, len(names))
	at := 0
	for i, n := range names {
		label := " " + strconv.Itoa(i+1) + " " + n + " "
		if short && i != active {
			label = " " + strconv.Itoa(i+1) + " "
		}
		w := ansi.StringWidth(label)
		places[i] = Tab{at, at + w}
		at += w
		if i == active {
			b.WriteString(" " + t.Active.Underline(true).Render(strings.TrimSpace(label)) + " ")
			continue
		}
		b.WriteString(t.Dim.Render(label))
	}
	return Fit(b.String(), min(at, width)), places
}

// TabsWidth is the room that all names take.
func TabsWidth(names []string) int {
	w := 0
	for i, n := range names {
		w += tabWidth(i, n)
	}
	return w
}

func tabWidth(i int, name string) int {
	return len(strconv.Itoa(i+1)) + ansi.StringWidth(name) + 3
}
