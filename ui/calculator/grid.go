package calculator

import (
	"runlocal/sizing"
)

// grid is the verdict over precision and context, best precision first.
type grid struct {
	quants   []string
	contexts []int // of each sequence, tokens
	cells    [][]gridCell
}

// gridCell is one combination; total is 0 where the engine refuses it.
type gridCell struct {
	verdict sizing.Verdict
	total   int64 // all devices, bytes
}

// grid asks the engine about every combination of the two sliders' stops.
func (z *sized) grid() grid {
	quant, context := z.knob(keyQuant), z.knob(keyContext)
	g := grid{contexts: contextStops(z.longest())}
	for i := quant.stops - 1; i >= 0; i-- {
		row := make([]gridCell, context.stops)
		s := quant.with(i)
		for j := range row {
			s.Ctx = context.with(j).Ctx
			if b, err := z.estimate(s); err == nil {
				row[j] = gridCell{b.Verdict, b.Totals.Total}
			}
		}
		g.quants = append(g.quants, quant.name(i))
		g.cells = append(g.cells, row)
	}
	return g
}
