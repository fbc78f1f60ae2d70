// Package theme gives colours their meaning, once for all screens: one
// accent, a colour and a shape for each verdict, a colour and a fill for each
// part of memory. Text uses the terminal's own sixteen colours, so that a
// user's palette rules; only the bars choose their own. It may import sizing
// for the names of the verdicts, and lipgloss.
package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"runlocal/sizing"
)

// Theme is the set of styles of one background. Panes keep the pointer that
// they were built with: when the terminal's background becomes known, the
// root overwrites the value behind it and raises Generation, so that whoever
// keeps rendered text can see that it is stale.
type Theme struct {
	Dark       bool // the background is dark
	Mono       bool // no colours at all: shapes, bold, underline and inverse only
	Generation int

	Plain    lipgloss.Style // the terminal's own text
	Bold     lipgloss.Style
	Title    lipgloss.Style // a heading inside a pane
	Accent   lipgloss.Style // the one accent: focus, links, what can be acted on
	Active   lipgloss.Style // the active tab, the label of the focused part
	Dim      lipgloss.Style // secondary text, column headers, units
	Rule     lipgloss.Style // lines between parts
	Key      lipgloss.Style // a key in the footer and in help
	Selected lipgloss.Style // the row under the cursor
	Match    lipgloss.Style // the letters that a filter matched
	MatchSel lipgloss.Style // the same in the selected row
	Mark     lipgloss.Style // the sign of a marked row
	Error    lipgloss.Style
	Warn     lipgloss.Style
	Good     lipgloss.Style
	Changed  lipgloss.Style // what differs, what a move cost

	verdicts map[sizing.Verdict]lipgloss.Style
	parts    [partCount]lipgloss.Style
	colours  [partCount]color.Color
}

// New makes the theme for a dark or light background. Mono leaves every hue
// out, for terminals without colour.
func New(dark, mono bool) *Theme {
	t := &Theme{Dark: dark, Mono: mono}
	t.fill()
	return t
}

// SetDark restyles in place for another background. It does nothing when the
// background is the same.
func (t *Theme) SetDark(dark bool) {
	if t.Dark == dark {
		return
	}
	next := New(dark, t.Mono)
	next.Generation = t.Generation + 1
	*t = *next
}

// fill derives every style from the few colours of palette.go.
func (t *Theme) fill() {
	p := newPalette(t.Dark)
	s := lipgloss.NewStyle
	t.Plain, t.Bold = s(), s().Bold(true)
	t.Title = s().Bold(true)
	t.verdicts = map[sizing.Verdict]lipgloss.Style{}
	if t.Mono {
		t.fillMono()
		return
	}
	t.Accent = s().Foreground(p.accent)
	t.Active = s().Foreground(p.accent).Bold(true)
	t.Dim = s().Foreground(p.dim)
	t.Rule = s().Foreground(p.rule)
	t.Key = s().Foreground(p.accent)
	t.Selected = s().Foreground(p.selectedText).Background(p.selected).Bold(true)
	t.Match = s().Foreground(p.accent).Bold(true).Underline(true)
	t.MatchSel = t.Selected.Foreground(p.accent).Underline(true)
	t.Mark = s().Foreground(p.accent).Bold(true)
	t.Error = s().Foreground(p.no).Bold(true)
	t.Warn = s().Foreground(p.offload)
	t.Good = s().Foreground(p.comfortable)
	t.Changed = s().Foreground(p.tight).Bold(true)
	for v, c := range map[sizing.Verdict]color.Color{
		sizing.Comfortable: p.comfortable, sizing.Tight: p.tight,
		sizing.Offload: p.offload, sizing.No: p.no,
	} {
		t.verdicts[v] = s().Foreground(c)
	}
	for i, c := range p.parts {
		t.colours[i], t.parts[i] = c, s().Foreground(c)
	}
}

// fillMono says everything by weight, underline and inverse.
func (t *Theme) fillMono() {
	s := lipgloss.NewStyle
	t.Accent, t.Dim, t.Rule, t.Warn, t.Good = s(), s(), s(), s(), s()
	t.Active = s().Bold(true).Underline(true)
	t.Key, t.Mark, t.Error, t.Changed = s().Bold(true), s().Bold(true), s().Bold(true), s().Bold(true)
	t.Selected = s().Reverse(true)
	t.Match = s().Bold(true).Underline(true)
	t.MatchSel = s().Reverse(true).Bold(true).Underline(true)
	for _, v := range []sizing.Verdict{sizing.Comfortable, sizing.Tight, sizing.Offload, sizing.No} {
		t.verdicts[v] = s()
	}
	for i := range t.parts {
		t.parts[i], t.colours[i] = s(), lipgloss.NoColor{}
	}
}
