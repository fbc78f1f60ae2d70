package sglang

import (
	"slices"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/shard"
)

// load follows the start: the memory that is free once the links are up, the
// weights, and of what is left then the part that the share leaves to the
// cache.
// Source: python/sglang/srt/model_executor/model_runner.py, profile_max_num_token.
func (j *job) load() {
	from := 0
	for i, n := range j.lay.Stages(len(j.m.Layers)) {
		st := stage{from: from, count: n}
		st.weights = j.m.Weights(j.q, j.lay, i, from, n, j.vision)
		from += n
		j.device(&st, i)
		j.cells(&st)
		st.peak = j.peak(&st)
		st.rest = int64(float64(st.free)*j.share) - st.weights.Total() - st.beside
		j.stages = append(j.stages, st)
	}
	j.hold()
}

// device settles what lies beside the tensors.
func (j *job) device(st *stage, at int) {
	row := j.beside()
	st.beside = row.One
	if n := int64(j.lay.World()); n > 1 {
		st.links = row.Links + row.EachGPU*n
	}
	st.captured = j.graphCount() * int64(st.count) * row.GraphLayer
	g := j.gpu(at)
	if g == nil {
		return
	}
	st.context, st.label, st.source = sizing.DriverContext(j.r.overheads, g)
	st.free = max(0, j.memory(g)-g.UsedByOthers-st.context-st.links)
}

func (j *job) beside() *catalog.Beside {
	found := &catalog.Beside{}
	for _, b := range j.r.server.Beside {
		if len(j.rig.GPUs) > 0 && (b.Backend == "any" || b.Backend == j.rig.GPUs[0].Backend) {
			found = b
		}
	}
	return found
}

// memory is the total that CUDA names of a card.
func (j *job) memory(g *sizing.GPU) int64 {
	if g.Record == nil || g.Capacity != g.Record.MemoryBytes() || g.Unified {
		return g.Capacity
	}
	row := j.beside()
	return g.Capacity - row.Hidden - int64(row.HiddenShare*float64(g.Capacity))
}

// stageOf is the pipeline stage of a GPU; -1 for one that is not used.
func (j *job) stageOf(d int) int {
	if j.lone != "" || d >= j.lay.World() {
		return -1
	}
	return d / j.lay.Tensor % j.lay.Pipeline
}

// gpu is the smallest GPU of a pipeline stage; nil where nothing runs.
func (j *job) gpu(at int) *sizing.GPU {
	var least *sizing.GPU
	for d := range j.rig.GPUs {
		if g := &j.rig.GPUs[d]; j.stageOf(d) == at && (least == nil || g.Capacity < least.Capacity) {
			least = g
		}
	}
	return least
}

// graphCount is the number of batches with a graph: 1, 2, 4, 8, 12, then every
// eighth, sixteenth and thirty-second.
func (j *job) graphCount() int64 {
	n := int64(0)
	for _, b := range []int64{1, 2, 4, 8, 12} {
		if b <= j.graphs {
			n++
		}
	}
	for _, step := range []struct{ from, to, by int64 }{{16, 256, 8}, {272, 511, 16}, {512, 1 << 20, 32}} {
		if j.graphs >= step.from {
			n += (min(j.graphs, step.to)-step.from)/step.by + 1
		}
	}
	return n
}

// windowShare is how many tokens layers with a window keep, of those that the
// others keep, where the server gives them a pool of their own.
const windowShare = 0.8

// cells are the bytes of a token and of a sequence on a stage.
func (j *job) cells(st *stage) {
	own := slices.Contains(j.r.server.WindowPools, j.m.HFArch)
	for _, k := range j.m.KindsOf(st.from, st.count) {
		for _, c := range j.m.Kinds[k].Caches {
			switch n := c.PerToken(j.lay) * j.kvBytes; {
			case c.Sort == shard.State:
				st.state += j.stateBytes(c)
			case c.Sort == shard.Index:
				st.cell += c.Width + c.Width/128*4
			case c.Sort != shard.Full && c.Sort != shard.Latent && own:
				st.cell += int64(windowShare * float64(n))
			default:
				st.cell += n
			}
		}
	}
}

func (j *job) stateBytes(c shard.Cache) int64 {
	w, rec := j.q.DtypeBytes(), j.q.DtypeBytes()
	if slices.Contains(j.r.server.StateF32, j.m.HFArch) {
		rec = 4
	}
	return c.StateBytes(j.lay, w, rec)
}

// stateShare is what states get of the rest, next to the tokens.
const stateShare = 0.9

// hold counts the tokens and sequences that every stage has room for.
func (j *job) hold() {
	j.tokens, j.states = -1, 0
	for i := range j.stages {
		st := &j.stages[i]
		rest := max(0, st.rest)
		if st.state > 0 {
			part := rest
			if st.cell > 0 {
				part = int64(float64(rest) * stateShare / (1 + stateShare))
			}
			if n := part / st.state; j.states == 0 || n < j.states {
				j.states = n
			}
			rest -= part
		}
		if st.cell == 0 {
			continue
		}
		if n := rest / st.cell; j.tokens < 0 || n < j.tokens {
			j.tokens = n
		}
	}
}

// peak is the widest moment of a chunk, or of drawing tokens.
func (j *job) peak(st *stage) int64 {
	w, d := j.q.DtypeBytes(), int64(j.m.Hidden)
	wide := int64(0)
	for _, k := range j.m.KindsOf(st.from, st.count) {
		wide = max(wide, j.ffnWidth(&j.m.Kinds[k].Block.FFN, d))
	}
	forward := j.chunk * w * (3*d + wide)
	sampler := j.chunk*d*w + int64(j.era.LogitBytes*float64(min(j.chunk, max(1, j.graphs))*int64(j.m.Vocab)))
	return max(forward, sampler)
}

func (j *job) ffnWidth(x *catalog.FFN, d int64) int64 {
	t := int64(j.lay.Tensor)
	up := func(n int64) int64 { return (n + t - 1) / t }
	switch x.Type {
	case catalog.FFNDense:
		return 3 * up(int64(x.Intermediate))
	case catalog.FFNMoE:
		inner := up(int64(x.ExpertIntermediate))
		return 2*d + int64(x.Active)*(max(2*inner, d)+inner)
	}
	return 0
}
