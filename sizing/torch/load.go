package torch

import (
	"runlocal/catalog"
	"runlocal/sizing"
)

// The workspace that cuBLAS gets of the allocator at the first product, bytes.
// Source: aten/src/ATen/cuda/CublasHandlePool.cpp.
const (
	workspaceHopper = 32 << 20
	workspaceOther  = 4096*2*1024 + 16*8*1024
)

func workspaceOf(g *sizing.GPU) int64 {
	if g.ComputeCapability >= 9 {
		return workspaceHopper
	}
	return workspaceOther
}

// load puts the parameters of the given layers on the tape, in the order in
// which a model's modules stand.
func (t *tape) load(s *shape, q *catalog.Scheme, layers []int, stem, head bool) {
	put := func(bytes int64) { t.make(useWeights, bytes) }
	if stem {
		eachWeight(s.stem, q, put)
	}
	for _, i := range layers {
		eachWeight(s.kinds[s.layers[i]].params, q, put)
	}
	if head {
		eachWeight(s.norm, q, put)
		eachWeight(s.head, q, put)
	}
}
