package sizing

import "runlocal/catalog"

// Standing orders rankings by how well a model serves on the rig, best first.
type Standing uint8

// The standings.
const (
	StandsComfortable Standing = iota // on the GPUs at 4 bits or more, with headroom
	StandsTight                       // the same with little headroom
	StandsOffloaded                   // partly or wholly in RAM at Q4_K_M, and fast enough to read along
	StandsReduced                     // on the GPUs, but at fewer bits
	StandsSlow                        // runs in RAM, slowly or at fewer bits
	StandsOut                         // does not run
)

// Ranking is a model's best on a rig, for lists.
type Ranking struct {
	Quant    string // empty: nothing runs
	Ctx      int    // the context that the sizes are for, tokens
	MaxCtx   int    // the longest that does at this precision
	GPU      int64  // bytes on the GPUs together
	Host     int64  // bytes in RAM
	Total    int64
	Verdict  Verdict
	Standing Standing
	Merit    float64 // orders models of the same standing, larger first; see Compare
	Decode   Band    // tokens a second
	Reason   string  // why not, or where it runs
}

// RankCtx is the context that rankings are for, tokens, or a model's longest
// if that is shorter.
const RankCtx = 8192

const (
	// rankStart is the widest precision that makes sense where not everything
	// fits on the GPUs: beyond it a token reads more from RAM for little gain.
	rankStart = "Q4_K_M"
	// fullBits is what a precision needs to count as good enough not to look
	// for another way, nominal bits a weight.
	fullBits = 4.2
	// readingSpeed is the rate below which a reader waits, tokens a second.
	readingSpeed = 5
)

// Rank finds a model's best on a rig: the widest precision of 4 bits or more
// that fits on the GPUs; failing that Q4_K_M with layers or experts in RAM, if
// that is fast enough; failing that fewer bits on the GPUs; failing that
// whatever runs. It never fails: a model that can't run has the verdict no
// and a reason.
func (e *Engine) Rank(m *catalog.Model, rig *Rig) Ranking {
	c := e.compile(m)
	s := Defaults("", RankCtx)
	if m.Context > 0 {
		s.Ctx = min(s.Ctx, m.Context)
	}
	if err := e.checkModel(c, s); err != nil {
		return Ranking{Verdict: No, Standing: StandsOut, Ctx: s.Ctx, Reason: err.Error()}
	}
	q := &question{e: e, c: c, s: s, rig: rig, coarse: true, deal: true}
	r := q.best()
	r.Merit = e.merit(c)
	return r
}

func (q *question) best() Ranking {
	e := q.e
	full, reduced := e.common[:e.fullCount()], e.common[e.fullCount():]
	if r, ok := q.rankAt(full, true); ok {
		return r
	}
	slow, runs := q.rankAt(e.commonFrom(rankStart)[:1], false)
	if runs && slow.Decode.Mid >= readingSpeed {
		slow.Standing = StandsOffloaded
		return slow
	}
	if r, ok := q.rankAt(reduced, true); ok {
		r.Standing = StandsReduced
		return r
	}
	if runs {
		return slow
	}
	if r, ok := q.rankAt(e.commonFrom(rankStart), false); ok {
		return r
	}
	return q.describe(e.common[len(e.common)-1])
}

// fullCount is the number of common precisions of 4 bits or more.
func (e *Engine) fullCount() int {
	for i, m := range e.common {
		if m.record.Bits < fullBits {
			return i
		}
	}
	return len(e.common)
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

// rankAt takes the first of the precisions that does: wholly on the GPUs, or
// at all.
func (q *question) rankAt(mixes []*mix, onGPU bool) (Ranking, bool) {
	q.onGPU = onGPU
	s := q.s
	if onGPU {
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
			return q.describe(m), true
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
func (q *question) describe(m *mix) Ranking {
	s := q.s
	s.Quant = m.record.ID
	out := Ranking{Ctx: s.Ctx, Verdict: No, Standing: StandsOut}
	a, err := q.e.allocator(q.c, s, q.rig)
	if err != nil {
		out.Reason = err.Error()
		return out
	}
	a.coarse, a.deal = q.coarse, q.deal
	a.plan(&q.buffer)
	for d := range q.rig.GPUs {
		out.GPU += q.buffer.devices[d].total()
	}
	out.Host = q.buffer.host().total()
	out.Total = out.GPU + out.Host
	out.Verdict = a.verdict(&q.buffer)
	out.Reason = a.reason(out.Verdict, &q.buffer)
	if out.Verdict == No {
		return out
	}
	out.Standing = [...]Standing{StandsComfortable, StandsTight, StandsSlow}[out.Verdict.rank()]
	out.Quant = s.Quant
	out.Decode = a.speed(&q.buffer).Decode
	at := *q
	at.s.Quant = s.Quant
	out.MaxCtx = at.widestContext()
	return out
}
