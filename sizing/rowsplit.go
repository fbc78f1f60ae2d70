package sizing

// rowRound is what the CUDA backend rounds the rows of a GPU's part of a
// matrix down to: the tile of its integer kernels, Volta and newer.
const rowRound = 128

// allocationGrain is what the driver hands out for a large request.
const allocationGrain = 2 << 20

// splitRows deals the rows of every matrix on the GPUs out to all of them, in
// the shares of the tensor split or of the GPUs' whole memory. What is no
// plain matrix (norms, biases, experts) stays with its layer, as does a
// matrix of which its layer's own GPU would get nothing.
func (a *allocator) splitRows(out *allocation) {
	n := len(a.rig.GPUs)
	if a.r.SplitMode != SplitRow || n < 2 || out.gpuLayers == 0 {
		return
	}
	bounds := a.rowBounds()
	list := a.c.namedTensors(a.r)
	for i := range list {
		t := &list[i]
		if t.rows < 2 || t.home == homeInput || t.home == homeRope {
			continue
		}
		from := a.homeOf(out, t)
		if _, ok := out.moves.at(t.layer, t.name, int8(n)); ok || from == n {
			continue
		}
		if low, high := rowPart(t.rows, bounds, from); low == high {
			continue
		}
		out.devices[from].weights -= t.size.gpu
		for d := range n {
			low, high := rowPart(t.rows, bounds, d)
			if high <= low {
				continue
			}
			piece := (high-low)*t.row + t.pad
			out.devices[d].weights += piece
			if piece >= allocationGrain/2 {
				out.devices[d].grain += ceil(piece, allocationGrain) - piece
			}
		}
	}
}

// rowBounds are the running shares: GPU d has the rows from bounds[d] to
// bounds[d+1].
func (a *allocator) rowBounds() []float64 {
	n := len(a.rig.GPUs)
	bounds := make([]float64, n+1)
	for d := range n {
		share := float64(a.rig.GPUs[d].Capacity)
		if len(a.r.TensorSplit) > 0 {
			share = 0
			if d < len(a.r.TensorSplit) {
				share = a.r.TensorSplit[d]
			}
		}
		bounds[d+1] = bounds[d] + share
	}
	for d := range bounds {
		if sum := bounds[n]; sum > 0 {
			bounds[d] /= sum
		}
	}
	return bounds
}

// rowPart is what GPU d has of so many rows.
func rowPart(rows int64, bounds []float64, d int) (low, high int64) {
	low, high = int64(float64(rows)*bounds[d]), int64(float64(rows)*bounds[d+1])
	low -= low % rowRound
	if d == len(bounds)-2 {
		return low, rows
	}
	return low, high - high%rowRound
}
