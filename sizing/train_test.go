package sizing

import "testing"

// The weights, gradients and moments of Llama 3.2 1B (1,235,814,400
// parameters) measured on an H100 with autocast were 4,714 MiB each.
func TestTrainingStates(t *testing.T) {
	const mib, oneB, eightB = 1 << 20, 1_235_814_400, 8_030_261_248
	for _, c := range []struct {
		mode   TrainMode
		params int64
		want   int64 // MiB
	}{
		{TrainFull, oneB, 4 * 4714},
		{TrainFull, eightB, 122_532},
		{TrainLoRA, eightB, 15_929}, // 16.06 GB of bf16 weights and 0.64 GB for the adapters
		{TrainQLoRA, eightB, 4_564}, // 4.14 GB and 0.64 GB
		{TrainFull, 1000, 0},
	} {
		p, err := TrainingStates(c.params, c.mode)
		if err != nil {
			t.Errorf("%s of %d: %v", c.mode, c.params, err)
			continue
		}
		if got := p.Total() / mib; got < c.want-2 || got > c.want+2 {
			t.Errorf("%s of %d parameters takes %d MiB, want %d", c.mode, c.params, got, c.want)
		}
	}
	for _, c := range []struct {
		mode   TrainMode
		params int64
	}{{"half", eightB}, {TrainFull, 0}, {TrainFull, -1}, {"", eightB}, {TrainFull, 1 << 62}} {
		if p, err := TrainingStates(c.params, c.mode); err == nil {
			t.Errorf("%q of %d: got %+v, want an error", c.mode, c.params, p)
		}
	}
}
