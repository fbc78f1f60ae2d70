package sizing

import (
	"sort"

	"runlocal/catalog"
)

// Inverse answers the questions the other way round by searching Estimate's
// own function: the widest context, the best precision, the most sequences
// and the fewest GPUs that still do, everything else as it is. What "do"
// means follows from the rig: where the smallest context fits on the GPUs,
// everything has to stay there; otherwise running at all is enough.
func (e *Engine) Inverse(m *catalog.Model, s Settings, rig *Rig) (Fits, error) {
	c, rt := e.compile(m), e.runtime(&s)
	if err := e.answers(rt, c, s, rig); err != nil {
		return Fits{}, err
	}
	if rt == nil && s.GPULayers == LayersFit && s.Ctx == 0 {
		s.Ctx = e.fittedCtx(c, s, rig)
	}
	q := e.newQuestion(rt, c, s, rig)
	return Fits{
		MaxCtx:      q.widestContext(),
		BestQuant:   q.bestQuant(),
		MaxParallel: q.mostSequences(),
		MinGPUs:     q.fewestGPUs(),
	}, nil
}

// answers tells whether a request has an answer at all.
func (e *Engine) answers(rt Runtime, c *compiled, s Settings, rig *Rig) error {
	if rt != nil {
		_, err := rt.Size(c.model, s, rig)
		return err
	}
	_, err := e.allocator(c, s, rig)
	return err
}

// fittedCtx is the context that llama.cpp's fit comes to.
func (e *Engine) fittedCtx(c *compiled, s Settings, rig *Rig) int {
	a, err := e.allocator(c, s, rig)
	if err != nil {
		return c.model.Context // asked before, and it was an answer
	}
	var out allocation
	a.plan(&out)
	return a.r.Ctx
}

// question is a search over one request's settings.
type question struct {
	e      *Engine
	rt     Runtime // nil: the engine's own rules
	c      *compiled
	s      Settings
	rig    *Rig
	onGPU  bool // the answer has to keep everything on the GPUs
	deal   bool // all layers are asked for, dealt out as the planner likes
	coarse bool // the closed form of the compute buffers will do
	buffer allocation
}

func (e *Engine) newQuestion(rt Runtime, c *compiled, s Settings, rig *Rig) *question {
	q := &question{e: e, rt: rt, c: c, s: s, rig: rig}
	smallest := s
	smallest.Ctx, smallest.Parallel = cellPad, 1
	q.onGPU = len(rig.GPUs) > 0 && (s.GPULayers == LayersAuto || s.GPULayers == LayersAll || s.GPULayers == LayersFit) && s.KVOffload && q.grade(smallest, rig) < Offload.rank()
	return q
}

// rank orders verdicts, best first.
func (v Verdict) rank() int {
	switch v {
	case Comfortable:
		return 0
	case Tight:
		return 1
	case Offload:
		return 2
	case No:
	}
	return 3
}

// grade is the verdict's rank for some settings; a request without an answer
// counts as one that does not run.
func (q *question) grade(s Settings, rig *Rig) int {
	if q.rt != nil {
		b, err := q.rt.Size(q.c.model, s, rig)
		if err != nil {
			return No.rank()
		}
		return b.Verdict.rank()
	}
	a, err := q.e.allocator(q.c, s, rig)
	if err != nil {
		return No.rank()
	}
	a.coarse, a.deal = q.coarse, q.deal
	a.grading = true
	a.plan(&q.buffer)
	v := a.verdict(&q.buffer)
	if v == No && !q.coarse {
		a.grading = false
		a.plan(&q.buffer)
		v = a.verdict(&q.buffer)
	}
	return v.rank()
}

func (q *question) does(s Settings, rig *Rig) bool {
	g := q.grade(s, rig)
	return g < Offload.rank() || !q.onGPU && g < No.rank()
}

// widestContext is the longest context that does, all sequences together, up
// to the model's own for each of them, to a cell's rounding; 0 if not even the
// shortest does.
func (q *question) widestContext() int {
	limit := min(q.c.model.Context*max(1, q.s.Parallel), maxCtx)
	if q.c.unlimited() || limit < cellPad {
		limit = max(limit, cellPad)
	}
	s := q.s
	at := func(ctx int) bool {
		s.Ctx = ctx
		return q.does(s, q.rig)
	}
	if at(limit) {
		return limit
	}
	steps := limit / cellPad
	n := sort.Search(steps, func(i int) bool { return !at((i + 1) * cellPad) })
	return n * cellPad
}

// bestQuant is the widest of the common precisions that does; empty if none.
// Where the settings leave the placement open, one that stays on the GPUs as a
// whole goes before a wider one that does not.
func (q *question) bestQuant() string {
	if q.s.Training() {
		return "" // the way of training says what the weights are in
	}
	all := q.e.commonIDs(q.e.common)
	if q.rt != nil {
		all = q.rt.Precisions(q.c.model)
	}
	if q.s.GPULayers == LayersAuto && len(q.rig.GPUs) > 0 {
		whole := *q
		whole.onGPU = true
		if id := whole.firstThatDoes(all); id != "" {
			return id
		}
		if q.rt == nil {
			all = q.e.commonIDs(q.e.commonFrom(rankStart))
		}
	}
	return q.firstThatDoes(all)
}

func (q *question) firstThatDoes(precisions []string) string {
	s := q.s
	for _, s.Quant = range precisions {
		if q.does(s, q.rig) {
			return s.Quant
		}
	}
	return ""
}

// mostSequences is the largest number of sequences that do, each with
// today's context a sequence; 0 if not even one does.
func (q *question) mostSequences() int {
	each := max(1, q.s.Ctx/max(1, q.s.Parallel))
	s := q.s
	n := sort.Search(maxParallel, func(i int) bool {
		s.Parallel, s.Ctx = i+1, each*(i+1)
		return !q.does(s, q.rig)
	})
	return n
}

// fewestGPUs is the smallest number of the rig's first GPU that hold
// everything; 0 if not even many do.
func (q *question) fewestGPUs() int {
	const most = 16
	if len(q.rig.GPUs) == 0 {
		return 0
	}
	rig := *q.rig
	rig.GPUs = nil
	onGPU := *q
	onGPU.onGPU = true
	s := q.s
	s.TensorSplit = nil
	for n := 1; n <= most; n++ {
		rig.GPUs = append(rig.GPUs, q.rig.GPUs[0])
		if onGPU.does(s, &rig) {
			return n
		}
	}
	return 0
}
