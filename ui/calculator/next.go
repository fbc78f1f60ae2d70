package calculator

// neighbour is another stop of a slider and what going there would cost.
type neighbour struct {
	name, cost string
}

// neighbours asks what the stops around the present one would cost.
func (z *sized) neighbours() map[string][]neighbour {
	if z.err != nil {
		return nil
	}
	out := make(map[string][]neighbour, len(z.knobs))
	for i := range z.knobs {
		k := &z.knobs[i]
		base := costOf(k.key, &z.budget)
		for _, stop := range k.around() {
			b, err := z.estimate(k.with(stop))
			if err != nil {
				continue
			}
			out[k.key] = append(out[k.key], neighbour{k.name(stop), delta(costOf(k.key, &b) - base)})
		}
	}
	return out
}

// around are the stops that a slider's row speaks of: the next two that take
// more and the next that takes less, or the other way round.
func (k *knob) around() []int {
	right, left := int(k.at)+1, k.stop()
	if float64(left) >= k.at {
		left--
	}
	stops := []int{right, left, right + 1}
	if k.down {
		stops = []int{left, right, left - 1}
	}
	var out []int
	for _, stop := range stops {
		if stop >= 0 && stop < k.stops {
			out = append(out, stop)
		}
	}
	return out
}
