package shard

import (
	"runlocal/catalog"
	"runlocal/sizing"
)

// Layout is how a server divides a model.
type Layout struct {
	Tensor, Pipeline, Data int
	Experts                bool // whole experts to each GPU
}

// World is the number of GPUs.
func (l Layout) World() int { return l.Tensor * l.Pipeline * l.Data }

// Check refuses divisions that no server makes of a model.
func (l Layout) Check(m *catalog.Model) error {
	const most = 1024
	for _, n := range []struct {
		flag string
		v    int
	}{{"tensor-parallel", l.Tensor}, {"pipeline-parallel", l.Pipeline}, {"data-parallel", l.Data}} {
		if n.v < 1 || n.v > most {
			return sizing.Refuse(n.flag, "%s %d is out of range: 1 to %d", n.flag, n.v, most)
		}
	}
	if l.Pipeline > max(1, m.Layers()) {
		return sizing.Refuse("pipeline-parallel", "%s has %d layers; %d stages are too many", m.Name, m.Layers(), l.Pipeline)
	}
	if h := oddHeads(m, l.Tensor); h > 0 {
		return sizing.Refuse("tensor-parallel", "%d GPUs do not divide the %d heads of %s", l.Tensor, h, m.Name)
	}
	return nil
}

// Widest is the largest number of GPUs up to n that divides the heads.
func Widest(m *catalog.Model, n int) int {
	for t := n; t > 1; t-- {
		if oddHeads(m, t) == 0 {
			return t
		}
	}
	return 1
}

// oddHeads is a number of heads that t GPUs do not divide; 0 if there is none.
func oddHeads(m *catalog.Model, t int) int {
	odd := 0
	var look func(x *catalog.Mixer)
	look = func(x *catalog.Mixer) {
		for i := range x.Mixers {
			look(&x.Mixers[i])
		}
		for _, h := range []int{x.Heads, x.ValueHeads} {
			if x.Type != catalog.MixerParallel && h%t != 0 {
				odd = h
			}
		}
	}
	var seen *catalog.Block
	m.EachLayer(func(l catalog.Layer) {
		if l.Block != seen {
			seen = l.Block
			look(&l.Block.Mixer)
		}
	})
	return odd
}

// Stages is how many layers each pipeline stage has: the same for all, and one
// more for those before the last where it does not come out even.
// Source: vllm/distributed/utils.py, get_pp_indices.
func (l Layout) Stages(layers int) []int {
	p := l.Pipeline
	list := make([]int, p)
	for i := range list {
		list[i] = layers / p
	}
	for i, left := 2, layers%p; left > 0; i, left = i+1, left-1 {
		list[(2*p-i)%p]++
	}
	return list
}

// expertRanks is over how many GPUs the experts of a layer are spread.
func (l Layout) expertRanks() int64 { return int64(l.Tensor) * int64(l.Data) }

// ceil is a/b rounded up.
func ceil(a, b int64) int64 { return (a + b - 1) / b }
