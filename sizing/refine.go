package sizing

import (
	"fmt"
	"slices"
	"strings"
)

// refine takes a part of the experts of one more layer onto the GPUs: of the
// last layer that left them in RAM it tries to leave only some of the
// matrices there, the least bytes first.
func (a *allocator) refine(out *allocation) {
	if a.coarse || a.grading || out.moves != nil || out.cpuMoE == 0 || out.cpuMoE > len(a.c.layers) {
		return
	}
	before := out.place
	layer := before.cpuMoE - 1
	for _, keep := range a.partsOf(layer) {
		p := before
		p.cpuMoE = layer
		p.moves = a.movesBy(func(t *named) (int, bool) {
			return onHost, t.layer == layer && t.routed && slices.Contains(keep, baseOf(t.name))
		})
		a.at(p, out)
		if a.fits(out) {
			out.text = []Override{{Pattern: fmt.Sprintf(`blk\.%d\.(%s)`, layer, strings.Join(keep, "|")), Buffer: "CPU"}}
			a.notePart(layer, keep)
			return
		}
	}
	a.at(before, out)
}

// baseOf is a tensor's name without what kind of tensor it is.
func baseOf(name string) string {
	base, _, _ := strings.Cut(name, ".")
	return base
}

// partsOf are the sets of a layer's expert matrices that could stay in RAM
// while the others do not, the smallest first.
func (a *allocator) partsOf(layer int) [][]string {
	bytes := map[string]int64{}
	var names []string
	list := a.c.namedTensors(a.r)
	for i := range list {
		if t := &list[i]; t.layer == layer && t.routed {
			base := baseOf(t.name)
			if _, seen := bytes[base]; !seen {
				names = append(names, base)
			}
			bytes[base] += t.bytes
		}
	}
	if len(names) < 2 || len(names) > 4 {
		return nil
	}
	slices.Sort(names)
	var sets [][]string
	size := func(set []string) (n int64) {
		for _, name := range set {
			n += bytes[name]
		}
		return n
	}
	for bits := 1; bits < 1<<len(names)-1; bits++ {
		var set []string
		for i, name := range names {
			if bits>>i&1 == 1 {
				set = append(set, name)
			}
		}
		sets = append(sets, set)
	}
	slices.SortStableFunc(sets, func(x, y []string) int { return int(min(1, max(-1, size(x)-size(y)))) })
	return sets
}

// notWorse compares with what llama.cpp's own fit would do with the room, and
// takes that where it brings more of the model onto the GPUs.
func (a *allocator) notWorse(out *allocation) {
	if a.coarse || a.grading || a.moves != nil || a.r.GPULayers != LayersAuto || a.r.SplitMode == SplitRow || len(a.r.TensorSplit) > 0 {
		return
	}
	if a.c.experts == 0 && len(a.rig.GPUs) == 1 {
		return // whole layers on one card: there is only one way
	}
	left := int64(0)
	for d := range a.rig.GPUs {
		left += a.rig.GPUs[d].Free() - out.devices[d].total()
	}
	if left < int64(len(a.rig.GPUs))*fitLeavesAtLeast {
		return // the fit leaves more than that
	}
	trace := a.trace
	a.trace = nil // what is only tried is no reason
	best, text, better := out.place, out.text, false
	most := a.modelOnGPUs(out)
	for _, margins := range [][]int64{nil, {0}} {
		f := a.newFitter(out, margins, margins != nil)
		surplus := f.surplus()
		d := f.fillBack()
		if surplus > 0 {
			d = f.bringBack(d)
		}
		p := f.placeOf(d.shares)
		a.at(p, out)
		if n := a.modelOnGPUs(out); n > most && a.fits(out) {
			best, most, text, better = p, n, f.patterns(d.shares), true
		}
	}
	a.at(best, out)
	a.trace, out.text = trace, text
	if better {
		a.note(sourceFit, "llama.cpp's way of filling the cards brings more onto them here", a.cards(out))
	}
}

// fitLeavesAtLeast is what stays free on a GPU of the fit's margin once
// kernels are loaded: below that no fit can hold more than the planner.
const fitLeavesAtLeast = 256 << 20

// modelOnGPUs is what of the model lies on GPUs: weights, cache and state.
func (a *allocator) modelOnGPUs(out *allocation) int64 {
	n := int64(0)
	for d := range a.rig.GPUs {
		g := &out.devices[d]
		n += g.weights + g.kv + g.state
	}
	return n
}

// patterns writes a division down as overrides, layers with the same fate in
// one pattern.
func (f *fitter) patterns(shares []share) []Override {
	var out []Override
	at := len(f.a.c.layers) + 1
	for _, s := range shares {
		at -= s.layers
	}
	var dense []string
	for _, s := range shares {
		at += s.full()
		for i := range s.part {
			layer := at + i
			switch {
			case layer >= len(f.a.c.layers):
			case i == 0 && (s.first != keepDense || s.to != onHost):
				out = append(out, Override{Pattern: fmt.Sprintf(`blk\.%d\.%s`, layer, s.first.pattern()), Buffer: f.a.bufferName(s.to)})
			default:
				dense = append(dense, fmt.Sprint(layer))
			}
		}
		at += s.part
	}
	if len(dense) > 0 {
		out = append(out, Override{Pattern: `blk\.(` + strings.Join(dense, "|") + `)\.` + keepDense.pattern(), Buffer: "CPU"})
	}
	return out
}

// bufferName is a device's buffer as -ot names it.
func (a *allocator) bufferName(d int) string {
	if d == onHost {
		return "CPU"
	}
	same := 0
	for i := range d {
		if a.rig.GPUs[i].Backend == a.rig.GPUs[d].Backend {
			same++
		}
	}
	prefix := map[string]string{"cuda": "CUDA", "rocm": "ROCm", "vulkan": "Vulkan", "sycl": "SYCL", "metal": "Metal", "rpc": "RPC"}[a.rig.GPUs[d].Backend]
	if prefix == "Metal" {
		return prefix
	}
	if prefix == "" {
		prefix, same = "GPU", d
	}
	return fmt.Sprintf("%s%d", prefix, same)
}
