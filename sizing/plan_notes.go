package sizing

import (
	"fmt"
	"strings"

	"runlocal/sizing/units"
)

// The planner's reasons become steps without bytes, in the order in which it
// came to them. They are written only where the work is asked for.

// Where the rules of placement come from, as steps name it.
const (
	sourcePlan = "runlocal's planner"
	sourceFit  = "llama.cpp's automatic fit (common/fit.cpp), with the engine's sizes"
)

func (a *allocator) note(source, formula, filled string) {
	if a.trace == nil {
		return
	}
	*a.trace = append(*a.trace, Step{Term: "placement", Formula: formula, Filled: filled, Label: Exact, Source: source})
}

// noteAsked says that nothing was chosen.
func (a *allocator) noteAsked(out *allocation) {
	if a.trace == nil {
		return
	}
	if len(a.rig.GPUs) == 0 {
		a.note(sourcePlan, "no GPU: everything in RAM", a.needs(out))
		return
	}
	a.note(sourcePlan, "as asked: nothing is left to choose", a.cards(out))
}

func (a *allocator) needs(out *allocation) string {
	return fmt.Sprintf("needs %s of the %s that are free", units.Bytes(out.host().total()), units.Bytes(a.rig.Host.Free()))
}

// noteWhole says that everything fits on the GPUs.
func (a *allocator) noteWhole(out *allocation) {
	if a.trace == nil {
		return
	}
	what := "everything fits on the GPUs: nothing has to move"
	if a.r.GPULayers >= 0 || a.r.CPUMoE >= 0 || a.r.CPUMoE == AllExperts {
		what = "what was asked for fits: nothing more has to move"
	}
	if out.counts != nil {
		what = "by free memory a GPU would be too full: filled card by card, everything fits"
	}
	a.note(sourcePlan, what, a.cards(out))
}

// noteShort says what is missing for everything to be on the GPUs.
func (a *allocator) noteShort(want place) {
	if a.trace == nil {
		return
	}
	var out allocation
	a.at(want, &out)
	need, free := int64(0), int64(0)
	for d := range a.rig.GPUs {
		need += out.devices[d].total()
		free += a.rig.GPUs[d].Free()
	}
	filled := fmt.Sprintf("%s layers need %s, %s free", a.layerWords(want.gpuLayers), units.Bytes(need), units.Bytes(free))
	if need <= free {
		filled += ", but no division by whole layers fits every card: " + a.cards(&out)
	}
	a.note(sourcePlan, "not everything fits on the GPUs", filled)
}

func (a *allocator) layerWords(n int) string {
	if n == len(a.c.layers)+1 {
		return fmt.Sprintf("all %d", n)
	}
	return fmt.Sprintf("the %d", n)
}

// noteExperts says how many layers' experts have to go.
func (a *allocator) noteExperts(out *allocation) {
	if a.trace == nil {
		return
	}
	moved := a.r.weights.routedGPU[min(out.cpuMoE, len(a.c.layers))]
	a.note(sourcePlan, "experts go to RAM first, from layer 0 on: a token reads few of them",
		fmt.Sprintf("experts of %s, %s, go to RAM → %s", layerRange(0, out.cpuMoE), units.Bytes(moved), a.cards(out)))
}

// notePart says that a layer keeps a part of its experts on the GPU.
func (a *allocator) notePart(layer int, inRAM []string) {
	if a.trace == nil {
		return
	}
	a.note(sourcePlan, "of the last of these layers as much as fits comes back",
		fmt.Sprintf("of layer %d only %s stays in RAM", layer, strings.Join(inRAM, " and ")))
}

// noteLayers says how many whole layers have to go.
func (a *allocator) noteLayers(out *allocation) {
	if a.trace == nil {
		return
	}
	if out.gpuLayers == 0 {
		a.note(sourcePlan, "not even one layer fits beside its buffers", "the GPUs are left alone: "+a.needs(out))
		return
	}
	rest := len(a.c.layers) + 1 - out.gpuLayers
	filled := fmt.Sprintf("%s go to RAM → %s", layerRange(0, rest), a.cards(out))
	if out.cpuMoE > 0 && a.c.experts > 0 {
		filled = "with all experts in RAM it is still too much: " + filled
	}
	a.note(sourcePlan, "whole layers go to RAM, from layer 0 on", filled)
}

// noteFit says what the fit decided.
func (a *allocator) noteFit(text string) {
	a.note(sourceFit, "fit", text)
}

func (a *allocator) noteContext(from, to int64) {
	if a.trace == nil {
		return
	}
	a.note(sourceFit, "fit: the context was not asked for, so it is cut first", fmt.Sprintf("from %s to %s tokens", units.Count(from), units.Count(to)))
}

func (a *allocator) noteSurplus(n int64) {
	if a.trace == nil {
		return
	}
	word := "would be left above the margins"
	if n <= 0 {
		word, n = "would still be missing", -n
	}
	a.note(sourceFit, "fit: everything but the experts on the GPUs", units.Bytes(n)+" "+word)
}

// noteDealt says what each GPU got.
func (a *allocator) noteDealt(what string, d *dealt, f *fitter) {
	if a.trace == nil {
		return
	}
	parts := make([]string, 0, len(d.shares))
	for i, s := range d.shares {
		text := fmt.Sprintf("%s: %d layers", a.cardName(i), s.layers)
		if s.part > 0 {
			text += fmt.Sprintf(", %d of them without their experts", s.part)
			if s.first != keepDense {
				text += fmt.Sprintf(" (one keeps %s)", [...]string{"only attention", "up", "up and gate", ""}[s.first])
			}
		}
		parts = append(parts, fmt.Sprintf("%s, %s of at most %s", text, units.Bytes(d.mem[i]), units.Bytes(f.target(i))))
	}
	a.note(sourceFit, "fit: "+what, strings.Join(parts, "; "))
}

func (a *allocator) cardName(d int) string {
	if len(a.asked.GPUs) == 1 {
		return a.rig.GPUs[d].Name
	}
	return fmt.Sprintf("GPU %d %s", d+a.skip, a.rig.GPUs[d].Name)
}

// cards says card by card what it holds.
func (a *allocator) cards(out *allocation) string {
	parts := make([]string, 0, len(a.rig.GPUs))
	from := len(a.c.layers) + 1 - out.gpuLayers
	for d := range a.rig.GPUs {
		h := &out.devices[d]
		what := "no layer"
		if h.layers > 0 {
			what = layerRange(from, from+h.layers)
		}
		if from+h.layers > len(a.c.layers) && h.layers > 0 {
			what = "the output"
			if h.layers > 1 {
				what = layerRange(from, from+h.layers-1) + " and the output"
			}
		}
		from += h.layers
		parts = append(parts, fmt.Sprintf("%s: %s, %s of %s free", a.cardName(d), what, units.Bytes(h.total()), units.Bytes(a.rig.GPUs[d].Free())))
	}
	return strings.Join(parts, "; ")
}
