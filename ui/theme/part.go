package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// Part is a part of a device's memory as the bars draw it.
type Part int

// The parts, in the order in which a bar stacks them.
const (
	PartWeights Part = iota
	PartKV
	PartState
	PartCompute
	PartOverhead
	PartOthers
	PartFree
	partCount
)

// Parts are all parts that hold something, in the order of a bar.
func Parts() []Part {
	return []Part{PartWeights, PartKV, PartState, PartCompute, PartOverhead, PartOthers}
}

// String is the part's name in a legend.
func (p Part) String() string {
	switch p {
	case PartWeights:
		return "weights"
	case PartKV:
		return "KV"
	case PartState:
		return "state"
	case PartCompute:
		return "compute"
	case PartOverhead:
		return "driver"
	case PartOthers:
		return "others"
	default:
		return "free"
	}
}

// Fill is the character that draws a cell of the part: different for each, so
// that a bar reads without colour.
func (p Part) Fill() string {
	switch p {
	case PartWeights:
		return "█"
	case PartKV:
		return "▓"
	case PartState:
		return "▚"
	case PartCompute:
		return "▒"
	case PartOverhead:
		return "░"
	case PartOthers:
		return "╱"
	default:
		return "·"
	}
}

// Part is the style of a part's cells and of its name in a legend.
func (t *Theme) Part(p Part) lipgloss.Style { return t.parts[p] }

// PartColour is the part's colour, for backgrounds and blends.
func (t *Theme) PartColour(p Part) color.Color { return t.colours[p] }
