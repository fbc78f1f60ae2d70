package vllm

import (
	"math"
	"slices"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/shard"
)

// Limits of a request; beyond them it is a typing error.
const (
	mostTokens    = 1 << 27
	mostSequences = 1 << 16
)

// job is a request that was checked, on its rig.
type job struct {
	r    *Runtime
	m    *shard.Model
	q    *catalog.Scheme
	era  *catalog.ServerEra
	set  sizing.Settings
	rig  *sizing.Rig
	lay  shard.Layout
	lone string // why the rig does not run vLLM at all; empty if it does

	length  int64 // max_model_len
	seqs    int64 // max_num_seqs
	tokens  int64 // max_num_batched_tokens
	util    float64
	kvBytes float64 // of a cached element
	kvName  string
	vision  bool
	v2      bool // the new model runner takes the model

	stages []stage // by pipeline stage
	plan   pool
}

func (r *Runtime) job(m *catalog.Model, s sizing.Settings, rig *sizing.Rig) (*job, error) {
	q, err := r.loads(m, s.Quant)
	if err != nil {
		return nil, err
	}
	j := &job{r: r, m: r.model(m), q: q, set: s, rig: rig, era: r.server.Era(s.Build)}
	if j.era == nil {
		return nil, sizing.Refuse("runtime-build", "no era %q of vLLM; there are %s", s.Build, strings.Join(r.Eras(), ", "))
	}
	if old := j.era.OldCards; old != "" && len(rig.GPUs) > 0 && rig.GPUs[0].ComputeCapability > 0 && rig.GPUs[0].ComputeCapability < 8 {
		j.era = r.server.Era(old)
	}
	if err := j.divide(); err != nil {
		return nil, err
	}
	if err := j.numbers(); err != nil {
		return nil, err
	}
	if err := j.cacheType(); err != nil {
		return nil, err
	}
	j.vision = j.m.HasTowers() && s.Vision.On
	j.v2 = j.newRunner()
	j.profile()
	return j, nil
}

// divide settles over which GPUs the model goes.
func (j *job) divide() error {
	v := &j.set.Serve
	n := len(j.rig.GPUs)
	j.lay = shard.Layout{Tensor: v.Tensor, Pipeline: max(1, v.Pipeline), Data: max(1, v.Data), Experts: v.Experts}
	if v.Tensor == 0 {
		j.lay.Tensor = shard.Widest(j.m.Model, max(1, n/(j.lay.Pipeline*j.lay.Data)))
	}
	if err := j.lay.Check(j.m.Model); err != nil {
		return err
	}
	switch {
	case n == 0:
		j.lone = "needs a GPU: vLLM's way on processors is not sized"
	case j.rig.GPUs[0].Backend == "metal":
		j.lone = "vLLM does not run on Apple's GPUs; MLX and llama.cpp do"
	case j.rig.GPUs[0].Backend == "cuda" && j.rig.GPUs[0].ComputeCapability > 0 && j.rig.GPUs[0].ComputeCapability < 7:
		j.lone = "vLLM needs compute capability 7.0 and more"
	case n < j.lay.World():
		j.lone = "needs more GPUs than there are: tensor × pipeline × data parallel"
	}
	return nil
}

// numbers settles lengths, batches and shares.
func (j *job) numbers() error {
	s, v := &j.set, &j.set.Serve
	if s.Ctx == 0 {
		s.Ctx = max(1, j.m.Context) * max(1, s.Parallel)
	}
	for _, n := range []struct {
		flag      string
		v, lo, hi int
	}{
		{"ctx", s.Ctx, 1, mostTokens}, {"parallel", s.Parallel, 1, mostSequences},
		{"max-num-seqs", v.Seqs, 0, mostSequences}, {"max-num-batched-tokens", v.Tokens, 0, 1 << 22},
	} {
		if n.v < n.lo || n.v > n.hi {
			return sizing.Refuse(n.flag, "%s %d is out of range: %d to %d", n.flag, n.v, n.lo, n.hi)
		}
	}
	if math.IsNaN(v.Utilization) || v.Utilization < 0 || v.Utilization > 1 {
		return sizing.Refuse("gpu-memory-utilization", "gpu-memory-utilization %g is no share: above 0, up to 1", v.Utilization)
	}
	if j.util = v.Utilization; j.util == 0 {
		j.util = j.era.Share
	}
	j.length = max(1, int64(s.Ctx)/int64(s.Parallel))
	j.batch()
	return nil
}

// batch settles tokens and sequences of a step as vllm serve does.
// Source: vllm/engine/arg_utils.py, get_batch_defaults.
func (j *job) batch() {
	e, v := j.era, &j.set.Serve
	tokens, seqs := e.TokensSmall, e.SeqsSmall
	if j.large() {
		tokens, seqs = e.Tokens, e.Seqs
	}
	j.tokens, j.seqs = int64(v.Tokens), int64(v.Seqs)
	if j.seqs == 0 {
		j.seqs = int64(seqs)
	}
	if j.tokens == 0 {
		const chunkedFrom = 32768 // the first engine takes longer prompts in chunks
		j.tokens = int64(tokens)
		if e.WholePrompt && j.length <= chunkedFrom {
			j.tokens = max(j.tokens, j.length)
		}
		j.tokens = min(j.tokens, max(j.seqs, int64(j.set.Parallel))*j.length)
	}
	if v.Seqs == 0 {
		j.seqs = min(j.seqs, j.tokens)
	}
}

// large tells cards that get larger batches by themselves: 70 GiB and more by
// what the driver reports, other than an A100. Of memory shared with the host
// the driver reports nothing.
func (j *job) large() bool {
	const from = 70 << 30
	if len(j.rig.GPUs) == 0 {
		return false
	}
	g := &j.rig.GPUs[0]
	return !g.Unified && g.Capacity >= from && !strings.Contains(strings.ToLower(g.Name), "a100")
}

// cacheType settles the bytes of a cached element.
func (j *job) cacheType() error {
	j.kvName = j.set.KVTypeK
	switch j.kvName {
	case "", "auto", "f16", "bf16":
		j.kvBytes, j.kvName = float64(j.q.DtypeBytes()), "auto"
	case "f32":
		j.kvBytes = 4
	case "fp8", "fp8_e4m3", "fp8_e5m2":
		j.kvBytes = 1
	case "nvfp4":
		j.kvBytes = 0.5 + 1.0/16
	default:
		return sizing.Refuse("kv-type", "vLLM keeps its cache as auto, fp8 or nvfp4, not as %q", j.kvName)
	}
	return nil
}

// newRunner tells whether the era's new model runner takes the model.
// Source: vllm/config/vllm.py, use_v2_model_runner.
func (j *job) newRunner() bool {
	linear, moe := false, false
	for i := range j.m.Kinds {
		b := j.m.Kinds[i].Block
		moe = moe || b.FFN.Type == catalog.FFNMoE
		for _, c := range j.m.Kinds[i].Caches {
			linear = linear || c.Sort == shard.State
		}
	}
	plain := !linear && !j.m.HasTowers() && len(j.set.LoRA) == 0
	switch j.era.V2 {
	case "most":
		return plain
	case "dense":
		return plain && !moe
	case "some":
		return plain && j.q.Plain() && slices.Contains(j.r.server.V2Runner, j.m.HFArch)
	}
	return false
}
