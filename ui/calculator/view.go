package calculator

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// rank says how soon a line gives way when the screen is low: the highest
// goes first.
type rank int

const (
	rankVerdict rank = iota // never
	rankFocus               // the slider in hand, the first bar
	rankBars
	rankSliders
	rankSpeed
	rankCommand
	rankRoom
	rankWarnings
	rankLegend
	rankGap
)

// line is a line of the pane. zone is what a click on it means; its row is
// filled in when the line has its place.
type line struct {
	text string
	rank rank
	zone *zone
}

// View draws the pane.
func (p *Pane) View(width, height int) string {
	p.zones = nil
	if width <= 0 || height <= 0 {
		return ""
	}
	if p.now == nil {
		return widget.Block(p.noModel(width), width, height)
	}
	if p.work != nil {
		return widget.Block(p.workView(width, height), width, height)
	}
	if p.runtimes != nil {
		return widget.Block(p.runtimesView(width, height), width, height)
	}
	lines := p.shorten(p.lines(width), height)
	out := make([]string, 0, height)
	for i, l := range lines {
		out = append(out, l.text)
		if l.zone != nil {
			z := *l.zone
			z.y = i
			p.zones = append(p.zones, z)
		}
	}
	out = p.extra(out, width, height)
	if p.edit != nil {
		p.placeEdit()
	}
	return widget.Block(out, width, height)
}

// noModel says which key chooses one.
func (p *Pane) noModel(width int) []string {
	t := p.theme
	out := []string{"", "  " + t.Title.Render("No model chosen yet")}
	for _, l := range widget.Wrap("Choose one in Models (enter here or 1 goes there; enter on a model brings it back), or find it by name with : from anywhere.", width-4) {
		out = append(out, "  "+t.Dim.Render(l))
	}
	return out
}

// lines is everything in its order, as if the screen were high enough.
func (p *Pane) lines(width int) []line {
	gap := line{rank: rankGap}
	out := []line{{text: p.head(width), rank: rankVerdict}, gap}
	out = append(out, p.sliderLines(width)...)
	if p.now.err != nil {
		out = append(out, gap)
		for _, s := range widget.Wrap(p.now.err.Error(), width-2) {
			out = append(out, line{text: " " + p.theme.Error.Render(s), rank: rankFocus})
		}
		return out
	}
	out = append(out, gap)
	out = append(out, p.barLines(width)...)
	out = append(out, gap)
	if p.sideBySide(width) {
		return out // the rest stands beside the map
	}
	return append(out, p.answerLines(width)...)
}

// answerLines are speed, room, warnings and the command.
func (p *Pane) answerLines(width int) []line {
	out := p.speedLines(width)
	out = append(out, p.roomLines(width)...)
	out = append(out, p.warningLines(width)...)
	out = append(out, line{rank: rankGap})
	return append(out, p.commandLines(width)...)
}

// shorten drops lines until the rest fits: what matters least first, from the
// bottom up.
func (p *Pane) shorten(lines []line, height int) []line {
	for r := rankGap; r > rankVerdict && len(lines) > height; r-- {
		for i := len(lines) - 1; i >= 0 && len(lines) > height; i-- {
			if lines[i].rank == r {
				lines = append(lines[:i:i], lines[i+1:]...)
			}
		}
	}
	return lines[:min(len(lines), height)]
}

// head names the model and says the verdict with its room.
func (p *Pane) head(width int) string {
	t, z := p.theme, p.now
	right := t.Error.Render(theme.Mark(sizing.No)+" can't be sized") + " "
	if z.err == nil {
		v := z.budget.Verdict
		right = t.Verdict(v).Bold(true).Render(theme.Mark(v)+" "+widget.Clean(z.budget.Reason)) + " "
	}
	name := " " + t.Title.Render(widget.Clean(z.model.Name))
	what := z.settings.Runtime + ", " + plural(max(1, z.settings.Parallel), "sequence")
	if width >= 100 {
		what += " · " + units.Params(z.model.Parameters()) + " parameters"
	}
	long := name + "   " + t.Dim.Render(what)
	if ansi.StringWidth(long)+ansi.StringWidth(right)+2 <= width {
		return widget.Spread(long, right, width)
	}
	return widget.Spread(name, right, width)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return units.Count(n) + " " + what + "s"
}

// labelled puts a dim label before lines of text, which stand under each
// other.
func (p *Pane) labelled(label string, texts []string, r rank) []line {
	out := make([]line, len(texts))
	for i, s := range texts {
		lead := strings.Repeat(" ", labelWidth+2)
		if i == 0 {
			lead = " " + p.theme.Dim.Render(widget.Fit(label, labelWidth)) + " "
		}
		out[i] = line{text: lead + s, rank: r}
	}
	return out
}
