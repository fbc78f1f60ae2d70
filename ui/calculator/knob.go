package calculator

import (
	"math"
	"slices"
	"strconv"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
	"runlocal/ui/launch"
)

// The knobs by the key that asks for the same in a command.
const (
	keyQuant    = "quant"
	keyContext  = "ctx"
	keyCache    = "kv_type"
	keyParallel = "parallel"
	keyLayers   = "gpu_layers"
	keyExperts  = "cpu_moe"
)

// knob is one thing that can be chosen, as a slider shows it: the stops, where
// the present settings lie among them, and the settings that another stop
// means. It is built anew for each setting and never changes.
type knob struct {
	key   string
	label string
	term  string // the glossary's entry

	stops int
	at    float64 // between stops where the value is
	auto  bool    // the planner chose the place

	value        string
	about, brief string // the same said long and short
	bytes        int64  // what it weighs; −1: nothing of its own

	with func(stop int) sizing.Settings
	name func(stop int) string
	down bool                          // its row speaks of less before it speaks of more
	fine func(dir int) sizing.Settings // shift: a finer or a bigger step
	far  string                        // what shift does, for the footer

	past  *sizing.Settings // beyond an end: back to the planner's choice
	pastR bool             // that end is the right one
	reset sizing.Settings
}

// stop is the stop that the value stands on, or the nearest.
func (k *knob) stop() int { return int(math.Round(k.at)) }

// step is the next stop in a direction; off-stop values go to the neighbour.
func (k *knob) step(dir int) sizing.Settings {
	next := int(math.Floor(k.at)) + 1
	if dir < 0 {
		next = int(math.Ceil(k.at)) - 1
	}
	if k.past != nil && (next < 0 && !k.pastR || next >= k.stops && k.pastR) {
		return *k.past
	}
	return k.with(min(max(next, 0), k.stops-1))
}

// knob finds one by its key; nil when this model or rig has none.
func (z *sized) knob(key string) *knob {
	for i := range z.knobs {
		if z.knobs[i].key == key {
			return &z.knobs[i]
		}
	}
	return nil
}

// costOf is the sum that a knob's moves are counted against: layers and
// experts only move from one memory to another, so what they take on the GPU
// counts; all others change the whole.
func costOf(key string, b *sizing.Budget) int64 {
	if key != keyLayers && key != keyExperts {
		return b.Totals.Total
	}
	return b.OnGPUs()
}

// buildKnobs makes the sliders that mean something for this model, runtime and
// rig.
func (z *sized) buildKnobs() []knob {
	out := []knob{z.quantKnob(), z.contextKnob()}
	if z.takes(keyCache) {
		out = append(out, z.cacheKnob())
	}
	if z.takes(keyParallel) {
		out = append(out, z.parallelKnob())
	}
	if len(z.rig.GPUs) > 0 && z.takes(keyLayers) {
		out = append(out, z.layersKnob())
		if sparse(z.model) {
			out = append(out, z.expertsKnob())
		}
	}
	return append(out, z.choiceKnobs()...)
}

// sparse tells whether a layer of the model is a mixture of experts.
func sparse(m *catalog.Model) bool {
	found := false
	m.EachLayer(func(l catalog.Layer) { found = found || l.Block.FFN.Type == catalog.FFNMoE })
	return found
}

// quantKnob chooses among the precisions, fewest bits first.
func (z *sized) quantKnob() knob {
	quants := z.quants()
	k := knob{
		key: keyQuant, label: "Precision", term: "quantisation", stops: len(quants),
		value: z.settings.Quant, bytes: z.weighs(z.budget.Totals.Weights), far: "three at once",
		with: func(i int) sizing.Settings { return z.changed(func(s *sizing.Settings) { s.Quant = quants[i].ID }) },
		name: func(i int) string { return quants[i].ID },
	}
	for i, q := range quants {
		if q.ID == z.settings.Quant {
			k.at = float64(i)
			k.about, k.brief = z.precisionAbout(q)
		}
	}
	k.fine = k.leap(3)
	k.reset = z.changed(func(s *sizing.Settings) { s.Quant = request.DefaultQuant })
	if z.file != nil {
		k.reset = k.with(0)
	}
	return k
}

// precisionAbout says how many bits a weight takes over the whole file, and how
// good that is.
func (z *sized) precisionAbout(q *catalog.Quant) (long, short string) {
	file, err := z.engine.FileOf(z.model, q.ID)
	if err != nil {
		return q.Quality + " quality", q.Quality
	}
	bits := strconv.FormatFloat(file.Bits, 'f', 2, 64)
	if z.file != nil {
		return bits + " bits a weight, as in the file", bits + " bits"
	}
	return bits + " bits a weight, " + q.Quality, bits + " bits"
}

