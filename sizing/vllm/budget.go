package vllm

import (
	"fmt"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// hostBytes is what the server's processes take in RAM: Python, PyTorch's
// libraries and pinned buffers; estimated.
const hostBytes = 4 << 30

// roomy is how many requests of full length at a time make a comfortable fit.
const roomy = 1.25

// stageOf is the pipeline stage of a GPU; -1 for one that is not used.
func (j *job) stageOf(d int) int {
	if j.lone != "" || d >= j.lay.World() {
		return -1
	}
	return d / j.lay.Tensor % j.lay.Pipeline
}

// parts is what one GPU holds.
func (j *job) parts(at int) sizing.Parts {
	st := &j.stages[at]
	p := sizing.Parts{Weights: st.loaded(), Compute: st.peak, KVCache: j.cacheBytes(at)}
	p.Overhead = st.context + st.nonTorch + st.captured
	return p
}

// cacheBytes is the pool of blocks, or what one request would need where the
// server refuses to start.
func (j *job) cacheBytes(at int) int64 {
	p := &j.plan
	switch {
	case p.none:
		return 0
	case j.refusal() != "":
		return p.bytes[at] * p.perRequest(j, j.length)
	}
	return p.blocks * p.bytes[at]
}

// budget writes the answer down.
func (j *job) budget() sizing.Budget {
	b := sizing.Budget{
		Model: j.m.ID, Quant: j.set.Quant, Ctx: j.set.Ctx, Runtime: ID,
		Devices: make([]sizing.DeviceBudget, len(j.rig.GPUs)+1), Placement: j.placement(), Warnings: j.warnings(),
		Serving: j.serving(),
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

// verdict grades by what the server does: it fills the card on purpose, so
// that what counts is whether it starts and how many requests it holds.
func (j *job) verdict(v sizing.Verdict, reason string) (sizing.Verdict, string) {
	p := &j.plan
	asked := float64(j.set.Parallel)
	switch refused := j.refusal(); {
	case j.lone != "":
		return sizing.No, j.lone
	case refused != "" && p.needed > p.have && p.have > 0 && j.noRoomAtStart() == "":
		return sizing.No, fmt.Sprintf("does not start: a request of %s tokens needs %s of cache, and %s are left; the longest that fits is %s tokens",
			units.Count(int(j.length)), units.Bytes(p.needed), units.Bytes(p.have), units.Count(int(p.longest)))
	case j.noRoomAtStart() != "":
		return sizing.No, "does not start: less of the card is free than the share that it may take"
	case refused != "":
		return sizing.No, fmt.Sprintf("does not start: weights and activations leave no room for the cache (%s short)", units.Bytes(-p.have))
	case v == sizing.No:
		return v, reason
	case p.none:
		return sizing.Comfortable, "fits: there is no cache"
	case p.times < asked:
		return sizing.No, fmt.Sprintf("starts, but holds %.2f requests of %s tokens at a time, not %d", p.times, units.Count(int(j.length)), j.set.Parallel)
	case p.times < roomy*asked:
		return sizing.Tight, j.holds()
	}
	return sizing.Comfortable, j.holds()
}

func (j *job) holds() string {
	return fmt.Sprintf("fits: the cache holds %s tokens, %.2f requests of %s at a time",
		units.Count(int(j.plan.tokens)), j.plan.times, units.Count(int(j.length)))
}

func (j *job) serving() *sizing.Serving {
	st, p := &j.stages[0], &j.plan
	s := &sizing.Serving{
		Era: j.era.ID, Tensor: j.lay.Tensor, Pipeline: j.lay.Pipeline, Data: j.lay.Data,
		Utilization: j.util, MaxModelLen: int(j.length), Seqs: int(j.seqs), Tokens: int(j.tokens),
		Budget: st.budget, Available: st.available, Lines: j.lines(), Refusal: j.refusal(),
	}
	if p.none {
		return s
	}
	s.BlockSize = p.groups[0].block
	if s.Refusal == "" {
		s.Blocks, s.KVTokens, s.Concurrency = p.blocks, p.tokens, p.times
	} else {
		s.EstimatedLen = int(p.longest)
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
	m := j.m
	if m.Context > 0 && j.length > int64(m.Context) {
		w = append(w, fmt.Sprintf("%s tokens a sequence are more than the %s that %s was made for; vLLM refuses without VLLM_ALLOW_LONG_MAX_MODEL_LEN", units.Count(int(j.length)), units.Count(m.Context), m.Name))
	}
	if m.Grade == "recalled" {
		w = append(w, "the shape of this model is from memory; its parameter count agrees with the published one")
	}
	if n := len(j.rig.GPUs); n > j.lay.World() && j.lone == "" {
		w = append(w, fmt.Sprintf("%d of %d GPUs are not used: tensor × pipeline × data parallel is %d", n-j.lay.World(), n, j.lay.World()))
	}
	if j.m.HasTowers() && !j.vision {
		w = append(w, "without the vision part: start with --language-model-only or limit images to 0")
	}
	if len(j.rig.GPUs) > 0 && j.rig.GPUs[0].ComputeCapability > 0 && j.rig.GPUs[0].ComputeCapability < 8 && j.q.Dtype == "bf16" {
		w = append(w, "cards before compute capability 8.0 have no bfloat16: start with --dtype half")
	}
	if block := j.alignedBlock(); block > j.tokens && j.era.AlignState && !j.set.Serve.NoPrefixCache {
		w = append(w, fmt.Sprintf("with prefix caching a step has to hold a block of %s tokens: ask for max-num-batched-tokens %d and more, or turn prefix caching off", units.Count(int(block)), block))
	}
	if j.r.compressed(m.Model) {
		w = append(w, "compressed sparse attention: the cache is reasoned from the model's ratios, not from vLLM's own format")
	}
	return w
}
