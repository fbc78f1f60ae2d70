package widget_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"runlocal/sizing"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

func gib(v float64) int64 { return int64(v * (1 << 30)) }

func device(weights, kv, compute, overhead, others, capacity float64) sizing.DeviceBudget {
	d := sizing.DeviceBudget{Capacity: gib(capacity), UsedByOthers: gib(others)}
	d.Weights, d.KVCache, d.Compute, d.Overhead = gib(weights), gib(kv), gib(compute), gib(overhead)
	return d
}

func TestMemBar(t *testing.T) {
	th := theme.New(true, true)
	var b strings.Builder
	for _, c := range []struct {
		say string
		d   sizing.DeviceBudget
	}{
		{"8B on a 24 GB card", device(4.58, 1, 0.11, 0.44, 0.22, 23.99)},
		{"long context", device(4.58, 16, 0.30, 0.44, 0.22, 23.99)},
		{"over by a half", device(30, 2, 0.5, 0.44, 0.22, 23.99)},
		{"nothing yet", device(0, 0, 0, 0, 0.22, 23.99)},
		{"capacity not known", device(4.58, 1, 0.11, 0.44, 0, 0)},
	} {
		bar := widget.MemBarOf(c.d)
		fmt.Fprintf(&b, "%s: %s\n", c.say, bar.Figures())
		for _, width := range []int{20, 40, 80} {
			fmt.Fprintf(&b, "%s¶\n", ansi.Strip(bar.View(th, width)))
		}
		for _, width := range []int{80, 64, 40, 20} {
			fmt.Fprintf(&b, "%s¶\n", ansi.Strip(bar.Legend(th, width)))
		}
	}
	golden.RequireEqual(t, b.String())
}

func TestMemBarIsHonest(t *testing.T) {
	th := theme.New(true, true)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Float64Range(0, 100)
		d := device(size.Draw(t, "weights"), size.Draw(t, "kv"), size.Draw(t, "compute"), size.Draw(t, "overhead"),
			size.Draw(t, "others"), size.Draw(t, "capacity"))
		bar, width := widget.MemBarOf(d), rapid.IntRange(0, 200).Draw(t, "width")
		view := ansi.Strip(bar.View(th, width))
		if got := ansi.StringWidth(view); got != width {
			t.Fatalf("%d cells, want %d: %s", got, width, view)
		}
		for _, p := range theme.Parts() {
			share := float64(bar.Parts[p]) / float64(max(bar.Capacity, bar.Used(), 1)) * float64(width)
			cells := float64(strings.Count(view, p.Fill()))
			if cells < share-5 || cells > share+5 { // one cell for each other part and the mark
				t.Errorf("%s has %.0f cells, its share is %.2f: %s", p, cells, share, view)
			}
			if bar.Parts[p] > 0 && cells == 0 && width >= 12 && bar.Used() <= bar.Capacity {
				t.Errorf("%s holds %d bytes and is not drawn: %s", p, bar.Parts[p], view)
			}
		}
		if over := bar.Capacity > 0 && bar.Used() > bar.Capacity; width > 0 && over != strings.Contains(view, "┃") {
			t.Errorf("over = %v, bar %s", over, view)
		}
	})
}
