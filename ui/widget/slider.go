package widget

import (
	"math"
	"strings"

	"charm.land/lipgloss/v2"

	"runlocal/sizing"
	"runlocal/ui/theme"
)

// Slider draws a track with stops at equal distances. The line changes its
// shape and colour with the verdict at each stop, and a tick stands where the
// verdict changes, so that one sees how far one can go before trying.
type Slider struct {
	Stops    int
	At       float64          // the thumb, 0 to Stops-1; between two stops where the value is
	Verdicts []sizing.Verdict // of each stop; shorter or nil: not known yet
	Focused  bool
	Auto     bool // the value was chosen by the planner: a hollow thumb
}

// tick marks where the verdict changes.
const tick = "┆"

// trackLine is how the line looks under a verdict: the less it fits, the
// thinner, so that it reads without colour.
func trackLine(v sizing.Verdict) string {
	switch v {
	case sizing.Tight:
		return "╌"
	case sizing.Offload:
		return "┄"
	case sizing.No:
		return "·"
	default:
		return "─"
	}
}

// View draws the slider into exactly width cells.
func (s Slider) View(t *theme.Theme, width int) string {
	n := width - 2
	if n < 1 {
		return Fit(s.thumb(), width)
	}
	var b, run strings.Builder
	rule, thumb := t.Rule, s.thumbStyle(t)
	b.WriteString(rule.Render("├"))
	style := rule
	flush := func(next lipgloss.Style) {
		if run.Len() > 0 {
			b.WriteString(style.Render(run.String()))
			run.Reset()
		}
		style = next
	}
	at, ticks, last := s.cell(s.At, n), s.ticks(n), sizing.Verdict("\x00")
	for c := range n {
		v := s.verdict(s.stopNear(c, n))
		switch {
		case c == at:
			flush(thumb)
			run.WriteString(s.thumb())
			last = "\x00"
		case ticks[c]:
			flush(t.Bold)
			run.WriteString(tick)
			last = "\x00"
		default:
			if v != last {
				flush(s.lineStyle(t, v))
				last = v
			}
			run.WriteString(trackLine(v))
		}
	}
	flush(rule)
	b.WriteString(rule.Render("┤"))
	return b.String()
}

// StopAt is the stop nearest to cell x of a view that is width cells wide.
// Cells outside the track count as its ends.
func (s Slider) StopAt(x, width int) int {
	n := max(1, width-2)
	return s.stopNear(min(max(x-1, 0), n-1), n)
}

// Boundary is the stop where the verdict is another one than at from, in the
// direction dir (-1 or 1); the last stop that way when it never changes.
func (s Slider) Boundary(from, dir int) int {
	last := s.Stops - 1
	i := min(max(from, 0), last)
	v := s.verdict(i)
	for ; i+dir >= 0 && i+dir <= last; i += dir {
		if s.verdict(i+dir) != v {
			return i + dir
		}
	}
	return i
}

func (s Slider) thumb() string {
	if s.Auto {
		return "○"
	}
	return "●"
}

// thumbStyle is the accent under focus and the verdict's colour otherwise.
func (s Slider) thumbStyle(t *theme.Theme) lipgloss.Style {
	if s.Focused {
		return t.Active.Underline(false)
	}
	return t.Verdict(s.verdict(int(math.Round(s.At))))
}

func (s Slider) lineStyle(t *theme.Theme, v sizing.Verdict) lipgloss.Style {
	if v == "" {
		return t.Rule
	}
	return t.Verdict(v)
}

func (s Slider) verdict(stop int) sizing.Verdict {
	if stop < 0 || stop >= len(s.Verdicts) {
		return ""
	}
	return s.Verdicts[stop]
}

// cell is where a position among the stops lies on n cells.
func (s Slider) cell(at float64, n int) int {
	if s.Stops < 2 {
		return 0
	}
	last := float64(s.Stops - 1)
	return int(math.Round(min(max(at, 0), last) / last * float64(n-1)))
}

// stopNear is the stop nearest to a cell of n.
func (s Slider) stopNear(c, n int) int {
	if s.Stops < 2 || n < 2 {
		return 0
	}
	return int(math.Round(float64(c) / float64(n-1) * float64(s.Stops-1)))
}

// ticks are the cells with a tick: half-way between two stops whose verdicts
// differ.
func (s Slider) ticks(n int) map[int]bool {
	out := map[int]bool{}
	for i := 1; i < len(s.Verdicts) && i < s.Stops; i++ {
		if s.Verdicts[i] == s.Verdicts[i-1] {
			continue
		}
		out[(s.cell(float64(i-1), n)+s.cell(float64(i), n)+1)/2] = true
	}
	return out
}
