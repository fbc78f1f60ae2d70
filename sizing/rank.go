package sizing

import "runlocal/catalog"

// Ranking is a model's best on a rig, for lists: the widest common precision
// that fits at a usual context, and what that takes.
type Ranking struct {
	Quant   string // empty: nothing runs
	Ctx     int    // the context that the sizes are for, tokens
	MaxCtx  int    // the longest that does at this precision
	GPU     int64  // bytes on the GPUs together
	Host    int64  // bytes in RAM
	Total   int64
	Verdict Verdict
	Decode  Band   // tokens a second
	Reason  string // why not, or where it runs
}

// RankCtx is the context that rankings are for, tokens, or a model's longest
// if that is shorter.
const RankCtx = 8192

// rankStart is the widest precision that makes sense where not everything
// fits on the GPUs: beyond it a token reads more from RAM for little gain.
const rankStart = "Q4_K_M"

// Rank finds a model's best on a rig. It never fails: a model that can't run
// has the verdict no and a reason.
func (e *Engine) Rank(m *catalog.Model, rig *Rig) Ranking {
	c := e.compile(m)
	s := Defaults("", RankCtx)
	if m.Context > 0 {
		s.Ctx = min(s.Ctx, m.Context)
	}
	if err := e.checkModel(c, s); err != nil {
		return Ranking{Verdict: No, Ctx: s.Ctx, Reason: err.Error()}
	}
	q := &question{e: e, c: c, s: s, rig: rig, onGPU: true}
	if r, ok := q.rankAt(e.common); ok {
		return r
	}
	q.onGPU = false
	if r, ok := q.rankAt(e.commonFrom(rankStart)); ok {
		return r
	}
	smallest := e.common[len(e.common)-1]
	return q.describe(smallest, true)
}

// commonFrom are the common precisions from the named one down.
func (e *Engine) commonFrom(id string) []*mix {
	for i, m := range e.common {
		if m.record.ID == id {
			return e.common[i:]
		}
	}
	return e.common
}

// rankAt takes the first of the precisions that does. Where experts could go
// to RAM, only running wholly on the GPUs counts in the first round.
func (q *question) rankAt(mixes []*mix) (Ranking, bool) {
	s := q.s
	if q.onGPU {
		if len(q.rig.GPUs) == 0 {
			return Ranking{}, false
		}
		s.GPULayers, s.CPUMoE = LayersAll, 0
	}
	for _, m := range mixes {
		if q.tooLarge(m) {
			continue
		}
		s.Quant = m.record.ID
		if q.does(s, q.rig) {
			return q.describe(m, false), true
		}
	}
	return Ranking{}, false
}

// tooLarge rules a precision out by its weights alone, without an estimate.
func (q *question) tooLarge(m *mix) bool {
	room := int64(0)
	for d := range q.rig.GPUs {
		room += q.rig.GPUs[d].Free()
	}
	if !q.onGPU {
		room += q.rig.Host.Free()
	}
	w := q.e.weightsFor(q.c, m, m.record.Imatrix)
	if q.onGPU {
		return w.gpuSum[len(w.gpuSum)-1]+w.output.gpu > room
	}
	return w.data > room
}

// describe writes down what a precision takes on the rig.
func (q *question) describe(m *mix, none bool) Ranking {
	s := q.s
	s.Quant = m.record.ID
	out := Ranking{Ctx: s.Ctx}
	r, err := q.e.resolve(q.c, s)
	if err != nil {
		return Ranking{Verdict: No, Ctx: s.Ctx, Reason: err.Error()}
	}
	a := newAllocator(q.c, &r, q.rig)
	a.plan(&q.buffer)
	for d := range q.rig.GPUs {
		out.GPU += q.buffer.devices[d].total()
	}
	out.Host = q.buffer.host().total()
	out.Total = out.GPU + out.Host
	out.Verdict = a.verdict(&q.buffer)
	out.Reason = a.reason(out.Verdict, &q.buffer)
	if none || out.Verdict == No {
		out.Verdict = No
		return out
	}
	out.Quant = s.Quant
	out.Decode = a.speed(&q.buffer).Decode
	q.s.Quant = s.Quant
	out.MaxCtx = q.widestContext()
	return out
}
