package sglang

import (
	"math"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/shard"
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
	lone string // why the rig does not run it at all; empty if it does

	length  int64 // context-length
	chunk   int64 // chunked-prefill-size, tokens
	graphs  int64 // cuda-graph-max-bs
	share   float64
	kvBytes int64
	vision  bool

	stages []stage
	tokens int64 // that the cache holds
	states int64 // sequences that its states hold; 0 = the model has none
}

// stage is what each GPU of a pipeline stage holds, bytes.
type stage struct {
	from, count int
	weights     shard.Weights
	context     int64 // the driver's
	label       sizing.Label
	source      string
	links       int64 // of the links between GPUs, there before the first look
	beside      int64 // outside of PyTorch, later
	free        int64 // before the model is loaded
	rest        int64 // for cache and states
	cell        int64 // bytes of a token
	state       int64 // bytes of a sequence
	peak        int64 // activations of a whole chunk, or of the sampler
	captured    int64 // CUDA graphs
}

func (r *Runtime) job(m *catalog.Model, s sizing.Settings, rig *sizing.Rig) (*job, error) {
	q, err := r.loads(m, s.Quant)
	if err != nil {
		return nil, err
	}
	j := &job{r: r, m: r.model(m), q: q, set: s, rig: rig, era: r.server.Era(s.Build)}
	if j.era == nil {
		return nil, sizing.Refuse("runtime-build", "no era %q of SGLang; the newest is %s", s.Build, r.server.Eras[0].ID)
	}
	if err := j.divide(); err != nil {
		return nil, err
	}
	if err := j.numbers(); err != nil {
		return nil, err
	}
	j.vision = j.m.HasTowers() && s.Vision.On
	j.defaults()
	j.load()
	return j, nil
}

func (j *job) divide() error {
	v, n := &j.set.Serve, len(j.rig.GPUs)
	j.lay = shard.Layout{Tensor: v.Tensor, Pipeline: max(1, v.Pipeline), Data: max(1, v.Data), Experts: v.Experts}
	if v.Tensor == 0 {
		j.lay.Tensor = shard.Widest(j.m.Model, max(1, n/(j.lay.Pipeline*j.lay.Data)))
	}
	if err := j.lay.Check(j.m.Model); err != nil {
		return err
	}
	switch {
	case n == 0:
		j.lone = "needs a GPU: SGLang's way on processors is not sized"
	case j.rig.GPUs[0].Backend == "metal":
		j.lone = "SGLang does not run on Apple's GPUs; MLX and llama.cpp do"
	case n < j.lay.World():
		j.lone = "needs more GPUs than there are: tensor × pipeline × data parallel"
	}
	return nil
}

func (j *job) numbers() error {
	s, v := &j.set, &j.set.Serve
	if s.Ctx == 0 {
		s.Ctx = max(1, j.m.Context) * max(1, s.Parallel)
	}
	for _, n := range []struct {
		flag      string
		v, lo, hi int
	}{
		{"ctx", s.Ctx, 1, 1 << 27}, {"parallel", s.Parallel, 1, 1 << 16},
		{"max-num-seqs", v.Seqs, 0, 1 << 16}, {"max-num-batched-tokens", v.Tokens, 0, 1 << 22},
	} {
		if n.v < n.lo || n.v > n.hi {
			return sizing.Refuse(n.flag, "%s %d is out of range: %d to %d", n.flag, n.v, n.lo, n.hi)
		}
	}
	if math.IsNaN(v.Utilization) || v.Utilization < 0 || v.Utilization > 1 {
		return sizing.Refuse("gpu-memory-utilization", "mem-fraction-static %g is no share: above 0, up to 1", v.Utilization)
	}
	switch s.KVTypeK {
	case "", "auto", "f16", "bf16":
		j.kvBytes = j.q.DtypeBytes()
	case "fp8":
		j.kvBytes = 1
	default:
		return sizing.Refuse("kv-type", "SGLang keeps its cache as auto or fp8, not as %q", s.KVTypeK)
	}
	j.length = max(1, int64(s.Ctx)/int64(s.Parallel))
	return nil
}

// defaults are the server's choices by the size of the card: tokens of a
// chunk, the largest batch with a graph, and so what it leaves free.
// Source: python/sglang/srt/server_args.py, _handle_gpu_memory_settings.
func (j *job) defaults() {
	mib := int64(math.MaxInt64)
	for d := range j.rig.GPUs {
		mib = min(mib, j.rig.GPUs[d].Capacity>>20)
	}
	if len(j.rig.GPUs) == 0 {
		mib = 1
	}
	wide := j.lay.Tensor >= 4
	pick := func(few, many int64) int64 {
		if wide {
			return many
		}
		return few
	}
	switch gib := mib >> 10; {
	case gib < 20:
		j.chunk, j.graphs = 2048, 8
	case gib < 35:
		j.chunk, j.graphs = 2048, pick(24, 80)
	case gib < 60:
		j.chunk, j.graphs = 4096, pick(32, 160)
	case gib < 160:
		j.chunk, j.graphs = 8192, pick(256, 512)
	default:
		j.chunk, j.graphs = 16384, 512
	}
	if n := j.set.Serve.Tokens; n > 0 {
		j.chunk = int64(n)
	}
	j.share = j.set.Serve.Utilization
	if j.share == 0 {
		reserved := 512 + 1.5*float64(max(j.chunk, 2048)) + 2*float64(j.graphs) + 128*float64(j.lay.Tensor*j.lay.Pipeline)
		if mib > 60<<10 {
			reserved = max(reserved, 10<<10)
		}
		j.share = math.Round(1000*max(0, (float64(mib)-reserved)/float64(max(1, mib)))) / 1000
		if j.vision {
			j.share *= 0.95 // room for images
		}
	}
	if j.set.Serve.Eager {
		j.graphs = 0
	}
}
