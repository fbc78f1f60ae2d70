package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"runlocal/catalog/detect"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
)

// sampler gives what moves: detect.Poller, or a test's own.
type sampler interface {
	Sample(ctx context.Context) []detect.Live
	RAM(ctx context.Context) (used, total int64)
}

// meters draws the live state of a machine again and again in the same place.
type meters struct {
	report detect.Report
	theme  *theme.Theme
	out    io.Writer
	width  func() int // of the terminal, cells

	drawn, drawnWidth int // lines that stand on the screen, and their width
}

// watch draws at once and then at every tick, until ctx ends. That is no
// error: it is how the user leaves.
func (m *meters) watch(ctx context.Context, s sampler, ticks <-chan time.Time) error {
	for {
		live := s.Sample(ctx)
		used, total := s.RAM(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := m.draw(m.lines(live, used, total)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
		}
	}
}

// draw puts the lines over the last ones. After a change of width the terminal
// may have wrapped those, so that they cannot be found again: then the lines
// are drawn anew below.
func (m *meters) draw(lines []string) error {
	var b strings.Builder
	width := m.width()
	if m.drawn > 0 && m.drawnWidth == width {
		fmt.Fprintf(&b, "\x1b[%dA", m.drawn)
	}
	b.WriteString("\r\x1b[J")
	for _, l := range lines {
		// One cell less than the terminal has: a full last column makes some
		// terminals wrap.
		b.WriteString(ansi.Truncate(l, max(1, width-1), "…"))
		b.WriteString("\x1b[0m\n")
	}
	m.drawn, m.drawnWidth = len(lines), width
	if _, err := io.WriteString(m.out, b.String()); err != nil {
		return fmt.Errorf("draw the meters: %w", err)
	}
	return nil
}

// lines are one for each GPU, one for the RAM, one for the way out.
func (m *meters) lines(live []detect.Live, used, total int64) []string {
	names := make([]string, 0, len(m.report.GPUs)+1)
	for i, g := range m.report.GPUs {
		names = append(names, fmt.Sprintf("%d %s", i, oneLine(g.Name)))
	}
	names = append(names, "  RAM")
	wide := 0
	for _, n := range names {
		wide = max(wide, ansi.StringWidth(n))
	}
	wide = min(wide, max(8, m.width()/3))
	var lines []string
	for i, g := range m.report.GPUs {
		var l detect.Live
		if i < len(live) {
			l = live[i]
		}
		lines = append(lines, m.fit(pad(names[i], wide), m.gpu(g, l)))
	}
	lines = append(lines, m.fit(pad(names[len(names)-1], wide), []string{m.memory(&used, total)}))
	return append(lines, m.theme.Dim.Render("ctrl+c ends"))
}

// fit joins the name and as many of the cells as the width takes.
func (m *meters) fit(name string, cells []string) string {
	line := name
	for _, c := range cells {
		if ansi.StringWidth(line)+2+ansi.StringWidth(c) >= m.width() {
			break
		}
		line += "  " + c
	}
	return line
}

// gpu is a GPU's cells, the most important first. What is not known is said
// with a dash, so that nothing jumps when it comes.
func (m *meters) gpu(g detect.GPU, l detect.Live) []string {
	cells := []string{m.memory(l.Used, g.Memory.Capacity())}
	load := 0.0
	if l.Load != nil {
		load = *l.Load / 100
	}
	cells = append(cells, "load "+m.meter(load, 10)+fmt.Sprintf(" %5s", orDash(withUnit(l.Load, "%"))))
	cells = append(cells, fmt.Sprintf("%5s", orDash(withUnit(l.Temperature, "°C"))))
	cells = append(cells, fmt.Sprintf("%12s", orDash(powerText(l.Watts, g.WattsLimit))))
	if l.CoreMHz > 0 {
		cells = append(cells, fmt.Sprintf("%9s", units.Count(l.CoreMHz)+" MHz"))
	}
	return cells
}

func (m *meters) memory(used *int64, total int64) string {
	share, taken, all := 0.0, "-", "-"
	if total > 0 {
		all = gibText(total)
	}
	if used != nil {
		taken = gibText(*used)
	}
	if used != nil && total > 0 {
		share = float64(*used) / float64(total)
	}
	return m.meter(share, 20) + fmt.Sprintf(" %5s of %5s GiB", taken, all)
}

// gibText is a size in GiB with one digit, so that it does not jump in width.
func gibText(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<30)) }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// meter is a bar of so many cells, filled in eighths.
func (m *meters) meter(share float64, cells int) string {
	share = min(max(share, 0), 1)
	eighths := int(share*float64(cells)*8 + 0.5)
	full, part := eighths/8, eighths%8
	bar := strings.Repeat("█", full)
	if part > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[part-1])
	}
	style := m.theme.Good
	switch {
	case share >= 0.95:
		style = m.theme.Error
	case share >= 0.8:
		style = m.theme.Warn
	}
	rest := cells - full
	if part > 0 {
		rest--
	}
	return style.Render(bar) + m.theme.Dim.Render(strings.Repeat("·", rest))
}

// pad makes a text exactly so many cells wide.
func pad(s string, width int) string {
	s = ansi.Truncate(s, width, "…")
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}
