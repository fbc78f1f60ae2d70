package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// palette is what a theme is derived from. The verdicts run from blue to
// orange and magenta, so that they stay apart for eyes that do not tell red
// from green; the parts are of clearly different lightness for the same
// reason.
type palette struct {
	accent, dim, rule               color.Color
	selected, selectedText          color.Color
	comfortable, tight, offload, no color.Color
	parts                           [partCount]color.Color
}

// newPalette chooses by background. The numbers 0 to 15 are the terminal's
// own colours; the greys of selection and rules and the hues of the bars come
// from the 256 fixed ones, which every profile can come near to.
func newPalette(dark bool) palette {
	pick := lipgloss.LightDark(dark)
	c := func(light, darkCode string) color.Color {
		return pick(lipgloss.Color(light), lipgloss.Color(darkCode))
	}
	return palette{
		accent:       c("4", "14"),
		dim:          c("242", "245"),
		rule:         c("250", "239"),
		selected:     c("254", "237"),
		selectedText: c("0", "15"),

		comfortable: c("25", "75"),
		tight:       c("136", "179"),
		offload:     c("166", "209"),
		no:          c("125", "168"),

		parts: [partCount]color.Color{
			PartWeights:  c("#2f6f9f", "#5aa2d6"),
			PartKV:       c("#b8860b", "#e0b454"),
			PartState:    c("#5b7f3a", "#9bc26b"),
			PartCompute:  c("#8a5aa8", "#b892d6"),
			PartOverhead: c("#7a7a7a", "#8d8d8d"),
			PartOthers:   c("#a8503c", "#cf7a62"),
			PartFree:     c("#d0d0d0", "#4a4a4a"),
		},
	}
}
