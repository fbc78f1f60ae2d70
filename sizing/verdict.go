package sizing

import (
	"fmt"

	"runlocal/sizing/units"
)

// Headroom below which a fit counts as tight: the larger of a share of the
// device and a fixed amount. It allows for what others take later and for
// what the figures leave open.
const (
	headroomShare = 0.05
	headroomBytes = 512 << 20
)

func headroom(capacity int64) int64 {
	return max(headroomBytes, int64(headroomShare*float64(capacity)))
}

// verdict grades an allocation.
func (a *allocator) verdict(out *allocation) Verdict {
	if !a.fits(out) || a.hostFree(out) < 0 {
		return No
	}
	if !a.onGPU(out) {
		return Offload
	}
	for d := range a.rig.GPUs {
		g := &a.rig.GPUs[d]
		if g.Free()-out.devices[d].total() < headroom(g.Capacity) {
			return Tight
		}
	}
	return Comfortable
}

// reason says a verdict in a sentence, with the room left or missing.
func (a *allocator) reason(v Verdict, out *allocation) string {
	switch v {
	case Comfortable, Tight:
		word := "comfortably"
		if v == Tight {
			word = "with little room"
		}
		return fmt.Sprintf("fits %s: %s to spare", word, units.Bytes(a.room(out)))
	case Offload:
		return a.offloadReason(out)
	default:
		return a.missing(out)
	}
}

// room is what is left on the GPUs, each for itself: the least of them.
func (a *allocator) room(out *allocation) int64 {
	least := int64(-1)
	for d := range a.rig.GPUs {
		if left := a.rig.GPUs[d].Free() - out.devices[d].total(); least < 0 || left < least {
			least = left
		}
	}
	return least
}

func (a *allocator) offloadReason(out *allocation) string {
	all := len(a.c.layers) + 1
	switch {
	case len(a.rig.GPUs) == 0:
		return "runs in RAM: there is no GPU"
	case out.gpuLayers == 0:
		return "does not fit on the GPU; runs in RAM"
	case out.gpuLayers < all:
		return fmt.Sprintf("does not fit on the GPU; runs with %d of %d layers in RAM", all-out.gpuLayers, all)
	case !a.r.KVOffload:
		return "runs with the KV cache in RAM"
	case out.moves.toRAM() && out.cpuMoE == 0:
		return fmt.Sprintf("does not fit on the GPU as a whole; runs with parts of %d of %d layers in RAM", out.moves.layers(), len(a.c.layers))
	default:
		return fmt.Sprintf("does not fit on the GPU; runs with the experts of %d of %d layers in RAM", min(out.cpuMoE, len(a.c.layers)), len(a.c.layers))
	}
}

// missing says where an allocation falls short, the worst device first.
func (a *allocator) missing(out *allocation) string {
	short, name := int64(0), ""
	for d := range a.rig.GPUs {
		if by := out.devices[d].total() - a.rig.GPUs[d].Free(); by > short {
			short, name = by, a.rig.GPUs[d].Name
		}
	}
	if by := -a.hostFree(out); by > short {
		short, name = by, "RAM"
	}
	text := fmt.Sprintf("does not fit: %s short on %s", units.Bytes(short), name)
	if name == "RAM" && short <= a.mapped(out) {
		text += "; the mapped file lets it start, but it would read from disk for every token"
	}
	return text
}
