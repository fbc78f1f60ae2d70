package sizing

import "runlocal/catalog"

// Cell is what one precision and context take, without words; zero where the
// request is refused.
type Cell struct {
	Verdict Verdict
	GPU     int64 // bytes on the GPUs together
	Total   int64 // bytes on all devices
}

// Table sizes a model at each precision × context, a row a precision. Each
// cell is what Estimate says for settings with that precision and context.
func (e *Engine) Table(m *catalog.Model, s Settings, quants []string, contexts []int, rig *Rig) [][]Cell {
	rows := make([][]Cell, len(quants))
	cells := make([]Cell, len(quants)*len(contexts))
	for i := range rows {
		rows[i] = cells[i*len(contexts) : (i+1)*len(contexts)]
	}
	column := tableColumn{e: e, m: m, rig: rig, other: e.runtime(&s) != nil, desk: e.desk()}
	defer e.desks.Put(column.desk)
	for j, ctx := range contexts {
		s.Ctx = ctx
		column.held = false
		for i, q := range quants {
			s.Quant = q
			rows[i][j] = column.cell(s)
		}
	}
	return rows
}

// tableColumn sizes one context at one precision after another. Where a model
// lies on one card as a whole, another precision changes nothing but weights
// and what the driver loads for them.
type tableColumn struct {
	e     *Engine
	m     *catalog.Model
	rig   *Rig
	other bool // another runtime than llama.cpp

	desk *desk
	held bool // the desk has an allocation whose weights can be swapped
}

func (t *tableColumn) cell(s Settings) Cell {
	if t.other {
		b, err := t.e.Estimate(t.m, s, t.rig)
		if err != nil {
			return Cell{}
		}
		return Cell{Verdict: b.Verdict, GPU: b.OnGPUs(), Total: b.Totals.Total}
	}
	if t.held && t.reweigh(s) {
		return t.desk.a.cell(&t.desk.out)
	}
	t.held = false
	if err := t.e.prepare(t.desk, t.e.compile(t.m), s, t.rig); err != nil {
		return Cell{}
	}
	a, out := &t.desk.a, &t.desk.out
	a.plan(out)
	t.held = a.onlyWeightsCount(out)
	return a.cell(out)
}

// cell sums an allocation up.
func (a *allocator) cell(out *allocation) Cell {
	c := Cell{Verdict: a.verdict(out), Total: out.host().total()}
	for d := range a.rig.GPUs {
		c.GPU += out.devices[d].total()
	}
	c.Total += c.GPU
	return c
}

// onlyWeightsCount tells that another precision would lie just like this.
func (a *allocator) onlyWeightsCount(out *allocation) bool {
	return len(a.rig.GPUs) == 1 && len(a.asked.GPUs) == 1 && out.gpuLayers == len(a.c.layers)+1 && out.cpuMoE == 0 &&
		out.counts == nil && out.moves == nil && a.r.GPULayers != LayersFit && a.r.SplitMode != SplitRow &&
		len(a.extras) == 0 && len(a.r.LoRA) == 0 && len(a.r.overrides) == 0
}

// reweigh swaps the weights on the desk for those of another precision; false
// if that might change the place.
func (t *tableColumn) reweigh(s Settings) bool {
	a, out := &t.desk.a, &t.desk.out
	mix := t.e.mixes[s.Quant]
	if mix == nil {
		return false
	}
	w := t.e.weightsFor(a.c, mix, s.Imatrix || mix.record.Imatrix)
	g, h, old := &out.devices[0], out.host(), a.r.weights
	g.weights += w.onOneGPU() - old.onOneGPU()
	h.weights += w.besideOneGPU() - old.besideOneGPU()
	a.r.weights, a.r.Quant = w, s.Quant
	g.overhead = a.driverOverhead(&a.rig.GPUs[0]).total() + g.grain
	return a.r.GPULayers == LayersAll && a.r.CPUMoE == 0 || a.fits(out)
}

// onOneGPU are the weights of all layers with the output layer.
func (w *weights) onOneGPU() int64 {
	return w.gpuSum[len(w.gpuSum)-1] + w.output.gpu + w.rope.gpu
}

// besideOneGPU are the weights that stay in RAM when all layers are on a GPU.
func (w *weights) besideOneGPU() int64 { return w.input.host + w.hostSum[0] }
