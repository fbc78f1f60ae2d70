package models

import (
	"fmt"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// detailLines are all there is to say of the model under the cursor.
func (p *Pane) detailLines(width int) []string {
	m := p.current()
	if m == nil {
		return nil
	}
	if f := p.currentFile(); f != nil {
		return p.fileLines(f, m, width)
	}
	t := p.theme
	lines := []string{t.Title.Render(widget.Fit(widget.Clean(m.Name), width))}
	lines = append(lines, p.paragraph(join(" · ", m.Maker, m.Released, licence(m)), width)...)
	lines = append(lines, "")
	for _, l := range architecture(m) {
		lines = append(lines, widget.Wrap(l, width)...)
	}
	lines = append(lines, p.paragraph(strings.Join(m.Uses, ", ")+inputs(m), width)...)
	lines = append(lines, "")
	lines = append(lines, p.answer(m, width)...)
	lines = append(lines, p.commands(m, width)...)
	lines = append(lines, p.verdictMap(width)...)
	if m.Notes != "" {
		lines = append(lines, "")
		lines = append(lines, widget.Wrap(m.Notes, width)...)
	}
	lines = append(lines, "")
	return append(lines, p.sources(m, width)...)
}

// paragraph is dim text.
func (p *Pane) paragraph(s string, width int) []string {
	lines := widget.Wrap(s, width)
	for i, l := range lines {
		lines[i] = p.theme.Dim.Render(l)
	}
	return lines
}

func join(sep string, parts ...string) string {
	var kept []string
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, sep)
}

// licence names the licence and, where nobody read the model's own card, how
// it is known.
func licence(m *catalog.Model) string {
	switch m.LicenceSource {
	case "config", "card":
		return m.Licence
	case "family rule":
		return m.Licence + " (by family, not read)"
	default:
		return m.Licence + " (not known)"
	}
}

func inputs(m *catalog.Model) string {
	if len(m.Inputs) < 2 {
		return ""
	}
	return " · reads " + strings.Join(m.Inputs, ", ")
}

// answer is the best way to run the model on the rig.
func (p *Pane) answer(m *catalog.Model, width int) []string {
	r := p.ranks[p.shown[p.list.Cursor()].index]
	if r.Verdict == "" {
		return append(p.paragraph("looking for the hardware first", width), "")
	}
	style := p.theme.Verdict(r.Verdict)
	head := theme.Mark(r.Verdict) + " " + theme.Phrase(r.Verdict)
	if p.card.model == m && p.card.reason != "" {
		head = theme.Mark(r.Verdict) + " " + p.card.reason
	}
	var lines []string
	for _, l := range widget.Wrap(head, width) {
		lines = append(lines, style.Render(l))
	}
	if r.Quant != "" {
		best := fmt.Sprintf("  %s at %s: %s", r.Quant, units.Context(r.Ctx), units.Bytes(r.Total))
		if r.Decode.Mid > 0 {
			best += ", " + units.Band(r.Decode.Low, r.Decode.High) + " t/s"
		}
		lines = append(lines, widget.Wrap(best, width)...)
	}
	if r.MaxCtx > r.Ctx {
		lines = append(lines, p.paragraph("  widest context "+units.Context(r.MaxCtx), width)...)
	}
	return append(lines, "")
}

// verdictMap is the verdict of each precision at a few contexts.
func (p *Pane) verdictMap(width int) []string {
	c := p.card
	if c.model != p.current() || len(c.verdicts) == 0 {
		return nil
	}
	if c.refused != "" {
		return []string{p.theme.Dim.Render(widget.Clean(c.refused)), ""}
	}
	const name = 8
	cell := max(5, min(7, (width-name)/len(c.contexts)))
	var head strings.Builder
	head.WriteString(strings.Repeat(" ", name))
	for _, ctx := range c.contexts {
		head.WriteString(widget.FitRight(units.Context(ctx), cell))
	}
	lines := []string{p.theme.Dim.Render(head.String())}
	for i, q := range c.quants {
		var b strings.Builder
		b.WriteString(widget.Fit(q, name))
		for _, v := range c.verdicts[i] {
			b.WriteString(strings.Repeat(" ", cell-1) + p.theme.Verdict(v).Render(theme.Mark(v)))
		}
		lines = append(lines, b.String())
	}
	return append(lines, p.legend())
}

// legend explains the marks.
func (p *Pane) legend() string {
	var parts []string
	for _, v := range verdicts() {
		parts = append(parts, p.theme.Verdict(v).Render(theme.Mark(v))+p.theme.Dim.Render(" "+theme.Word(v)))
	}
	return strings.Join(parts, "  ")
}

func (p *Pane) commands(m *catalog.Model, width int) []string {
	var lines []string
	if m.Ollama != "" {
		lines = append(lines, p.theme.Accent.Render(widget.Fit("ollama run "+widget.Clean(m.Ollama), width)))
	}
	if m.HF != "" {
		lines = append(lines, p.paragraph("Hugging Face: "+m.HF, width)...)
	}
	if m.GGUFArch == "" {
		lines = append(lines, p.paragraph("llama.cpp does not load this architecture", width)...)
	}
	return append(lines, "")
}

// sources say how the record is known.
func (p *Pane) sources(m *catalog.Model, width int) []string {
	lines := p.paragraph("shape: "+grade(m.Grade), width)
	lines = append(lines, p.paragraph("context: "+m.ContextSource, width)...)
	for _, s := range m.Sources {
		lines = append(lines, p.paragraph("· "+s, width)...)
	}
	return lines
}

// grade puts the grade of a record in words.
func grade(g string) string {
	switch g {
	case "config":
		return "read in the model's own config"
	case "library-config":
		return "read in a library's copy of the config"
	case "catalog":
		return "read in another catalog"
	case "recalled":
		return "recalled; agrees with the published parameter count"
	default:
		return g
	}
}
