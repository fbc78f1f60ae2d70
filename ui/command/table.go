package command

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// table lays cells out in columns, two blanks apart. Cells may carry styles.
type table struct {
	columns []column
	rows    [][]string
}

type column struct {
	head  string
	right bool // numbers stand under each other by their last digit
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// lines returns the head and the rows. Columns without a cell that says
// anything are left out.
func (t *table) lines(head lipgloss.Style) []string {
	widths := t.widths()
	row := func(cells []string, style *lipgloss.Style) string {
		var parts []string
		for i, c := range t.columns {
			if widths[i] == 0 {
				continue
			}
			pad := strings.Repeat(" ", max(0, widths[i]-ansi.StringWidth(cells[i])))
			text := cells[i]
			if style != nil {
				text = style.Render(text)
			}
			if c.right {
				parts = append(parts, pad+text)
			} else {
				parts = append(parts, text+pad)
			}
		}
		return strings.TrimRight(strings.Join(parts, "  "), " ")
	}
	heads := names(t.columns, func(c column) string { return c.head })
	lines := make([]string, 0, 1+len(t.rows))
	lines = append(lines, row(heads, &head))
	for _, cells := range t.rows {
		lines = append(lines, row(cells, nil))
	}
	return lines
}

// widths are the columns' widths in cells of the terminal; 0 for one that is
// empty in every row.
func (t *table) widths() []int {
	widths := make([]int, len(t.columns))
	for _, cells := range t.rows {
		for i, c := range cells {
			widths[i] = max(widths[i], ansi.StringWidth(c))
		}
	}
	for i, c := range t.columns {
		if widths[i] > 0 {
			widths[i] = max(widths[i], ansi.StringWidth(c.head))
		}
	}
	return widths
}