// weighs is what a row says that its choice weighs: nothing without a budget.
func (z *sized) weighs(bytes int64) int64 {
	if z.err != nil {
		return -1
	}
	return bytes
}

// quants are the precisions on the slider, fewest bits first: the common ones
// and the present one, or all. A file has its own alone.
func (z *sized) quants() []*catalog.Quant {
	if z.file != nil { // it has its precision already
		return []*catalog.Quant{{ID: z.file.Quant}}
	}
	if !z.fileTypes() {
		return z.schemes()
	}
	var out []*catalog.Quant
	all := z.catalog.Quants
	for i := len(all) - 1; i >= 0; i-- {
		if q := all[i]; z.all || q.Common || q.ID == z.settings.Quant {
			out = append(out, q)
		}
	}
	return out
}

// leap steps several stops at once.
func (k *knob) leap(n int) func(int) sizing.Settings {
	with, at, last := k.with, k.stop(), k.stops-1
	return func(dir int) sizing.Settings { return with(min(max(at+dir*n, 0), last)) }
}

// changed is the present settings with one change.
func (z *sized) changed(change func(*sizing.Settings)) sizing.Settings {
	s := z.settings
	change(&s)
	return s
}

// cacheKnob chooses the type of the cached keys and values, smallest first.
func (z *sized) cacheKnob() knob {
	types := z.cacheTypes()
	set := func(t string) sizing.Settings {
		return z.changed(func(s *sizing.Settings) { s.KVTypeK, s.KVTypeV = t, t })
	}
	k := knob{
		key: keyCache, label: "KV cache", term: "kv-cache-quantisation", stops: len(types),
		value: z.settings.KVTypeK, bytes: -1, far: "three at once", down: true,
		with:  func(i int) sizing.Settings { return set(types[i]) },
		name:  func(i int) string { return types[i] },
		reset: set("f16"),
	}
	if z.settings.KVTypeK != z.settings.KVTypeV {
		k.value = z.settings.KVTypeK + "/" + z.settings.KVTypeV
	}
	for i, t := range types {
		if t == z.settings.KVTypeK {
			k.at = float64(i)
		}
	}
	k.fine = k.leap(3)
	k.about, k.brief = z.cacheAbout()
	return k
}

// cacheTypes are the types that the runtime offers, smallest first, and the
// present one. bf16 stands behind f16, so that the step down from the usual
// type is the one that saves something.
func (z *sized) cacheTypes() []string {
	types := launch.CacheTypes(z.settings.Runtime)
	slices.Reverse(types)
	if i := slices.Index(types, "bf16"); i >= 0 && i+1 < len(types) && types[i+1] == "f16" {
		types[i], types[i+1] = types[i+1], types[i]
	}
	if !slices.Contains(types, z.settings.KVTypeK) {
		types = append([]string{z.settings.KVTypeK}, types...)
	}
	return types
}

// cacheAbout says what a token adds, where the cache lies, and that attention
// is not fused where it is not.
func (z *sized) cacheAbout() (long, short string) {
	if z.err != nil {
		return "", ""
	}
	short = "fixed"
	if n, err := z.engine.CachePerToken(z.model, z.settings); err == nil && n > 0 {
		short = units.Bytes(n) + " a token"
	}
	long = short
	if z.budget.Placement.KVOnHost {
		long += ", in RAM"
	}
	if !z.budget.Placement.FlashAttn {
		long += ", no flash attention"
	}
	return long, short
}

// parallelStops are the numbers of sequences on the slider.
func parallelStops() []int { return []int{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64} }

// parallelKnob chooses how many sequences run at once; each keeps its context.
func (z *sized) parallelKnob() knob {
	stops, each := parallelStops(), z.each()
	n := max(1, z.settings.Parallel)
	set := func(n int) sizing.Settings {
		return z.changed(func(s *sizing.Settings) { s.Parallel, s.Ctx = n, each*n })
	}
	k := knob{
		key: keyParallel, label: "Sequences", term: "parallel-sequences", stops: len(stops),
		at: among(stops, n), value: units.Count(n), bytes: -1, far: "by one",
		with:  func(i int) sizing.Settings { return set(stops[i]) },
		name:  func(i int) string { return units.Count(stops[i]) },
		fine:  func(dir int) sizing.Settings { return set(max(1, n+dir)) },
		reset: set(1),
	}
	if n > 1 {
		k.about, k.brief = "each "+units.Count(each)+" tokens", "each "+units.Context(each)
	}
	return k
}

// among is where n lies among ascending stops, between two where it is none.
func among(stops []int, n int) float64 {
	for i, v := range stops {
		if n == v {
			return float64(i)
		}
		if n < v {
			if i == 0 {
				return 0
			}
			return float64(i-1) + float64(n-stops[i-1])/float64(v-stops[i-1])
		}
	}
	return float64(len(stops) - 1)
}
