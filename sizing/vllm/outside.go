package vllm

import (
	"runlocal/catalog"
	"runlocal/sizing"
)

// beside is the row of what a process takes outside of its tensors.
func (j *job) beside() *catalog.Beside {
	found := &catalog.Beside{}
	if len(j.rig.GPUs) == 0 {
		return found
	}
	g := &j.rig.GPUs[0]
	for _, b := range j.r.server.Beside {
		switch {
		case b.Backend != "any" && b.Backend != g.Backend,
			b.From > 0 && g.ComputeCapability < b.From, b.To > 0 && g.ComputeCapability > b.To,
			b.Unified && !g.Unified,
			b.Eras != "" && j.r.server.Older(b.Eras, j.era.ID):
			continue
		}
		found = b
	}
	return found
}

// outside settles what lies beside the tensors on a stage's GPUs, and what the
// server may take of the card.
func (j *job) outside(st *stage, at int) {
	row := j.beside()
	st.beside = row
	st.nonTorch = row.One
	if j.v2 {
		st.nonTorch += row.V2Resident
	}
	if n := int64(j.lay.World()); n > 1 {
		st.nonTorch += row.Links + row.EachGPU*n
	}
	g := j.gpu(at)
	if g == nil {
		return
	}
	st.context, st.label, st.source = sizing.DriverContext(j.r.overheads, g)
	if j.era.WithContext { // its account begins before the context is there
		st.nonTorch += st.context
		st.context = 0
	}
	st.budget = share(j.memory(g), j.util)
	graphs := j.graphs() * int64(st.count)
	st.captured = graphs * row.GraphLayer
	if j.era.GraphsInside && !j.v2 {
		st.graphs = graphs * row.GraphGuess
	}
}

// memory is the total that CUDA names: of a card taken from the catalog at its
// nominal size, less what the driver keeps.
func (j *job) memory(g *sizing.GPU) int64 {
	if g.Record == nil || g.Capacity != g.Record.MemoryBytes() || g.Unified {
		return g.Capacity
	}
	row := j.beside()
	return g.Capacity - row.Hidden - int64(row.HiddenShare*float64(g.Capacity))
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

// graphs is the number of CUDA graphs: one for each size of a step up to the
// largest, in pieces, and one for each number of sequences as a whole.
// Source: vllm/config/vllm.py, _set_cudagraph_sizes.
func (j *job) graphs() int64 {
	if j.set.Serve.Eager || j.era.GraphMost == 0 {
		return 0
	}
	most := int64(j.era.GraphMost)
	if j.era.GraphTwice {
		most = min(most, 2*j.seqs)
	}
	most = min(most, j.tokens)
	n := sizesUpTo(most)
	if j.era.GraphTwice {
		n += sizesUpTo(min(most, j.seqs))
	}
	return n
}

// sizesUpTo counts 1, 2, 4, then every eighth up to 256 and every sixteenth.
func sizesUpTo(most int64) int64 {
	n := int64(0)
	for _, s := range []int64{1, 2, 4} {
		if s <= most {
			n++
		}
	}
	if most >= 8 {
		n += min(most, 255) / 8
	}
	if most >= 256 {
		n += (most-256)/16 + 1
	}
	return n
}
