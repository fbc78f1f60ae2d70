package models

import (
	"strconv"

	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// The columns of the list.
const (
	colName = iota
	colParams
	colQuant
	colMemory
	colContext
	colSpeed
	colDate
	colLicence
)

func columns() []widget.Column {
	return []widget.Column{
		colName:    {Title: "model", Width: 22, Max: 40},
		colParams:  {Title: "params", Width: 8, Right: true},
		colQuant:   {Title: "best here", Width: 9},
		colMemory:  {Title: "memory", Width: 9, Right: true},
		colContext: {Title: "context", Width: 9, Right: true},
		colSpeed:   {Title: "speed", Width: 9, Right: true},
		colDate:    {Title: "released", Width: 10},
		colLicence: {Title: "licence", Width: 18},
	}
}

// row is one line of the list. What is not computed yet is left blank, what
// does not run shows dashes.
func (p *Pane) row(i int) widget.Row {
	f := p.shown[i]
	m, r, matched := p.models[f.index], p.ranks[f.index], f.matched
	cells := []string{
		colName:    widget.Clean(m.Name),
		colParams:  units.Params(p.params[f.index]),
		colDate:    widget.Clean(m.Released),
		colLicence: widget.Clean(m.Licence),
	}
	if p.file(f.index) != nil {
		cells[colName] = here + cells[colName]
		matched = shift(matched, len(here))
	}
	if p.params[f.index] == 0 {
		cells[colParams] = ""
	}
	switch r.Verdict {
	case "":
	case sizing.No:
		cells[colQuant], cells[colMemory], cells[colContext], cells[colSpeed] = "–", "–", "–", "–"
	default:
		cells[colQuant] = r.Quant
		cells[colMemory] = memory(r)
		cells[colContext] = units.Context(r.Ctx)
		cells[colSpeed] = speed(r.Decode)
	}
	return widget.Row{
		Sign: theme.Mark(r.Verdict), SignStyle: p.theme.Verdict(r.Verdict),
		Cells: cells, Matched: matched,
		Marked: p.marked(m), Dim: r.Verdict == sizing.No || f.index >= p.rankedTo,
	}
}

// shift moves the places of a match behind what stands before the name.
func shift(matched []int, by int) []int {
	out := make([]int, len(matched))
	for i, at := range matched {
		out[i] = at + by
	}
	return out
}

// memory is what the model takes; where a part lives in RAM, that part, because
// it is what makes it slow.
func memory(r sizing.Ranking) string {
	if r.Verdict == sizing.Offload {
		return "RAM " + strconv.FormatFloat(float64(r.Host)/(1<<30), 'f', 1, 64)
	}
	return units.Bytes(r.Total)
}

// speed is the middle of the estimated band; the sign says that it is one.
func speed(b sizing.Band) string {
	if b.Mid <= 0 {
		return ""
	}
	return "≈" + units.Rate(b.Mid) + " t/s"
}
