package widget

import (
	"slices"
	"strings"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/theme"
)

// Column is one column of a List. The first one takes the room that the
// others leave, between its Width and Max; the others are Width cells wide.
type Column struct {
	Title string
	Width int
	Max   int  // of the first column; 0 = no limit
	Right bool // numbers
}

// Row is one row as it is to be drawn. It is asked for only while visible.
type Row struct {
	Sign      string // one cell before the text: a verdict's mark
	SignStyle lipgloss.Style
	Marked    bool
	Dim       bool
	Cells     []string // one for each column
	Matched   []int    // bytes of Cells[0] that a filter matched
}

// List draws a window of rows under a header and keeps the place of the
// cursor. It draws a row in one style, with stretches of another where
// something has a meaning of its own.
type List struct {
	Columns []Column
	SortBy  int  // column of the arrow; -1 = none
	Desc    bool // largest first
	Bare    bool // without the header

	cursor, offset int
	shift          int // columns scrolled away at the left, the first not counted
	length         int // rows at the last View
	drawn          drawn
}

// drawn is where things were at the last View, for the mouse and for pages.
type drawn struct {
	top, rows int
	columns   []span
	hidden    int
}

// span is a column's place on the screen.
type span struct{ column, from, to int }

const (
	listGutter = 3 // cursor or mark, sign, blank
	columnGap  = 2
)

// Cursor is the row under the cursor; 0 for an empty list.
func (l *List) Cursor() int { return l.cursor }

// SetCursor moves the cursor; n is the number of rows.
func (l *List) SetCursor(i, n int) {
	l.cursor = max(0, min(i, n-1))
}

// Page is the number of rows that were visible at the last View.
func (l *List) Page() int { return max(1, l.drawn.rows) }

// Width is the number of cells that all columns together would take.
func (l *List) Width() int {
	w := listGutter
	for i, c := range l.Columns {
		if i == 0 {
			w += max(c.Width, c.Max)
			continue
		}
		w += c.Width + columnGap
	}
	return w + 1
}

// View draws the header and the rows into exactly height lines of width cells.
func (l *List) View(t *theme.Theme, width, height, n int, focused bool, row func(int) Row) []string {
	l.length = n
	l.SetCursor(l.cursor, n)
	spans := l.layout(width)
	top := 1
	if l.Bare {
		top = 0
	}
	rows := max(0, height-top)
	l.scroll(rows, n)
	l.drawn = drawn{top: top, rows: min(rows, n-l.offset), columns: spans, hidden: l.drawn.hidden}

	lines := make([]string, 0, height)
	if height > 0 && !l.Bare {
		lines = append(lines, t.Dim.Render(Fit(l.header(spans), width)))
	}
	for i := l.offset; i < n && len(lines) < height; i++ {
		lines = append(lines, l.line(t, row(i), spans, width, i == l.cursor, focused))
	}
	return lines
}

// scroll keeps the cursor inside the window.
func (l *List) scroll(rows, n int) {
	if rows <= 0 {
		return
	}
	switch {
	case l.cursor < l.offset:
		l.offset = l.cursor
	case l.cursor >= l.offset+rows:
		l.offset = l.cursor - rows + 1
	}
	l.offset = max(0, min(l.offset, n-rows))
}

// layout chooses the columns that fit and gives them their places.
func (l *List) layout(width int) []span {
	if len(l.Columns) == 0 {
		return nil
	}
	first := l.Columns[0].Width
	l.shift = max(0, min(l.shift, len(l.Columns)-2))
	used, last := listGutter+first, 0
	for i := 1 + l.shift; i < len(l.Columns); i++ {
		if used+columnGap+l.Columns[i].Width > width {
			break
		}
		used += columnGap + l.Columns[i].Width
		last = i
	}
	l.drawn.hidden = 0
	if last < len(l.Columns)-1 {
		l.drawn.hidden = len(l.Columns) - 1 - max(last, l.shift)
	}
	first += max(0, width-used)
	if m := l.Columns[0].Max; m > 0 {
		first = min(first, m)
	}
	first = max(0, min(first, width-listGutter))
	spans := []span{{0, listGutter, listGutter + first}}
	at := listGutter + first
	for i := 1 + l.shift; i <= last; i++ {
		at += columnGap
		spans = append(spans, span{i, at, at + l.Columns[i].Width})
		at += l.Columns[i].Width
	}
	return spans
}

