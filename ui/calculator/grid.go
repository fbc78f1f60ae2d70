package calculator

import (
	"runlocal/sizing"
)

// grid is the verdict over precision and context, best precision first.
type grid struct {
	quants   []string
	contexts []int           // of each sequence, tokens
	cells    [][]sizing.Cell // total 0 where the engine refuses it
}

// grid asks the engine about every combination of the two sliders' stops.
func (z *sized) grid() grid {
	quant, context := z.knob(keyQuant), z.knob(keyContext)
	g := grid{contexts: contextStops(z.longest())}
	for i := quant.stops - 1; i >= 0; i-- {
		g.quants = append(g.quants, quant.with(i).Quant)
	}
	sizes := make([]int, context.stops)
	for j := range sizes {
		sizes[j] = context.with(j).Ctx
	}
	g.cells = z.engine.Table(z.model, z.settings, g.quants, sizes, z.rig)
	return g
}
