package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/theme"
)

// Box draws a border with a title around lines, exactly width × height.
func Box(t *theme.Theme, title, hint string, lines []string, width, height int) []string {
	if width < 4 || height < 3 {
		return strings.Split(Block(lines, width, height), "\n")
	}
	inner := width - 4
	edge := t.Rule.Render("│")
	out := make([]string, 0, height)
	out = append(out, boxEdge(t, "╭", "╮", title, width, true))
	for i := range height - 2 {
		line := strings.Repeat(" ", inner)
		if i < len(lines) {
			line = Fit(lines[i], inner)
		}
		out = append(out, edge+" "+line+" "+edge)
	}
	return append(out, boxEdge(t, "╰", "╯", hint, width, false))
}

func boxEdge(t *theme.Theme, left, right, label string, width int, strong bool) string {
	if label == "" {
		return t.Rule.Render(left + strings.Repeat("─", width-2) + right)
	}
	label = ansi.Truncate(label, max(0, width-6), "…")
	style := t.Dim
	if strong {
		style = t.Active
	}
	rest := max(0, width-5-ansi.StringWidth(label))
	return t.Rule.Render(left+"─ ") + style.Render(label) + t.Rule.Render(" "+strings.Repeat("─", rest)+right)
}

// Over lays a box of lines over a frame, its left upper corner at (x, y).
func Over(frame string, box []string, x, y int) string {
	lines := strings.Split(frame, "\n")
	for i, b := range box {
		row := y + i
		if row < 0 || row >= len(lines) {
			continue
		}
		w, bw := ansi.StringWidth(lines[row]), ansi.StringWidth(b)
		lines[row] = ansi.Cut(lines[row], 0, x) + b + ansi.Cut(lines[row], x+bw, max(w, x+bw))
	}
	return strings.Join(lines, "\n")
}

// Rule is the vertical line between two parts that stand side by side.
func Rule(t *theme.Theme) string { return t.Rule.Render(" │ ") }
