package widget_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"runlocal/sizing"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

const (
	fits    = sizing.Comfortable
	tight   = sizing.Tight
	offload = sizing.Offload
	no      = sizing.No
)

func TestSliderShowsWhereTheVerdictChanges(t *testing.T) {
	th := theme.New(true, true)
	for _, c := range []struct {
		say  string
		s    widget.Slider
		want string
	}{
		{"nothing known", widget.Slider{Stops: 9, At: 4}, "├────────●────────┤"},
		{"first stop", widget.Slider{Stops: 9}, "├●────────────────┤"},
		{"last stop", widget.Slider{Stops: 9, At: 8}, "├────────────────●┤"},
		{"between two stops", widget.Slider{Stops: 9, At: 4.5}, "├─────────●───────┤"},
		{"planner's choice", widget.Slider{Stops: 9, At: 8, Auto: true}, "├────────────────○┤"},
		{"one stop", widget.Slider{Stops: 1}, "├●────────────────┤"},
		{"outside", widget.Slider{Stops: 9, At: 99}, "├────────────────●┤"},
		{"all four verdicts", widget.Slider{Stops: 9, At: 0,
			Verdicts: []sizing.Verdict{fits, fits, fits, tight, tight, offload, offload, no, no}}, "├●────┆╌╌╌┆┄┄┄┆···┤"},
		{"thumb before the tick", widget.Slider{Stops: 3, At: 1, Verdicts: []sizing.Verdict{fits, fits, no}}, "├────────●───┆····┤"},
	} {
		if got := ansi.Strip(c.s.View(th, 19)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.say, got, c.want)
		}
	}
}

func TestSliderBoundaries(t *testing.T) {
	s := widget.Slider{Stops: 6, Verdicts: []sizing.Verdict{fits, fits, tight, tight, no, no}}
	for _, c := range []struct{ from, dir, want int }{
		{0, 1, 2}, {1, 1, 2}, {2, 1, 4}, {4, 1, 5}, {5, 1, 5}, {5, -1, 3}, {3, -1, 1}, {1, -1, 0}, {0, -1, 0}, {-3, 1, 2},
	} {
		if got := s.Boundary(c.from, c.dir); got != c.want {
			t.Errorf("from %d towards %+d: %d, want %d", c.from, c.dir, got, c.want)
		}
	}
}

// Clicking on the thumb must not move it: the cell that a stop is drawn in
// belongs to that stop.
func TestSliderClicksHitTheStopThatIsDrawn(t *testing.T) {
	th := theme.New(true, true)
	rapid.Check(t, func(t *rapid.T) {
		stops := rapid.IntRange(1, 60).Draw(t, "stops")
		width := rapid.IntRange(stops+2, 200).Draw(t, "width")
		at := rapid.IntRange(0, stops-1).Draw(t, "at")
		s := widget.Slider{Stops: stops, At: float64(at)}
		view := ansi.Strip(s.View(th, width))
		cell := ansi.StringWidth(view[:strings.Index(view, "●")])
		if got := s.StopAt(cell, width); got != at {
			t.Errorf("thumb of stop %d stands in cell %d, which is stop %d", at, cell, got)
		}
	})
}

func TestSliderFillsItsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 130).Draw(t, "stops")
		s := widget.Slider{
			Stops: n, At: rapid.Float64Range(-2, 140).Draw(t, "at"),
			Verdicts: rapid.SliceOfN(rapid.SampledFrom([]sizing.Verdict{fits, tight, offload, no, ""}), 0, n).Draw(t, "verdicts"),
		}
		width := rapid.IntRange(0, 210).Draw(t, "width")
		if got := ansi.StringWidth(s.View(theme.New(true, false), width)); got != width {
			t.Errorf("%d cells, want %d", got, width)
		}
		if i := s.StopAt(rapid.IntRange(-5, 300).Draw(t, "x"), width); i < 0 || i >= max(1, n) {
			t.Errorf("stop %d of %d", i, n)
		}
	})
}

func TestSliderInColour(t *testing.T) {
	s := widget.Slider{Stops: 9, At: 4, Focused: true, Verdicts: []sizing.Verdict{fits, fits, fits, tight, tight, offload, offload, no, no}}
	var b strings.Builder
	for _, dark := range []bool{true, false} {
		b.WriteString(s.View(theme.New(dark, false), 30) + "¶\n")
	}
	golden.RequireEqual(t, b.String())
}