func (l *List) header(spans []span) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", listGutter))
	for i, s := range spans {
		c := l.Columns[s.column]
		title := c.Title
		if s.column == l.SortBy {
			arrow := "↑"
			if l.Desc {
				arrow = "↓"
			}
			title += " " + arrow
		}
		w := s.to - s.from
		switch {
		case i == 0:
			b.WriteString(Spread(title, l.more(w-ansi.StringWidth(title)-1), w))
		case c.Right:
			b.WriteString(strings.Repeat(" ", columnGap) + FitRight(title, w))
		default:
			b.WriteString(strings.Repeat(" ", columnGap) + Fit(title, w))
		}
	}
	return b.String()
}

// more says that columns are hidden, as long as there is room to.
func (l *List) more(room int) string {
	hint := ""
	if l.drawn.hidden > 0 {
		hint = "+" + plural(l.drawn.hidden, "column") + " →"
	}
	if l.shift > 0 {
		hint = strings.TrimSpace("← " + hint)
	}
	if ansi.StringWidth(hint) > room {
		return ""
	}
	return hint
}

// line draws one row.
func (l *List) line(t *theme.Theme, r Row, spans []span, width int, selected, focused bool) string {
	lead := " "
	switch {
	case r.Marked:
		lead = "✓"
	case selected && focused:
		lead = "▌"
	case selected:
		lead = "▏"
	}
	sign := r.Sign
	if sign == "" {
		sign = " "
	}
	uncut, nameAt, nameEnd := l.text(lead+sign+" ", r, spans)
	text := Fit(uncut, width)
	whole := sharedPrefix(text, uncut) // a narrow line ends in an ellipsis
	base, match, signStyle := (*lipgloss.Style)(nil), t.Match, r.SignStyle
	switch {
	case selected:
		base, match = &t.Selected, t.MatchSel
		signStyle = t.Selected.Foreground(r.SignStyle.GetForeground())
	case r.Dim:
		base = &t.Dim
	}
	runs := []Run{{0, len(lead), leadStyle(t, r.Marked, selected)}, {len(lead), len(lead) + len(sign), signStyle}}
	if nameEnd <= len(text) && len(r.Cells) > 0 {
		name := text[nameAt:nameEnd]
		name = name[:sharedPrefix(name, r.Cells[0])] // what was cut off has no letters to mark
		runs = append(runs, matchRuns(r.Matched, name, nameAt, match)...)
	}
	runs = slices.DeleteFunc(runs, func(r Run) bool { return r.End > whole })
	return Paint(text, base, runs)
}

// text puts the cells of a row at their places, and tells the bytes between
// which the first one stands.
func (l *List) text(lead string, r Row, spans []span) (text string, from, to int) {
	var b strings.Builder
	b.WriteString(lead)
	from, to = b.Len(), b.Len()
	for i, s := range spans {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", columnGap))
		}
		cell, w := "", s.to-s.from
		if s.column < len(r.Cells) {
			cell = r.Cells[s.column]
		}
		if l.Columns[s.column].Right {
			b.WriteString(FitRight(cell, w))
		} else {
			b.WriteString(Fit(cell, w))
		}
		if i == 0 {
			to = b.Len()
		}
	}
	return b.String(), from, to
}

func leadStyle(t *theme.Theme, marked, selected bool) lipgloss.Style {
	if selected {
		return t.Selected.Foreground(t.Active.GetForeground())
	}
	if marked {
		return t.Mark
	}
	return t.Plain
}

// sharedPrefix is how many bytes two texts begin alike with.
func sharedPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// matchRuns joins neighbouring matched letters of a text to runs; at is where
// the text stands in its line. A match is the first byte of a letter.
func matchRuns(matched []int, text string, at int, style lipgloss.Style) []Run {
	var runs []Run
	for _, i := range matched {
		if i >= len(text) {
			break
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		from, to := at+i, at+i+size
		if n := len(runs); n > 0 && runs[n-1].End >= from {
			runs[n-1].End = max(runs[n-1].End, to)
			continue
		}
		runs = append(runs, Run{from, to, style})
	}
	return runs
}
