package sizing

import "slices"

// tryPlace lays the model out at a place, and tells whether it fits. Several
// GPUs share the layers by their free memory, as llama.cpp does by itself;
// where that does not fit they are filled card by card.
func (a *allocator) tryPlace(p place, out *allocation) bool {
	a.at(p, out)
	if a.fits(out) {
		return true
	}
	if !a.mayCount(p) || a.missingInAll(out) {
		return false
	}
	for _, how := range [...]filling{fillWide, fillFull, fillExactly} {
		if how == fillExactly && (a.coarse || a.rough) {
			break
		}
		p.counts = a.cardByCard(p, out, how)
		if p.counts != nil && a.settleCards(&p, out) {
			return true
		}
	}
	p.counts = nil
	a.at(p, out)
	return false
}

// mayCount tells that the planner may say how many layers each GPU gets.
func (a *allocator) mayCount(p place) bool {
	return len(a.rig.GPUs) > 1 && (a.r.GPULayers == LayersAuto || a.deal) && len(a.r.TensorSplit) == 0 && a.r.SplitMode != SplitRow && p.gpuLayers > 0
}

// missingInAll tells that the GPUs together are too small, however the layers
// are dealt out.
func (a *allocator) missingInAll(out *allocation) bool {
	left := int64(0)
	for d := range a.rig.GPUs {
		left += a.rig.GPUs[d].Free() - out.devices[d].total()
	}
	return left < 0
}

// filling says how full cards are made.
type filling uint8

const (
	fillWide    filling = iota // with headroom, by the closed form of the compute buffers
	fillFull                   // to the last byte, by the closed form
	fillExactly                // to the last byte, by the buffers as they come out
)

// cardByCard gives each GPU in turn as many layers as it has room for, and the
// last one the rest; nil if the rest does not fit there.
func (a *allocator) cardByCard(p place, out *allocation, how filling) []int {
	coarse := a.coarse
	a.coarse = how != fillExactly
	defer func() { a.coarse = coarse }()
	n := len(a.rig.GPUs)
	counts := make([]int, n)
	p.counts = counts
	left := p.gpuLayers
	room := func(d int) bool {
		g := &a.rig.GPUs[d]
		free := g.Free()
		if how == fillWide {
			free -= headroom(g.Capacity)
		}
		counts[n-1] += left
		a.at(p, out)
		counts[n-1] -= left
		return out.devices[d].total() <= free
	}
	for d := range n - 1 {
		low, high := 0, left // the most layers that fit, and one that may not
		for low < high {
			mid := (low + high + 1) / 2
			counts[d], left = mid, left-mid
			if room(d) {
				low = mid
			} else {
				high = mid - 1
			}
			counts[d], left = 0, left+mid
		}
		counts[d] = low
		left -= low
	}
	if !room(n - 1) {
		return nil
	}
	counts[n-1] = left
	return counts
}

// settleCards lays the model out with the exact buffers and moves a layer on
// where a card came out too full after all.
func (a *allocator) settleCards(p *place, out *allocation) bool {
	p.counts = slices.Clone(p.counts)
	for range 2 * len(p.counts) {
		a.at(*p, out)
		over := -1
		for d := range p.counts {
			if out.devices[d].total() > a.rig.GPUs[d].Free() {
				over = d
				break
			}
		}
		switch {
		case over < 0:
			return true
		case over == len(p.counts)-1 || p.counts[over] == 0:
			return false
		}
		p.counts[over]--
		p.counts[over+1]++
	}
	return false
}
