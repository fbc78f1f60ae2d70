package sizing

import "runlocal/catalog"

// What a process takes on a GPU besides the runtime's own buffers: the
// driver's context, kernels loaded on first use, cuBLAS, and the pool of
// scratch memory. None of it is in llama.cpp's log. The figures come from the
// catalog's table, which says for each where it was read.

// unknownCores stands for the multiprocessors of a card of which only the
// size is known.
const unknownCores = 64

// overhead are the parts of driverOverhead, bytes.
type overhead struct{ context, modules, blas, pool int64 }

func (o overhead) total() int64 { return o.context + o.modules + o.blas + o.pool }

// overheadRow is the table's row for a GPU: the last that matches.
func (e *Engine) overheadRow(g *GPU) *catalog.Overhead {
	var found *catalog.Overhead
	for _, o := range e.overheads {
		if o.Backend != "any" && o.Backend != g.Backend {
			continue
		}
		if o.From > 0 && g.ComputeCapability < o.From || o.To > 0 && g.ComputeCapability > o.To {
			continue
		}
		found = o
	}
	return found
}

// driverOverhead is the process's memory on a GPU beyond its buffers.
func (a *allocator) driverOverhead(g *GPU) overhead {
	row := a.c.engine.overheadRow(g)
	if row == nil {
		return overhead{}
	}
	o := overhead{context: contextOf(row, g), modules: row.Modules}
	if row.Blas > 0 && (a.r.weights.mix.plain || a.c.experts > 0 || !a.r.flash) {
		o.blas = row.Blas
	}
	if row.PoolBy > 0 {
		scratch := a.scratch()
		if row.Dequantises && !a.r.weights.mix.plain {
			scratch += 2 * a.c.largestMatrix
		}
		o.pool = row.PoolMin + ceil(scratch, row.PoolBy)
	}
	return o
}

// scratch is the largest request to the pool: a batch of the widest
// activations, quantised for the integer kernels or as f16 for cuBLAS, and
// without flash attention the scores as f16. Before copies of a quantised
// cache were part of the compute buffer they came from the pool.
func (a *allocator) scratch() int64 {
	width, scores := a.c.hidden, int64(0)
	for i := range a.c.kinds {
		k := &a.c.kinds[i]
		x := &k.block.FFN
		width = max(width, int64(x.Intermediate), int64(x.Active)*int64(x.ExpertIntermediate))
		switch {
		case !a.r.flash:
			scores = max(scores, a.scores(k, a.r.filled()))
		case a.r.build.NoCacheCopy && k.cached && a.r.typeK.name != "F16":
			scores = max(scores, 2*min(a.r.cells, a.r.filled())*(k.cache.k+k.cache.v))
		}
	}
	if a.r.weights.mix.plain {
		return max(2*width*a.r.ub, scores)
	}
	return max(width*a.r.ub*36/32, scores)
}

// filled is how many tokens of the context are taken to be in use.
func (r *resolved) filled() int64 {
	if r.Filled > 0 {
		return int64(r.Filled)
	}
	return FilledUsual
}

// scores is a layer's attention scores of one batch as f16, at a depth.
func (a *allocator) scores(k *kind, depth int64) int64 {
	return 2 * k.heads * a.r.ub * min(a.r.cells, depth)
}

// poolGrowth is what the scratch pool can still grow by when the context
// fills up, bytes; 0 with flash attention.
func (a *allocator) poolGrowth() int64 {
	if a.r.flash {
		return 0
	}
	n := int64(0)
	for i := range a.c.kinds {
		k := &a.c.kinds[i]
		n = max(n, a.scores(k, a.r.cells)-a.scores(k, a.r.filled()))
	}
	return n
}

// contextOf is an empty context: what the row says, in proportion to the
// multiprocessors, for which the driver sets stacks and local memory aside.
func contextOf(row *catalog.Overhead, g *GPU) int64 {
	if row.Cores == 0 {
		return row.Context
	}
	cores := g.multiprocessors()
	if cores == 0 {
		cores = unknownCores
	}
	return row.Floor + (row.Context-row.Floor)*cores/row.Cores
}

// multiprocessors is the number of streaming multiprocessors, from the
// record's core count; 0 = not known.
func (g *GPU) multiprocessors() int64 {
	if g.Record == nil || g.Record.ShaderCores == nil {
		return 0
	}
	cores := int64(128)
	switch c := g.ComputeCapability; {
	case c == 6.0, c >= 7 && c < 8, c == 8.0: // GP100, Volta, Turing, GA100
		cores = 64
	}
	return int64(*g.Record.ShaderCores) / cores
}

// overheadKnown says how well a GPU's overhead is known, and from where: the
// row's label holds for the device that it was measured on.
func (e *Engine) overheadKnown(g *GPU) (Label, string) {
	row := e.overheadRow(g)
	if row == nil {
		return Estimated, ""
	}
	if row.Cores > 0 && g.multiprocessors() != row.Cores {
		return Estimated, row.Source + "; in proportion to multiprocessors"
	}
	return Label(row.Label), row.Source
}
