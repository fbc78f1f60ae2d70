package sizing

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTableIsWhatEstimateSays compares cells with single estimates over random
// models, settings and rigs.
func TestTableIsWhatEstimateSays(t *testing.T) {
	c, e := world(t)
	models := loadable(c)
	quants := []string{"F16", "Q8_0", "no such", "Q6_K", "Q4_K_M", "IQ3_XXS", "Q2_K"}
	contexts := []int{512, 8192, 100000}
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		s, rig := drawSettings(t, e), drawRig(t)
		if rapid.Bool().Draw(t, "plain") {
			s = Defaults("", 0)
			rig = &Rig{GPUs: []GPU{BareGPU(rapid.Int64Range(gib, 900*gib).Draw(t, "memory"), 0)}, Host: DefaultHost()}
		}
		table := e.Table(m, s, quants, contexts, rig)
		for i, q := range quants {
			for j, ctx := range contexts {
				s.Quant, s.Ctx = q, ctx
				var want Cell
				if b, err := e.Estimate(m, s, rig); err == nil {
					want = Cell{b.Verdict, b.OnGPUs(), b.Totals.Total}
				}
				if table[i][j] != want {
					t.Fatalf("%s %s %d: %+v, want %+v", m.ID, q, ctx, table[i][j], want)
				}
			}
		}
	})
}
