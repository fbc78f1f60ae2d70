package sizing

import (
	"fmt"
	"math"

	"runlocal/catalog"
)

// Draft is a small model that guesses tokens ahead for the large one to check.
type Draft struct {
	Model     *catalog.Model
	Quant     string // empty = the large model's
	Ctx       int    // tokens; 0 = the large model's
	GPULayers int    // LayersAuto and LayersAll are all
}

// draftSettings are the small model's, as the server starts it.
func draftSettings(s Settings) Settings {
	d := s
	d.Draft, d.LoRA, d.Vision, d.Overrides, d.Embeddings = nil, nil, Projector{}, nil, false
	d.CPUMoE = 0
	if s.Draft.Quant != "" {
		d.Quant = s.Draft.Quant
	}
	if s.Draft.Ctx > 0 {
		d.Ctx = s.Draft.Ctx
	}
	d.GPULayers = s.Draft.GPULayers
	if d.GPULayers < 0 {
		d.GPULayers = LayersAll
	}
	return d
}

func (e *Engine) checkDraft(c *compiled, s *Settings) error {
	if s.Draft == nil {
		return nil
	}
	d := s.Draft
	switch {
	case d.Model == nil:
		return refuse("draft", "draft: no model named")
	case d.Ctx < 0 || d.Ctx > maxCtx:
		return refuse("draft-ctx", "draft-ctx %d is out of range: 0 to %d tokens", d.Ctx, maxCtx)
	case s.Embeddings || c.model.Encoder:
		return refuse("draft", "draft: a model for embeddings drafts nothing")
	case d.Model.Encoder:
		return refuse("draft", "draft: %s makes embeddings, not text", d.Model.Name)
	}
	all := e.forDrafts()
	_, err := all.resolve(all.compile(d.Model), draftSettings(*s))
	if err != nil {
		return refuse("draft", "draft %s: %v", d.Model.ID, err)
	}
	return nil
}

// forDrafts is the engine that knows every model of the catalog: an engine for
// one file asks the one that it was made from.
func (e *Engine) forDrafts() *Engine {
	if e.parent != nil {
		return e.parent
	}
	return e
}

// addDraft adds weights, cache and buffers of the draft model, dealt out over
// the same devices.
func (a *allocator) addDraft(list []extra) []extra {
	if a.r.Draft == nil {
		return list
	}
	small, out, err := a.draft()
	if err != nil {
		return list // checked with the settings
	}
	name := small.c.model.Name
	for d := range out.devices {
		h := &out.devices[d]
		for _, p := range []struct {
			term  string
			bytes int64
			label Label
			say   string
		}{
			{"weights", h.weights, Exact, "weights at " + small.r.Quant},
			{"kv_cache", h.kv, Exact, fmt.Sprintf("cache of %d tokens", small.r.Ctx)},
			{"recurrent_state", h.state, Exact, "recurrent state"},
			{"compute", h.compute, Calibrated, "compute buffer"},
		} {
			if p.bytes != 0 {
				list = append(list, extra{d, Step{
					Term: p.term, Bytes: p.bytes, Label: p.label, Formula: "draft model: as a model of its own on the same devices",
					Filled: name + ": " + p.say, Source: "the engine's own rules for the small model",
				}})
			}
		}
	}
	return list
}

// draft lays the small model out by itself.
func (a *allocator) draft() (*allocator, *allocation, error) {
	e := a.c.engine.forDrafts()
	r, err := e.resolve(e.compile(a.r.Draft.Model), draftSettings(a.r.Settings))
	if err != nil {
		return nil, nil, err
	}
	small := newAllocator(e.compile(a.r.Draft.Model), &r, a.rig)
	small.coarse = a.coarse
	out := new(allocation)
	gpu := r.GPULayers
	if gpu < 0 {
		gpu = len(small.c.layers) + 1
	}
	small.at(place{gpuLayers: gpu}, out)
	return small, out, nil
}

// The shares of drafted tokens that the large model takes over: what
// published runs of models of one family lie between.
const (
	acceptLow, acceptMid, acceptHigh = 0.5, 0.65, 0.8
	mostDrafted                      = 16 // tokens guessed ahead at most, llama.cpp's usual limit
)

// Speculation is what a draft model is expected to bring.
type Speculation struct {
	Low      float64 `json:"low"` // times as fast as without
	Mid      float64 `json:"mid"`
	High     float64 `json:"high"`
	Drafted  int     `json:"drafted"`  // tokens ahead that are best at the middle
	Accepted float64 `json:"accepted"` // share of them taken over at the middle
	Label    Label   `json:"label"`
}

// speculate compares the time for several tokens with and without a draft: so
// many passes of the small model and one of the large, which checks all at
// once.
func (a *allocator) speculate(out *allocation) *Speculation {
	if a.r.Draft == nil {
		return nil
	}
	small, placed, err := a.draft()
	if err != nil {
		return nil
	}
	slow, fast := a.decodeTime(out), small.decodeTime(placed)
	large, quick := slow.total(), fast.total()
	s := &Speculation{Label: Estimated, Accepted: acceptMid}
	s.Low, _ = gain(acceptLow, quick/large)
	s.Mid, s.Drafted = gain(acceptMid, quick/large)
	s.High, _ = gain(acceptHigh, quick/large)
	return s
}

// checkCost is what checking a drafted token adds to a pass, of a pass.
const checkCost = 0.03

// gain is the best speed-up at an acceptance rate, and the number of tokens
// drafted for it. cost is the small model's time for a token by the large
// one's.
func gain(accept, cost float64) (best float64, drafted int) {
	best = 1 / (1 + cost + checkCost)
	for n := 1; n <= mostDrafted; n++ {
		tokens := (1 - math.Pow(accept, float64(n+1))) / (1 - accept)
		if g := tokens / (1 + float64(n)*(cost+checkCost)); n == 1 || g > best {
			best, drafted = g, n
		}
	}
	return best, drafted
}
