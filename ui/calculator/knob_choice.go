package calculator

import (
	"slices"
	"strconv"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

// takes tells whether a request key changes the runtime's figures.
func (z *sized) takes(key string) bool {
	if z.fileTypes() {
		return slices.Contains([]string{keyCache, keyParallel, keyLayers}, key)
	}
	about, _ := z.engine.RuntimeAbout(z.settings.Runtime)
	return slices.Contains(about.Keys, key)
}

// fileTypes tells that the runtime runs GGUF files, whose precisions are
// llama.cpp's.
func (z *sized) fileTypes() bool { return runsFiles(z.settings.Runtime) }

// runsFiles tells it of any runtime.
func runsFiles(runtime string) bool {
	return runtime == sizing.LlamaCpp || runtime == sizing.Ollama
}

// schemes are the precisions of another runtime as the slider wants them,
// fewest bits first.
func (z *sized) schemes() []*catalog.Quant {
	ids := z.engine.Precisions(z.model, z.settings.Runtime)
	out := make([]*catalog.Quant, 0, len(ids)+1)
	for _, id := range slices.Backward(ids) {
		q := &catalog.Quant{ID: id}
		if s, ok := z.catalog.Scheme(id); ok {
			q.Quality = s.Quality
		}
		out = append(out, q)
	}
	if !slices.Contains(ids, z.settings.Quant) {
		out = append(out, &catalog.Quant{ID: z.settings.Quant})
	}
	return out
}

// choice is a setting whose slider has the stops of a list.
type choice struct {
	key, label, term string
	values           []string // least first, as a request would name them
	usual            string
	about            func(*sized) string
}

// choiceKnobs are the sliders of the runtime's own settings.
func (z *sized) choiceKnobs() []knob {
	if z.fileTypes() {
		return nil
	}
	var out []knob
	for _, c := range choices() {
		if z.takes(c.key) {
			if k, ok := z.choiceKnob(c); ok {
				out = append(out, k)
			}
		}
	}
	return out
}

// choiceKnob makes one. Values that the request grammar refuses are left out;
// with fewer than two there is nothing to choose.
func (z *sized) choiceKnob(c choice) (knob, bool) {
	k := knob{key: c.key, label: c.label, term: c.term, bytes: -1, far: "three at once", reset: z.settings}
	var names []string
	var settings []sizing.Settings
	at, usual := -1, 0
	for _, v := range c.values {
		s, err := request.Apply(z.settings, c.key, v, z.model, z.catalog)
		if err != nil {
			continue
		}
		if same(s, z.settings) {
			at = len(names)
		}
		if v == c.usual {
			k.reset, usual = s, len(names)
		}
		names, settings = append(names, v), append(settings, s)
	}
	if len(names) < 2 {
		return k, false
	}
	// Left alone, the runtime takes what is usual for it.
	k.stops, k.at, k.value, k.auto = len(names), float64(usual), "auto", true
	if at >= 0 {
		k.at, k.value, k.auto = float64(at), names[at], false
	}
	if c.about != nil {
		k.about = c.about(z)
		k.brief = k.about
	}
	k.with = func(i int) sizing.Settings { return settings[i] }
	k.name = func(i int) string { return names[i] }
	k.fine = k.leap(3)
	return k, true
}

// numbers are values of a slider.
func numbers(list ...int) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.Itoa(n)
	}
	return out
}
