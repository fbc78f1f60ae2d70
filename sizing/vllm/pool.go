package vllm

import (
	"sort"

	"runlocal/sizing/shard"
)

// group is a set of layers that share block tables: the blocks that a request
// gets for one of them are those of all.
type group struct {
	spec
	layers []int
}

// pool is the cache as it is planned: groups of layers over blocks that all of
// them use.
// Source: vllm/v1/core/kv_cache_utils.py, get_kv_cache_configs.
type pool struct {
	groups  []group
	even    bool    // one group whose pages may differ
	bytes   []int64 // of a block, by stage
	blocks  int64   // the fewest of all stages
	tokens  int64   // as printed
	times   float64 // requests of full length at a time
	none    bool    // the model keeps nothing
	needed  int64   // bytes that one request of full length takes, on the stage that lacks most
	have    int64   // and what that stage has
	longest int64   // tokens of the longest request that fits
}

// planBlocks groups the layers and divides what is left into blocks.
func (j *job) planBlocks() pool {
	list := j.specs()
	p := pool{none: len(list) == 0}
	if p.none {
		return p
	}
	if uniform(list) {
		p.even = true
		g := group{spec: list[0].spec}
		for _, s := range list {
			g.layers = append(g.layers, s.layer)
		}
		p.groups = []group{g}
	} else {
		p.groups = j.groups(list)
	}
	for i := range j.stages {
		p.bytes = append(p.bytes, p.blockBytes(&j.stages[i], list))
	}
	p.settle(j)
	return p
}

// groups puts layers of one sort together, as many a group as the sort with
// the fewest has; where the numbers are close, as many as the one with the
// most.
func (j *job) groups(list []layerSpec) []group {
	var sorts []group
	for _, s := range list {
		at := -1
		for i := range sorts {
			if sorts[i].spec == s.spec {
				at = i
			}
		}
		if at < 0 {
			at = len(sorts)
			sorts = append(sorts, group{spec: s.spec})
		}
		sorts[at].layers = append(sorts[at].layers, s.layer)
	}
	least, most := len(sorts[0].layers), 0
	for _, s := range sorts {
		least, most = min(least, len(s.layers)), max(most, len(s.layers))
	}
	size := least
	if float64(most) < float64(least)*j.era.WideGroups {
		size = most
	}
	var out []group
	for _, s := range sorts {
		n := (len(s.layers) + size - 1) / size
		for i := range n {
			g := group{spec: s.spec}
			for k := i; k < len(s.layers); k += n {
				g.layers = append(g.layers, s.layers[k])
			}
			out = append(out, g)
		}
	}
	return out
}

// blockBytes is what one block takes on a stage: a page for each layer of the
// largest group there.
func (p *pool) blockBytes(st *stage, list []layerSpec) int64 {
	within := func(layer int) bool { return layer >= st.from && layer < st.from+st.count }
	if p.even {
		n := int64(0)
		for _, s := range list {
			if within(s.layer) {
				n += s.page
			}
		}
		return n
	}
	most := int64(0)
	for _, g := range p.groups {
		n := int64(0)
		for _, l := range g.layers {
			if within(l) {
				n++
			}
		}
		most = max(most, n)
	}
	return most * p.groups[0].page
}

// perRequest is how many blocks a request of so many tokens takes.
func (p *pool) perRequest(j *job, length int64) int64 {
	n := int64(0)
	for _, g := range p.groups {
		n += g.blocks(j, length)
	}
	return n
}

// settle counts blocks, tokens and requests.
func (p *pool) settle(j *job) {
	p.blocks = -1
	for i := range j.stages {
		if p.bytes[i] == 0 {
			continue
		}
		n := max(0, j.stages[i].available/p.bytes[i])
		if p.blocks < 0 || n < p.blocks {
			p.blocks, p.have = n, j.stages[i].available
			p.needed = p.bytes[i] * p.perRequest(j, j.length)
		}
	}
	p.blocks = max(0, p.blocks)
	if each := p.perRequest(j, j.length); each > 0 {
		p.times = float64(p.blocks) / float64(each)
	}
	p.tokens = p.printed(j)
	p.longest = p.widest(j)
}

// printed is the number of tokens that the log names: the older ones count
// blocks, the newer ones requests of full length.
func (p *pool) printed(j *job) int64 {
	if j.era.ByRequests {
		return int64(p.times * float64(j.length))
	}
	block := p.groups[0].block
	for _, g := range p.groups {
		if g.sort != shard.State || len(p.groups) == 1 {
			block = min(block, g.block)
		}
	}
	return p.blocks / int64(len(p.groups)) * block
}

// widest is the longest request that fits on every stage, up to the length
// that was asked for; 0 if not even one token does.
func (p *pool) widest(j *job) int64 {
	fits := func(length int64) bool {
		n := p.perRequest(j, length)
		for i := range j.stages {
			if p.bytes[i]*n > max(0, j.stages[i].available) {
				return false
			}
		}
		return true
	}
	return int64(sort.Search(int(j.length), func(i int) bool { return !fits(int64(i) + 1) }))
}
