// Package widget holds the pieces that panes draw with: lists, text fields,
// boxes, hints. Each renders into a width and a height that it is given and
// keeps no size of its own. It may import theme and pane, and the libraries
// that measure and draw text.
package widget

import (
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Fit cuts or pads plain or styled text to exactly width cells. What is cut
// ends with an ellipsis.
func Fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	w := ansi.StringWidth(s)
	switch {
	case w > width:
		s = ansi.Truncate(s, width, "…")
		return s + strings.Repeat(" ", width-ansi.StringWidth(s))
	case w < width:
		return s + strings.Repeat(" ", width-w)
	default:
		return s
	}
}

// FitRight is Fit with the text at the right edge.
func FitRight(s string, width int) string {
	w := ansi.StringWidth(s)
	if w >= width {
		return Fit(s, width)
	}
	return strings.Repeat(" ", width-w) + s
}

// Block makes lines exactly width × height: short lines are padded, long ones
// cut, missing ones blank.
func Block(lines []string, width, height int) string {
	if height <= 0 {
		return ""
	}
	blank := strings.Repeat(" ", max(0, width))
	var b strings.Builder
	for i := range height {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i < len(lines) {
			b.WriteString(Fit(lines[i], width))
		} else {
			b.WriteString(blank)
		}
	}
	return b.String()
}

// Beside puts blocks of lines next to each other with a rule between them.
// Widths are of the blocks, the rule not counted.
func Beside(left, right []string, leftWidth, rightWidth, height int, rule string) []string {
	out := make([]string, height)
	at := func(lines []string, i, w int) string {
		if i < len(lines) {
			return Fit(lines[i], w)
		}
		return strings.Repeat(" ", max(0, w))
	}
	for i := range out {
		out[i] = at(left, i, leftWidth) + rule + at(right, i, rightWidth)
	}
	return out
}

// Spread puts one text at the left and one at the right edge of a line. The
// left one gives way.
func Spread(left, right string, width int) string {
	rw := ansi.StringWidth(right)
	if rw == 0 {
		return Fit(left, width)
	}
	if rw >= width {
		return Fit(right, width)
	}
	return Fit(left, width-rw) + right
}

// Clean takes control characters out of text from files, so that a record
// cannot steer the terminal. Tabs and line breaks become blanks.
func Clean(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 && !strings.ContainsRune(s, '\u2028') {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u2028':
			return ' '
		case unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, s)
}

// Wrap breaks text at blanks into lines of at most width cells.
func Wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(Clean(s), width, ""), "\n")
}

// Run is a stretch of a plain line in a style of its own, in bytes.
type Run struct {
	Start, End int
	Style      lipgloss.Style
}

// Paint styles stretches of a plain line and leaves the rest in base; runs are
// in order and do not overlap. A nil base leaves the rest as it is.
func Paint(line string, base *lipgloss.Style, runs []Run) string {
	rest := func(s string) string {
		if base == nil || s == "" {
			return s
		}
		return base.Render(s)
	}
	var b strings.Builder
	at := 0
	for _, r := range runs {
		start, end := max(r.Start, at), min(r.End, len(line))
		if start >= end {
			continue
		}
		b.WriteString(rest(line[at:start]))
		b.WriteString(r.Style.Render(line[start:end]))
		at = end
	}
	b.WriteString(rest(line[at:]))
	return b.String()
}
