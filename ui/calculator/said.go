package calculator

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/launch"
	"runlocal/ui/widget"
)

// speedLines say how fast it would run and what holds it back.
func (p *Pane) speedLines(width int) []line {
	s := &p.now.budget.Speed
	if s.Decode.High <= 0 {
		return p.labelled("Speed", []string{p.theme.Dim.Render("not known: the memory's bandwidth is not")}, rankSpeed)
	}
	decode := p.band("decode", &s.Decode)
	if s.Prefill.High <= 0 {
		return p.labelled("Speed", []string{decode}, rankSpeed)
	}
	prefill := p.band("prefill", &s.Prefill)
	both := decode + "   " + prefill
	if ansi.StringWidth(both) <= width-labelWidth-3 {
		return p.labelled("Speed", []string{both}, rankSpeed)
	}
	return p.labelled("Speed", []string{decode, prefill}, rankSpeed)
}

func (p *Pane) band(what string, b *sizing.Band) string {
	t := p.theme
	s := what + " " + t.Bold.Render(units.Band(b.Low, b.High)) + " t/s"
	if b.Bound != "" {
		s += t.Dim.Render(", limited by " + widget.Clean(b.Bound))
	}
	return s
}

// roomLines are the inverse answers: how far each thing could go with the
// others as they are.
func (p *Pane) roomLines(width int) []line {
	if !p.near() {
		return p.labelled("Room", []string{p.theme.Dim.Render("working it out …")}, rankRoom)
	}
	return p.labelled("Room", join(p.room(), p.theme.Dim.Render(" · "), width-labelWidth-3), rankRoom)
}

// room are the parts of the Room line.
func (p *Pane) room() []string {
	f, r, z := &p.answers.fits, p.answers.room, p.answers.of
	weight := func(bytes int64) string {
		if bytes <= 0 {
			return ""
		}
		return p.theme.Dim.Render(" (" + units.Bytes(bytes) + ")")
	}
	var out []string
	if each := f.MaxCtx / max(1, z.settings.Parallel); each > 0 {
		out = append(out, "context up to "+units.Count(each)+weight(r.ctx))
	} else {
		out = append(out, "no context fits at "+z.settings.Quant)
	}
	if f.BestQuant != "" {
		out = append(out, "precision up to "+f.BestQuant+weight(r.quant))
	} else {
		out = append(out, "no precision fits at this context")
	}
	if f.MaxParallel > 0 {
		out = append(out, plural(f.MaxParallel, "sequence")+" of "+units.Context(z.each()))
	}
	if n := len(z.rig.GPUs); n > 0 && f.MinGPUs > n {
		out = append(out, "whole on "+units.Count(f.MinGPUs)+" × "+widget.Clean(z.rig.GPUs[0].Name))
	}
	return out
}

// join puts parts into lines of at most width cells, breaking only between
// them.
func join(parts []string, gap string, width int) []string {
	var out []string
	at := 0
	for _, s := range parts {
		w := ansi.StringWidth(s)
		if len(out) > 0 && at+ansi.StringWidth(gap)+w <= width {
			out[len(out)-1] += gap + s
			at += ansi.StringWidth(gap) + w
			continue
		}
		out = append(out, s)
		at = w
	}
	return out
}

// warningLines are what the engine wants to be known.
func (p *Pane) warningLines(width int) []line {
	var out []line
	for _, w := range p.now.budget.Warnings {
		for i, s := range widget.Wrap(w, width-5) {
			lead := "   "
			if i == 0 {
				lead = " ! "
			}
			out = append(out, line{text: p.theme.Warn.Render(lead + s), rank: rankWarnings})
		}
	}
	return out
}

// command is what starts it so.
func (z *sized) command() launch.Command {
	return launch.Build(z.model, z.settings, z.budget.Placement)
}

// commandLines are the command, broken only at blanks, and its notes.
func (p *Pane) commandLines(width int) []line {
	t, c := p.theme, p.now.command()
	var out []line
	for _, s := range c.Lines {
		for i, part := range wrapCommand(widget.Clean(s), width-2) {
			lead := " "
			if i > 0 {
				lead = "     "
			}
			out = append(out, line{text: lead + t.Accent.Render(part), rank: rankCommand, zone: &zone{kind: zoneCommand, to: width}})
		}
	}
	if n := len(out); n > 0 {
		const hint = "y copies "
		if ansi.StringWidth(out[n-1].text)+len(hint)+2 <= width {
			out[n-1].text = widget.Spread(out[n-1].text, t.Dim.Render(hint), width)
		}
	}
	for _, n := range c.Notes {
		for _, s := range widget.Wrap(n, width-4) {
			out = append(out, line{text: "   " + t.Warn.Render(s), rank: rankWarnings})
		}
	}
	return out
}

// wrapCommand breaks a command between its words, so that a copy of the screen
// still reads as one: lines after the first are indented, and every broken
// line ends with the shell's sign for "goes on".
func wrapCommand(s string, width int) []string {
	const more, indent = ` \`, 4
	var out []string
	line := ""
	for _, w := range shellWords(s) {
		room := width - len(more)
		if len(out) > 0 {
			room -= indent
		}
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(w) > room {
			out = append(out, line+more)
			line = w
			continue
		}
		line = strings.TrimPrefix(line+" "+w, " ")
	}
	// The last line needs no sign; perhaps the word before fits it too.
	if n := len(out); n > 0 {
		last := strings.TrimSuffix(out[n-1], more)
		room := width
		if n > 1 {
			room -= indent
		}
		if ansi.StringWidth(last)+1+ansi.StringWidth(line) <= room {
			out, line = out[:n-1], last+" "+line
		}
	}
	return append(out, line)
}

// shellWords cuts a line at the blanks that are not between quotes.
func shellWords(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}
