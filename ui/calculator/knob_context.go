package calculator

import (
	"math"
	"math/bits"

	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
)

// The shortest contexts on the slider, tokens.
const (
	leastContext = 512
	firstContext = 1024
	finestStep   = 256
)

// longest is the model's longest context, tokens.
func (z *sized) longest() int {
	if c := z.model.Context; c > 0 {
		return c
	}
	return request.DefaultCtx
}

// each is one sequence's context, tokens: the settings count all sequences
// together, as llama.cpp does.
func (z *sized) each() int {
	all := z.settings.Ctx
	if all <= 0 {
		all = z.longest()
	}
	return max(1, all/max(1, z.settings.Parallel))
}

// contextStops are the powers of two up to the model's longest context, which
// is the last stop.
func contextStops(longest int) []int {
	first := firstContext
	if longest < 8*firstContext {
		first = leastContext
	}
	var out []int
	for v := first; v < longest; v *= 2 {
		out = append(out, v)
	}
	return append(out, longest)
}

// contextKnob chooses the context of each sequence.
func (z *sized) contextKnob() knob {
	longest, each := z.longest(), z.each()
	stops := contextStops(longest)
	set := func(each int) sizing.Settings {
		return z.changed(func(s *sizing.Settings) { s.Ctx = each * max(1, s.Parallel) })
	}
	return knob{
		key: keyContext, label: "Context", term: "context-length", stops: len(stops),
		at: amongPowers(stops, each), value: units.Count(each),
		about: "of " + units.Count(longest), brief: "of " + units.Count(longest),
		bytes: z.weighs(z.budget.Totals.KVCache + z.budget.Totals.RecurrentState), far: "finer",
		with:  func(i int) sizing.Settings { return set(stops[i]) },
		name:  func(i int) string { return units.Context(stops[i]) },
		fine:  func(dir int) sizing.Settings { return set(fineContext(each, dir, longest)) },
		reset: set(min(request.DefaultCtx, longest)),
	}
}

// amongPowers is among on a scale of powers: half-way between 8K and 16K is
// their geometric mean.
func amongPowers(stops []int, n int) float64 {
	for i, v := range stops {
		if n <= v {
			if i == 0 || n == v {
				return float64(i)
			}
			low := float64(stops[i-1])
			return float64(i-1) + math.Log(float64(n)/low)/math.Log(float64(v)/low)
		}
	}
	return float64(len(stops) - 1)
}

// fineContext is a quarter of a power of two further, on a multiple of that
// quarter: 8K, 10K, 12K, 14K, 16K, 20K …
func fineContext(each, dir, longest int) int {
	base := each
	if dir < 0 {
		base--
	}
	unit := max(finestStep, 1<<max(0, bits.Len(uint(max(1, base)))-3))
	next := (each/unit + 1) * unit
	if dir < 0 {
		next = (each - 1) / unit * unit
	}
	return min(max(next, finestStep), max(longest, finestStep))
}
