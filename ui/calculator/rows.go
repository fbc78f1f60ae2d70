package calculator

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/sizing/units"
	"runlocal/ui/widget"
)

// labelWidth is the width of the labels at the left: "RAM experts".
const labelWidth = 11

// columns are the widths of a slider's row. A width of 0 leaves the column
// out.
type columns struct {
	track, value, about, bytes, costs int
	brief                             bool // the short form of about
}

// gutter is what stands before the track: cursor, label, blank.
const gutter = labelWidth + 2

// layout shares the width of a row: the value always, then the track, then
// the bytes, what the next stops cost, and the words.
func (p *Pane) layout(width int) columns {
	c := columns{}
	for i := range p.now.knobs {
		c.value = max(c.value, ansi.StringWidth(p.now.knobs[i].value))
	}
	long, short := p.aboutWidth()
	rest := width - gutter - c.value - 2
	switch {
	case rest < 8:
		return c
	case rest < 44:
		c.track = min(rest, 24)
		if rest-c.track >= 11 {
			c.bytes = 9
		}
		return c
	}
	c.bytes, c.brief, c.about = 9, true, short
	c.track = 18
	rest -= c.track + c.bytes + c.about + 3
	if more := long - short; rest-more >= 36 {
		c.brief, c.about, rest = false, long, rest-more
	}
	c.track += min(max(0, (rest-14)/2), 50)
	c.costs = rest - (c.track - 18)
	return c
}

func (p *Pane) aboutWidth() (long, short int) {
	for i := range p.now.knobs {
		k := &p.now.knobs[i]
		long = max(long, ansi.StringWidth(k.about))
		short = max(short, ansi.StringWidth(k.brief))
	}
	return long, short
}

// sliderLines draws the sliders.
func (p *Pane) sliderLines(width int) []line {
	c := p.layout(width)
	out := make([]line, len(p.now.knobs))
	for i := range p.now.knobs {
		k := &p.now.knobs[i]
		r := rankSliders
		if k.key == p.focus {
			r = rankFocus
		}
		out[i] = line{p.row(k, c), r, &zone{kind: zoneSlider, key: k.key, from: gutter, to: gutter + c.track, valueAt: gutter + c.track + 1, valueEnd: gutter + c.track + 1 + c.value}}
	}
	return out
}

// row draws one slider: its label, the track, the value and what is to be
// known of it.
func (p *Pane) row(k *knob, c columns) string {
	t := p.theme
	focused := k.key == p.focus
	lead, label := " ", t.Plain
	if focused {
		lead, label = t.Active.Underline(false).Render("▌"), t.Active
	}
	var b strings.Builder
	b.WriteString(lead + label.Render(k.label) + strings.Repeat(" ", labelWidth-ansi.StringWidth(k.label)+1))
	if c.track > 0 {
		s := widget.Slider{Stops: k.stops, At: k.at, Verdicts: p.track(k), Focused: focused, Auto: k.auto}
		b.WriteString(s.View(t, c.track) + " ")
	}
	if p.edit != nil && p.edit.key == k.key {
		b.WriteString(p.editCells(c))
		return b.String()
	}
	value := t.Bold
	if k.auto {
		value = t.Plain
	}
	b.WriteString(value.Render(widget.FitRight(k.value, c.value)))
	if c.about > 0 {
		about := k.about
		if c.brief {
			about = k.brief
		}
		b.WriteString("  " + t.Dim.Render(widget.Fit(about, c.about)))
	}
	if c.bytes > 0 {
		b.WriteString(" " + widget.FitRight(k.weight(), c.bytes))
	}
	if c.costs > 0 {
		b.WriteString("  " + p.costs(k, c.costs-2))
	}
	return b.String()
}

func (k *knob) weight() string {
	if k.bytes < 0 {
		return ""
	}
	return units.Bytes(k.bytes)
}

// editCells is the text field in place of the value, and what was wrong with
// its last text.
func (p *Pane) editCells(c columns) string {
	width := max(c.value+c.about+2, 10)
	p.edit.x = gutter + c.track + 1
	if c.track == 0 {
		p.edit.x = gutter
	}
	field := p.edit.field.View(p.theme, min(width, 16))
	hint := p.theme.Dim.Render("enter takes it, esc leaves it")
	if p.edit.wrong != "" {
		hint = p.theme.Warn.Render(p.edit.wrong)
	}
	return field + " " + hint
}

// placeEdit finds the row that the field was drawn in.
func (p *Pane) placeEdit() {
	for _, z := range p.zones {
		if z.kind == zoneSlider && z.key == p.edit.key {
			p.edit.y = z.y
		}
	}
}

// costs says what the last move cost, then what the next stops would, as many
// as fit: one dearer, one cheaper, another dearer.
func (p *Pane) costs(k *knob, width int) string {
	t := p.theme
	var out []string
	room := width
	add := func(plain, styled string) {
		w := ansi.StringWidth(plain)
		if len(out) > 0 {
			w += 2
		}
		if w <= room {
			out = append(out, styled)
			room -= w
		}
	}
	if p.moved.known && p.moved.knob == k.key {
		s := delta(p.moved.bytes)
		add(s, t.Changed.Render(s))
	}
	for _, n := range p.now.next[k.key] {
		add(n.name+" "+n.cost, t.Dim.Render(n.name+" ")+n.cost)
	}
	return strings.Join(out, "  ")
}

// delta prints a difference of memory in GiB with its sign.
func delta(bytes int64) string {
	s := units.GiB(bytes)
	switch {
	case strings.TrimLeft(s, "-0.") == "":
		return "±0.00"
	case bytes > 0:
		return "+" + s
	default:
		return strings.Replace(s, "-", "−", 1)
	}
}
