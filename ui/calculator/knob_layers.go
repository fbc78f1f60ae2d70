package calculator

import (
	"strconv"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// layersKnob chooses how many layers go to the GPU. Left to the planner, the
// thumb stands where the planner put it.
func (z *sized) layersKnob() knob {
	place := z.budget.Placement
	all := place.Layers
	if all == 0 {
		all = z.model.Layers() + 1 // no budget: the output layer counts as one
	}
	auto := z.changed(func(s *sizing.Settings) { s.GPULayers = sizing.LayersAuto })
	k := knob{
		key: keyLayers, label: "GPU layers", term: "layer-placement", stops: all + 1, far: "eight at once",
		auto: z.settings.GPULayers == sizing.LayersAuto, bytes: -1,
		with: func(i int) sizing.Settings {
			return z.changed(func(s *sizing.Settings) {
				s.GPULayers = i
				if i == all {
					s.GPULayers = sizing.LayersAll
				}
			})
		},
		name: strconv.Itoa, past: &auto, pastR: true, reset: auto,
	}
	at := z.settings.GPULayers
	switch {
	case z.err == nil:
		at = place.GPULayers
	case at < 0:
		at = all
	}
	k.at = float64(min(at, all))
	k.fine = k.leap(8)
	k.value = units.Count(min(at, all)) + " of " + units.Count(all)
	k.about, k.brief = layersAbout(min(at, all), all)
	if k.auto {
		k.about, k.brief = "auto: "+k.about, "auto"
	}
	return k
}

func layersAbout(n, all int) (long, short string) {
	switch n {
	case all:
		return "everything on the GPU", "all on GPU"
	case 0:
		return "everything in RAM", "all in RAM"
	}
	rest := units.Count(all-n) + " in RAM"
	return rest, rest
}

// expertsKnob chooses in how many layers, from the first, the experts stay in
// RAM.
func (z *sized) expertsKnob() knob {
	all := z.model.Layers()
	auto := z.changed(func(s *sizing.Settings) { s.CPUMoE = sizing.ExpertsAuto })
	k := knob{
		key: keyExperts, label: "RAM experts", term: "experts-in-ram", stops: all + 1, far: "eight at once",
		auto: z.settings.CPUMoE == sizing.ExpertsAuto, bytes: -1,
		with: func(i int) sizing.Settings {
			return z.changed(func(s *sizing.Settings) {
				s.CPUMoE = i
				if i == all {
					s.CPUMoE = sizing.AllExperts
				}
			})
		},
		name: strconv.Itoa, past: &auto, reset: auto,
	}
	at := z.settings.CPUMoE
	switch {
	case z.err == nil:
		at = z.budget.Placement.CPUMoE
	case at == sizing.AllExperts:
		at = all
	}
	at = min(max(at, 0), all)
	k.at = float64(at)
	k.fine = k.leap(8)
	k.value = units.Count(at) + " of " + units.Count(all)
	k.about, k.brief = expertsAbout(at, all)
	if k.auto {
		k.about, k.brief = "auto: "+k.about, "auto"
	}
	return k
}

func expertsAbout(n, all int) (long, short string) {
	switch n {
	case 0:
		return "all experts on the GPU", "none in RAM"
	case all:
		return "all experts in RAM", "all in RAM"
	}
	return "layers keep their experts in RAM", "in RAM"
}
