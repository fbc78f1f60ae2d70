package torch

import (
	"testing"

	"runlocal/sizing"
)

// trainedAs turns a row's mode into settings.
func trainedAs(mode string) sizing.Train {
	x := sizing.Train{Mode: sizing.TrainFull, Precision: "bf16"}
	switch mode {
	case "amp", "fp32":
		x.Precision = map[string]string{"amp": "amp", "fp32": "f32"}[mode]
	case "full_bf16_fused":
		x.Optimizer = "adamw-fused"
	case "lora_qkvo":
		x = sizing.Train{Mode: sizing.TrainLoRA, Targets: []string{"q_proj", "k_proj", "v_proj", "o_proj"}}
	case "lora_all":
		x = sizing.Train{Mode: sizing.TrainLoRA}
	}
	return x
}

func TestAccuracyOfTraining(t *testing.T) {
	c := load(t)
	r := New(c)
	var all spread
	groups := map[string]*spread{}
	for _, row := range rows(t, "../testdata/torch_training.tsv.gz") {
		m, err := c.Model(truthModels[row["model"]])
		if err != nil {
			t.Fatal(err)
		}
		s := r.About().Defaults
		batch := number(t, row["batch"])
		s.Parallel, s.Ctx = int(batch), int(batch*number(t, row["seq"]))
		s.Train = trainedAs(row["mode"])
		s.Train.Checkpointing = row["ckpt"] == "1"
		b, err := r.Size(m, s, h100(t, c))
		if err != nil {
			t.Fatal(err)
		}
		want := number(t, row["peak_alloc"])
		all.add(b.Allocator.Allocated, want)
		g := groups[row["mode"]]
		if g == nil {
			g = &spread{}
			groups[row["mode"]] = g
		}
		g.add(b.Allocator.Allocated, want)
		t.Logf("%-13s %-16s b%s %5s ckpt %s it %s %+6.2f %% %s", row["model"], row["mode"], row["batch"], row["seq"], row["ckpt"], row["it"], all[len(all)-1], b.Training.Phase)
	}
	for mode, g := range groups {
		t.Logf("%-16s %v", mode, *g)
	}
	t.Logf("%-16s %v", "peak allocated", all)
	if all.at(0.5) > 1 || all.at(0.95) > 8 {
		t.Errorf("training peaks: %v", all)
	}
}
