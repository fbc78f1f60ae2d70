package sizing

import "testing"

// TestStepsSumToTheTotal walks models of every kind over rigs and settings.
func TestStepsSumToTheTotal(t *testing.T) {
	c, e := world(t)
	rigs := []*Rig{
		benchRig(t, c, "nvidia-geforce-rtx-4090"), benchRig(t, c),
		benchRig(t, c, "nvidia-geforce-rtx-3090", "nvidia-geforce-rtx-3090"),
	}
	for _, id := range []string{"llama-3.1-8b", "qwen3-30b-a3b", "gemma-3-12b", "deepseek-v2-lite", "qwen3-next-80b-a3b", "lfm2-1.2b", "falcon-h1-7b", "gemma-3n-e4b", "llama-3.3-70b", "bge-small-en-v1.5", "gpt-oss-20b"} {
		m := modelNamed(t, c, id)
		for _, rig := range rigs {
			for _, change := range []func(*Settings){
				func(*Settings) {}, func(s *Settings) { s.KVOffload = false }, func(s *Settings) { s.GPULayers = 7 },
				func(s *Settings) { s.CPUMoE = AllExperts }, func(s *Settings) { s.Parallel, s.KVUnified = 4, false },
				func(s *Settings) { s.FlashAttn = FlashOff },
			} {
				s := Defaults("Q4_K_M", 4096)
				change(&s)
				b, err := e.Estimate(m, s, rig)
				if err != nil {
					t.Fatalf("%s: %v", id, err)
				}
				steps, err := e.Explain(m, s, rig)
				if err != nil {
					t.Fatal(err)
				}
				sum := int64(0)
				for _, st := range steps {
					sum += st.Bytes
				}
				if sum != b.Totals.Total {
					t.Errorf("%s on %s, %+v: steps sum to %d, total is %d", id, rig.Name, s, sum, b.Totals.Total)
				}
			}
		}
	}
}
