package theme

import (
	"charm.land/lipgloss/v2"

	"runlocal/sizing"
)

// Verdict is the style of a verdict's mark and word.
func (t *Theme) Verdict(v sizing.Verdict) lipgloss.Style {
	if s, ok := t.verdicts[v]; ok {
		return s
	}
	return t.Dim
}

// Mark is the one-cell sign of a verdict; each has a shape of its own. A
// verdict that is not known yet is a small dot.
func Mark(v sizing.Verdict) string {
	switch v {
	case sizing.Comfortable:
		return "●"
	case sizing.Tight:
		return "◐"
	case sizing.Offload:
		return "○"
	case sizing.No:
		return "✕"
	default:
		return "·"
	}
}

// Word is a verdict in one or two words.
func Word(v sizing.Verdict) string {
	switch v {
	case sizing.Comfortable:
		return "fits"
	case sizing.Tight:
		return "tight"
	case sizing.Offload:
		return "offload"
	case sizing.No:
		return "no"
	default:
		return "not known"
	}
}

// Phrase is a verdict as a clause.
func Phrase(v sizing.Verdict) string {
	switch v {
	case sizing.Comfortable:
		return "fits comfortably"
	case sizing.Tight:
		return "fits, with little room"
	case sizing.Offload:
		return "runs with a part in RAM"
	case sizing.No:
		return "does not fit"
	default:
		return "not known yet"
	}
}
