package vllm

import (
	"slices"

	"runlocal/sizing/shard"
)

// spec is how one sort of layer keeps its cache: blocks of so many tokens,
// each a page of so many bytes.
// Source: vllm/v1/kv_cache_interface.py.
type spec struct {
	sort   shard.CacheSort
	block  int64 // tokens
	page   int64 // bytes
	window int64 // tokens; of sliding and chunked ones
}

// blocks is how many blocks a request of so many tokens needs at most.
func (p spec) blocks(j *job, length int64) int64 {
	switch p.sort {
	case shard.Sliding:
		n := min(p.window-1+j.tokens, length)
		return ceil(n, p.block) + 1 // a window may begin inside a block
	case shard.Chunked:
		return ceil(min(p.window+j.tokens, length), p.block)
	case shard.State:
		if j.era.AlignState && !j.set.Serve.NoPrefixCache {
			return 2 // the state that is in use, and the one that can be found again
		}
		return 1
	default:
		return ceil(length, p.block)
	}
}

// blockSize is the tokens of a block where no state asks for more: the kernel
// of latent attention on data-centre cards has a block of its own.
func (j *job) blockSize() int64 {
	const usual = 16
	if len(j.rig.GPUs) == 0 {
		return usual
	}
	for i := range j.m.Kinds {
		for _, c := range j.m.Kinds[i].Caches {
			if c.Sort != shard.Latent {
				continue
			}
			switch cc := j.rig.GPUs[0].ComputeCapability; {
			case cc >= 10 && cc < 12:
				return 128 // CUTLASS's
			case cc >= 9 && cc < 10:
				return 64 // FlashMLA's
			}
		}
	}
	return usual
}

// layerSpec is one cache of a layer; a layer of a hybrid may have two.
type layerSpec struct {
	layer int
	spec
}

// specs lists the caches of all layers, with their pages made equal where the
// model has several sorts.
func (j *job) specs() []layerSpec {
	block := j.stateBlock(j.blockSize())
	var list []layerSpec
	for i, k := range j.m.Layers {
		for _, c := range j.m.Kinds[k].Caches {
			list = append(list, layerSpec{i, j.specOf(c, block)})
		}
	}
	if !j.era.Hybrid {
		for i := range list {
			if s := &list[i]; s.sort == shard.Sliding || s.sort == shard.Chunked {
				s.sort = shard.Full // every layer keeps every token
			}
		}
	}
	if !uniform(list) {
		unify(list)
	}
	return list
}

func (j *job) specOf(c shard.Cache, block int64) spec {
	s := spec{sort: c.Sort, block: block, window: c.Window}
	switch c.Sort {
	case shard.State:
		s.page = j.stateBytes(c)
		s.block = j.length
	case shard.Latent:
		s.page = int64(float64(block*c.PerToken(j.lay)) * j.kvBytes)
		if j.sparse() && (j.kvName == "auto" || j.kvBytes == 1) {
			s.page = block * 656 // its own format: 8 bits, with scales and 16-bit positions
		}
	case shard.Index:
		s.page = block * (c.Width + c.Width/128*4) // 8 bits and a scale for 128
	default:
		s.page = int64(float64(block*c.PerToken(j.lay)) * j.kvBytes)
	}
	return s
}

// sparse tells models whose attention reads the tokens that an index chose.
func (j *job) sparse() bool {
	return slices.ContainsFunc(j.m.Kinds, func(k shard.Kind) bool { return k.Block.Mixer.Indexer != nil })
}

// stateBytes is a sequence's state of a layer: the convolution in the model's
// type, the recurrence in 32 bits where the model says so.
func (j *job) stateBytes(c shard.Cache) int64 {
	w := j.q.DtypeBytes()
	rec := w
	if v := j.r.server; slices.Contains(v.StateF32, j.m.HFArch) || j.q.Plain() && slices.Contains(v.StateF32Plain, j.m.HFArch) {
		rec = 4
	}
	return c.StateBytes(j.lay, w, rec)
}

// stateBlock widens the block of attention layers until a page is as large as
// the largest state, in steps of 16 tokens.
// Source: vllm/model_executor/models/config.py, HybridAttentionMambaModelConfig.
func (j *job) stateBlock(block int64) int64 {
	token, state := int64(0), int64(0)
	for i := range j.m.Kinds {
		for _, c := range j.m.Kinds[i].Caches {
			if c.Sort == shard.State {
				state = max(state, j.stateBytes(c))
			} else if token == 0 {
				token = int64(float64(c.PerToken(j.lay)) * j.kvBytes)
			}
		}
	}
	if token == 0 || state == 0 {
		return block
	}
	return max(block, block*ceil(state, block*token))
}

// alignedBlock is the block of a model with states; 0 of one without.
func (j *job) alignedBlock() int64 {
	usual := j.blockSize()
	if block := j.stateBlock(usual); block > usual {
		return block
	}
	return 0
}

// uniform tells layers that need blocks at the same pace: all of one sort,
// though their pages may differ.
func uniform(list []layerSpec) bool {
	for _, s := range list {
		first := list[0]
		if s.pace() != first.pace() || s.block != first.block || s.window != first.window {
			return false
		}
	}
	return true
}

// pace is the sort of a cache as far as the number of its blocks goes.
func (p spec) pace() shard.CacheSort {
	if p.sort == shard.Latent || p.sort == shard.Index {
		return shard.Full
	}
	return p.sort
}

// unify makes all pages as large as the largest: by more tokens a block where
// it comes out even, by padding where it does not.
func unify(list []layerSpec) {
	largest := int64(0)
	for _, s := range list {
		largest = max(largest, s.page)
	}
	for i := range list {
		s := &list[i]
		if s.page == largest || s.page == 0 {
			continue
		}
		if s.sort != shard.State && largest%s.page == 0 {
			s.block *= largest / s.page
		}
		s.page = largest
	}
}
