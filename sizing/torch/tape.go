package torch

// use is what a tensor is for, as the shown work sums them up.
type use uint8

// The uses.
const (
	useWeights   use = iota
	useWorkspace     // cuBLAS
	useCache         // keys and values
	useState         // recurrent and convolution states
	useStream        // residual stream and norms
	useAttention     // queries, keys, values, outputs
	useScores        // attention scores and probabilities
	useMask          // masks over tokens × tokens
	useFFN           // feed-forward
	useExperts       // routed experts
	useMixer         // linear mixers: Mamba, delta nets, convolutions
	useLogits
	useSmall // positions, rotary tables, routing
	uses
)

// tensor is a handle of the tape; nothing for one that was never made.
type tensor struct {
	block int32
	use   use
}

// nothing is the tensor that takes no memory.
//
//nolint:gochecknoglobals // a constant in all but name
var nothing = tensor{block: none}

// tape replays allocations and remembers what was alive at the peak.
type tape struct {
	allocator
	live, peak [uses]int64 // block bytes by use: now, and at the peak
	at         string      // where the replay is: "layer 3, feed-forward"
	peakAt     string
}

// make allocates a tensor of so many bytes.
func (t *tape) make(u use, bytes int64) tensor {
	x := tensor{block: t.malloc(bytes), use: u}
	if x.block == none {
		return nothing
	}
	t.live[u] += t.blocks[x.block].size
	if t.allocated == t.peakAllocated && t.allocated > sum(t.peak[:]) {
		t.peak, t.peakAt = t.live, t.at
	}
	return x
}

// drop frees tensors that nothing refers to any more.
func (t *tape) drop(list ...tensor) {
	for _, x := range list {
		if x.block == none {
			continue
		}
		t.live[x.use] -= t.blocks[x.block].size
		t.free(x.block)
	}
}

// brief allocates and frees at once: a temporary of one operation.
func (t *tape) brief(u use, bytes int64) { t.drop(t.make(u, bytes)) }

func sum(list []int64) int64 {
	n := int64(0)
	for _, v := range list {
		n += v
	}
	return n
}
