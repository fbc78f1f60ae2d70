package glossary

import (
	"fmt"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// speedFigures print bands of tokens a second on a named card.
func speedFigures() map[string]maker {
	return map[string]maker{
		"decode": onCard(func(f *figures, q question) (string, error) {
			b, err := f.estimate(q, q.rig)
			return rate(b.Speed.Decode), err
		}),
		"prefill": onCard(func(f *figures, q question) (string, error) {
			b, err := f.estimate(q, q.rig)
			return rate(b.Speed.Prefill), err
		}),
	}
}

func rate(b sizing.Band) string {
	if b.Mid <= 0 {
		return "no known speed"
	}
	return units.Band(b.Low, b.High) + " tok/s"
}

// readerFigures are whole sentences about the reader's own machine.
func readerFigures() map[string]maker {
	return map[string]maker{
		"yours":      reader((*figures).yours),
		"yourdecode": reader((*figures).yourDecode),
	}
}

// reader makes a figure of the rig that the entry is shown for. It refuses a
// gpu of its own: that would be somebody else's machine.
func reader(show func(*figures, question, *sizing.Rig) (string, error)) maker {
	return func(f *figures, c *call) (figure, error) {
		q, err := f.question(c)
		if err != nil {
			return nil, err
		}
		if q.rig != nil {
			return nil, fmt.Errorf("speaks of the reader's machine and takes no gpu=")
		}
		return func(rig *sizing.Rig) (string, error) { return show(f, q, rig) }, nil
	}
}

// what names the model and its settings: "Llama 3.1 8B at Q4_K_M with 8,192
// tokens of context".
func (q question) what() string {
	return fmt.Sprintf("%s at %s with %s tokens of context", q.model.Name, q.settings.Quant, units.Count(q.settings.Ctx))
}

// on opens a sentence about a rig.
func on(rig *sizing.Rig) string {
	switch {
	case len(rig.GPUs) == 0 && rig.Simulated:
		return "On a machine without a GPU"
	case len(rig.GPUs) == 0:
		return "On your machine, which has no GPU that runlocal can use"
	case rig.Simulated:
		return "On the simulated " + rig.Name
	default:
		return "On your " + rig.Name
	}
}

func (f *figures) yours(q question, rig *sizing.Rig) (string, error) {
	if rig == nil {
		b, err := f.estimate(q, roomy())
		return fmt.Sprintf("On a card that is large enough, %s takes %s.", q.what(), units.Bytes(b.Totals.Total)), err
	}
	b, err := f.estimate(q, rig)
	if err != nil {
		return "", err
	}
	total := units.Bytes(b.Totals.Total)
	switch gpu := b.OnGPUs(); {
	case b.Verdict == sizing.No:
		return fmt.Sprintf("%s, %s would take %s and does not fit.", on(rig), q.what(), total), nil
	case b.Verdict != sizing.Offload:
		return fmt.Sprintf("%s, %s takes %s and %s.", on(rig), q.what(), total, verdictWords(b.Verdict)), nil
	case b.Placement.GPULayers == 0 || gpu == 0:
		return fmt.Sprintf("%s, %s takes %s of RAM and runs on the CPU.", on(rig), q.what(), total), nil
	default:
		return fmt.Sprintf("%s, %s takes %s, of which %s is on the GPU: it runs with part in RAM.", on(rig), q.what(), total, units.Bytes(gpu)), nil
	}
}

func (f *figures) yourDecode(q question, rig *sizing.Rig) (string, error) {
	if rig == nil {
		return fmt.Sprintf("runlocal will say here how fast %s writes on your machine once it has looked at it.", q.model.Name), nil
	}
	b, err := f.estimate(q, rig)
	if err != nil {
		return "", err
	}
	speed := b.Speed.Decode
	switch {
	case b.Verdict == sizing.No:
		return fmt.Sprintf("%s, %s does not fit, so it has no speed there.", on(rig), q.what()), nil
	case speed.Mid <= 0:
		return fmt.Sprintf("%s, nothing is known about the speed of %s: the machine's memory bandwidth is missing.", on(rig), q.what()), nil
	default:
		return fmt.Sprintf("%s, %s writes %s (%s, limited by %s).", on(rig), q.what(), rate(speed), b.Speed.Label, speed.Bound), nil
	}
}
