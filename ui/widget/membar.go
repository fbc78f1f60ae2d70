package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
)

// MemBar is the memory of one device as a stacked bar: what a model would
// take, by part, what others use, and what stays free. Sizes are in bytes.
type MemBar struct {
	Parts    [theme.PartFree]int64 // by theme.Part; PartFree is what the rest of Capacity is
	Capacity int64
}

// MemBarOf is the bar of a device of a budget.
func MemBarOf(d sizing.DeviceBudget) MemBar {
	b := MemBar{Capacity: d.Capacity}
	b.Parts[theme.PartWeights] = d.Weights
	b.Parts[theme.PartKV] = d.KVCache
	b.Parts[theme.PartState] = d.RecurrentState
	b.Parts[theme.PartCompute] = d.Compute
	b.Parts[theme.PartOverhead] = d.Overhead
	b.Parts[theme.PartOthers] = d.UsedByOthers
	return b
}

// Used is the sum of all parts, others included, bytes.
func (b MemBar) Used() int64 {
	var sum int64
	for _, n := range b.Parts {
		sum += n
	}
	return sum
}

// over marks the end of the device's memory in a bar that is longer than it.
const over = "┃"

// View draws the bar into exactly width cells. A full bar is the capacity, or
// the sum where that is more: then a thick mark shows where the memory ends.
func (b MemBar) View(t *theme.Theme, width int) string {
	if width <= 0 {
		return ""
	}
	end := -1
	cells := b.cells(width)
	if used := b.Used(); used > b.Capacity && b.Capacity > 0 {
		end = min(int(float64(b.Capacity)/float64(used)*float64(width)), width-1)
	}
	var out strings.Builder
	at := 0
	draw := func(p theme.Part, n int) {
		fill := p.Fill()
		if end >= at && end < at+n {
			before := end - at
			out.WriteString(t.Part(p).Render(strings.Repeat(fill, before)))
			out.WriteString(t.Error.Render(over))
			out.WriteString(t.Part(p).Render(strings.Repeat(fill, n-before-1)))
		} else if n > 0 {
			out.WriteString(t.Part(p).Render(strings.Repeat(fill, n)))
		}
		at += n
	}
	for _, p := range theme.Parts() {
		draw(p, cells[p])
	}
	draw(theme.PartFree, width-at)
	return out.String()
}

// cells shares width cells among the parts: in proportion, but a part that
// holds anything keeps one cell as long as there are enough; what is rounded
// up is taken from the longest.
func (b MemBar) cells(width int) [theme.PartFree]int {
	var out [theme.PartFree]int
	used := b.Used()
	whole := max(b.Capacity, used)
	if whole <= 0 {
		return out
	}
	want := min(width, int(float64(used)/float64(whole)*float64(width)+0.5))
	sum := 0
	for i, n := range b.Parts {
		if n > 0 {
			out[i] = max(1, int(float64(n)/float64(whole)*float64(width)+0.5))
			sum += out[i]
		}
	}
	for limit := max(want, min(width, b.kinds())); sum != limit; {
		i := longest(out)
		if sum > limit {
			if out[i] == 0 {
				break
			}
			out[i]--
			sum--
		} else {
			if b.Parts[i] == 0 {
				break
			}
			out[i]++
			sum++
		}
	}
	return out
}

// kinds counts the parts that hold something.
func (b MemBar) kinds() int {
	n := 0
	for _, v := range b.Parts {
		if v > 0 {
			n++
		}
	}
	return n
}

func longest(cells [theme.PartFree]int) int {
	best := 0
	for i, n := range cells {
		if n > cells[best] {
			best = i
		}
	}
	return best
}

// Legend names the parts that hold something, each with its sign and its size
// in GiB, in as few cells as width asks for: it drops blanks, then the names,
// and cuts at last.
func (b MemBar) Legend(t *theme.Theme, width int) string {
	s := ""
	for _, form := range []struct {
		sign, gap string
		names     bool
	}{{" ", "  ", true}, {"", "  ", true}, {"", " ", true}, {"", " ", false}} {
		s = b.legend(t, form.sign, form.gap, form.names)
		if ansi.StringWidth(s) <= width {
			return s
		}
	}
	return ansi.Truncate(s, max(0, width), "…")
}

func (b MemBar) legend(t *theme.Theme, sign, gap string, names bool) string {
	var words []string
	for _, p := range theme.Parts() {
		n := b.Parts[p]
		if n <= 0 {
			continue
		}
		word := t.Part(p).Render(p.Fill()) + sign
		if names {
			word += t.Part(p).Render(p.String()) + " "
		}
		words = append(words, word+units.GiB(n))
	}
	return strings.Join(words, gap)
}

// Figures is what stands at the end of a bar: "6.35 of 23.99 GiB", others
// included; just the sum where the capacity is not known.
func (b MemBar) Figures() string {
	if b.Capacity <= 0 {
		return units.GiB(b.Used()) + " GiB"
	}
	return units.GiB(b.Used()) + " of " + units.GiB(b.Capacity) + " GiB"
}
