package sizing

import (
	"fmt"

	"runlocal/sizing/units"
)

// LoRA is an adapter: by its rank, with matrices for every linear layer but
// the experts', or by the size of its file.
type LoRA struct {
	Rank  int
	Bytes int64 // of the file; 0 = by the rank
}

// Limits of adapters.
const (
	maxAdapters = 64
	maxRank     = 8192
	maxAdapter  = 1 << 40 // bytes
)

func checkLoRA(list []LoRA) error {
	if len(list) > maxAdapters {
		return refuse("lora", "lora: %d adapters are more than the %d that are taken", len(list), maxAdapters)
	}
	for _, l := range list {
		if l.Bytes < 0 || l.Bytes > maxAdapter || l.Bytes == 0 && (l.Rank < 1 || l.Rank > maxRank) {
			return refuse("lora", "lora: an adapter has a rank from 1 to %d, or a file's size", maxRank)
		}
	}
	return nil
}

// adapterSides is Σ (columns + rows) over the matrices of a layer that
// adapters work on: a rank costs so many values.
func (k *kind) adapterSides() int64 {
	n := int64(0)
	for i := range k.tensors {
		if t := &k.tensors[i]; t.Depth == 1 && t.Rows > 1 && multiplied(t.Name) && !t.Routed && t.Name != "ffn_gate_inp.weight" {
			n += t.Cols + t.Rows
		}
	}
	return n
}

// placeAdapters deals adapters out: the matrices lie with the layer that they
// belong to, and each device needs room for one result more.
func (a *allocator) placeAdapters(out *allocation, add func(d int, s Step)) {
	if len(a.r.LoRA) == 0 {
		return
	}
	sides := make([]int64, len(out.devices))
	all := int64(0)
	for i, k := range a.c.layers {
		if a.c.kinds[k].skipped {
			continue
		}
		n := a.c.kinds[k].adapterSides()
		sides[a.deviceAt(out, i)] += n
		all += n
	}
	for j, l := range a.r.LoRA {
		for d, n := range sides {
			if n == 0 {
				continue
			}
			s := Step{Term: "weights", Formula: "adapter: 4 B × rank × Σ matrices (columns + rows), as the converter writes f32", Label: Exact, Source: "llama.cpp's converter and loader for adapters"}
			s.Bytes = 4 * int64(l.Rank) * n
			s.Filled = fmt.Sprintf("adapter %d: 4 B × %d × %s", j+1, l.Rank, units.Count(n))
			if l.Bytes > 0 {
				s.Bytes = int64(float64(l.Bytes) * float64(n) / float64(max(1, all)))
				s.Formula, s.Label = "adapter: the file, by the layers of the device", Estimated
				s.Filled = fmt.Sprintf("adapter %d: %s of %s", j+1, units.Bytes(s.Bytes), units.Bytes(l.Bytes))
			}
			add(d, s)
		}
	}
	a.adapterCompute(sides, add)
}

// adapterCompute is the widest result that an adapter adds to, twice: its own
// and the sum.
func (a *allocator) adapterCompute(sides []int64, add func(d int, s Step)) {
	widest := a.c.hidden
	for i := range a.c.kinds {
		for j := range a.c.kinds[i].tensors {
			if t := &a.c.kinds[i].tensors[j]; t.Depth == 1 && multiplied(t.Name) && !t.Routed {
				widest = max(widest, t.Rows)
			}
		}
	}
	for d, n := range sides {
		if n > 0 {
			add(d, Step{
				Term: "compute", Bytes: 4 * a.r.ub * widest, Label: Estimated, Source: "the graph with adapters; not measured",
				Formula: "adapters: 4 B × ubatch × widest result", Filled: fmt.Sprintf("4 B × %d × %s", a.r.ub, units.Count(widest)),
			})
		}
	}
}
