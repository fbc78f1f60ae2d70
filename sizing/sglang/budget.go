package sglang

import (
	"fmt"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

const (
	hostBytes    = 4 << 30 // Python, PyTorch's libraries and pinned buffers; estimated
	sourceWeight = "SGLang's linear layers, cut as Megatron-LM cuts them"
	sourcePool   = "python/sglang/srt/model_executor/model_runner.py: what the share leaves after the weights ÷ bytes of a token"
	sourcePeak   = "reasoned: a chunk of the prompt through the widest layer"
)

// cache is the pool of tokens and states of a stage.
func (j *job) cache(at int) (tokens, states int64) {
	st := &j.stages[at]
	return max(0, j.tokens) * st.cell, j.states * st.state
}

func (j *job) parts(at int) sizing.Parts {
	st := &j.stages[at]
	kv, states := j.cache(at)
	return sizing.Parts{
		Weights: st.weights.Total(), KVCache: kv, RecurrentState: states, Compute: st.peak,
		Overhead: st.context + st.links + st.beside + st.captured,
	}
}

func (j *job) budget() sizing.Budget {
	b := sizing.Budget{
		Model: j.m.ID, Quant: j.set.Quant, Ctx: j.set.Ctx, Runtime: ID,
		Devices: make([]sizing.DeviceBudget, len(j.rig.GPUs)+1), Placement: j.placement(), Warnings: j.warnings(), Serving: j.serving(),
	}
	for d := range j.rig.GPUs {
		if at := j.stageOf(d); at >= 0 {
			b.Devices[d].Parts = j.parts(at)
		}
	}
	if j.lone == "" {
		b.Devices[len(j.rig.GPUs)].Overhead = hostBytes
	}
	b.Settle(j.rig, false)
	b.Verdict, b.Reason = j.verdict(b.Verdict, b.Reason)
	b.Speed = j.speed()
	return b
}

// times is how many requests of full length the cache holds.
func (j *job) times() float64 {
	t := float64(max(0, j.tokens)) / float64(j.length)
	if j.tokens < 0 { // nothing is kept by token
		return float64(j.states)
	}
	if j.states > 0 {
		t = min(t, float64(j.states))
	}
	return t
}

func (j *job) verdict(v sizing.Verdict, reason string) (sizing.Verdict, string) {
	const roomy = 1.25
	asked, times := float64(j.set.Parallel), j.times()
	holds := fmt.Sprintf("the cache holds %s tokens, %.2f requests of %s at a time", units.Count(int(max(0, j.tokens))), times, units.Count(int(j.length)))
	switch {
	case j.lone != "":
		return sizing.No, j.lone
	case j.shortBy() > 0:
		return sizing.No, fmt.Sprintf("does not start: weights and the reserve leave no room for the cache (%s short)", units.Bytes(j.shortBy()))
	case v == sizing.No:
		return v, reason
	case times < asked:
		return sizing.No, "starts, but " + holds
	case times < roomy*asked:
		return sizing.Tight, "fits: " + holds
	}
	return sizing.Comfortable, "fits: " + holds
}

// shortBy is what the cache lacks to exist at all.
func (j *job) shortBy() int64 {
	short := int64(0)
	for i := range j.stages {
		if st := &j.stages[i]; st.rest <= 0 && st.cell+st.state > 0 {
			short = max(short, 1-st.rest)
		}
	}
	return short
}

// lines are what the server prints of its memory at start, in its GB of 2^30.
func (j *job) lines() []string {
	if j.lone != "" || j.shortBy() > 0 {
		return nil
	}
	st := &j.stages[0]
	gb := func(n int64) float64 { return float64(n) / (1 << 30) }
	kv, _ := j.cache(0)
	out := []string{
		fmt.Sprintf("Load weight end. avail mem=%.2f GB, mem usage=%.2f GB.", gb(st.free-st.weights.Total()-st.beside), gb(st.weights.Total()+st.beside)),
	}
	if j.tokens > 0 {
		out = append(out, fmt.Sprintf("KV Cache is allocated. #tokens: %d, K size: %.2f GB, V size: %.2f GB", j.tokens, gb(kv)/2, gb(kv)/2))
	}
	return append(out, fmt.Sprintf("max_total_num_tokens=%d, chunked_prefill_size=%d, max_running_requests=%d, context_len=%d", max(0, j.tokens), j.chunk, j.running(), j.length))
}

// running is how many requests it takes at a time.
func (j *job) running() int64 {
	if n := j.set.Serve.Seqs; n > 0 {
		return int64(n)
	}
	n := min(max(int64(float64(max(0, j.tokens))/float64(j.length)*512), 2048), 4096)
	if j.states > 0 {
		n = min(n, j.states)
	}
	return n
}

func (j *job) serving() *sizing.Serving {
	st := &j.stages[0]
	s := &sizing.Serving{
		Era: j.era.ID, Tensor: j.lay.Tensor, Pipeline: j.lay.Pipeline, Data: j.lay.Data,
		Utilization: j.share, MaxModelLen: int(j.length), Seqs: int(j.running()), Tokens: int(j.chunk),
		Budget: int64(float64(st.free) * j.share), Available: st.rest, BlockSize: 1, Lines: j.lines(),
	}
	if j.shortBy() == 0 && j.lone == "" {
		s.Blocks, s.KVTokens, s.Concurrency = max(0, j.tokens), max(0, j.tokens), j.times()
	}
	return s
}

func (j *job) placement() sizing.Placement {
	n := len(j.m.Layers)
	p := sizing.Placement{
		Layers: n + 1, GPULayers: n + 1, PerDevice: make([]int, len(j.rig.GPUs)), FlashAttn: true,
		CtxPadded: int(j.length), Streams: j.set.Parallel, SplitMode: sizing.SplitRow,
	}
	if j.lone != "" {
		p.GPULayers = 0
	}
	for d := range p.PerDevice {
		if at := j.stageOf(d); at >= 0 {
			p.PerDevice[d] = j.stages[at].count
			if at == j.lay.Pipeline-1 {
				p.PerDevice[d]++
			}
		}
	}
	return p
}

func (j *job) warnings() []string {
	var w []string
	if m := j.m; m.Context > 0 && j.length > int64(m.Context) {
		w = append(w, fmt.Sprintf("%s tokens a sequence are more than the %s that %s was made for", units.Count(int(j.length)), units.Count(m.Context), m.Name))
	}
	if n := len(j.rig.GPUs); n > j.lay.World() && j.lone == "" {
		w = append(w, fmt.Sprintf("%d of %d GPUs are not used: tensor × pipeline × data parallel is %d", n-j.lay.World(), n, j.lay.World()))
	}
	return w
}
