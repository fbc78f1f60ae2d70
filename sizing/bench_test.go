package sizing

import (
	"testing"

	"runlocal/catalog"
)

func benchRig(b testing.TB, c *catalog.Catalog, names ...string) *Rig {
	b.Helper()
	var ds []*catalog.Device
	for _, n := range names {
		found := false
		for _, d := range c.Devices {
			if d.ID == n {
				ds, found = append(ds, d), true
			}
		}
		if !found {
			b.Fatalf("no device %q", n)
		}
	}
	return RigOf(ds, DefaultHost())
}

func BenchmarkEstimate(b *testing.B) {
	c, e := world(b)
	rig := benchRig(b, c, "nvidia-geforce-rtx-4090")
	for _, id := range []string{"llama-3.1-8b", "qwen3-30b-a3b", "gemma-3-12b", "llama-3.3-70b"} {
		m := modelNamed(b, c, id)
		s := Defaults("Q4_K_M", 8192)
		b.Run(id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Estimate(m, s, rig); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRankCatalog ranks every model from a cold engine: nothing is
// remembered from the round before.
func BenchmarkRankCatalog(b *testing.B) {
	c, _ := world(b)
	for _, names := range [][]string{{"nvidia-geforce-rtx-4090"}, {"nvidia-geforce-rtx-3090", "nvidia-geforce-rtx-3090"}, nil} {
		rig := benchRig(b, c, names...)
		b.Run(rig.Name, func(b *testing.B) {
			for b.Loop() {
				e := NewEngine(c)
				for _, m := range c.Models {
					e.Rank(m, rig)
				}
			}
		})
	}
}

// BenchmarkWholeCatalog sizes every model at twelve precisions and eight
// contexts on one card. The engine has seen each model before.
func BenchmarkWholeCatalog(b *testing.B) {
	c, e := world(b)
	quants := []string{"F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "Q4_0", "Q3_K_M", "Q2_K", "IQ4_XS"}
	contexts := []int{2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144}
	models := loadable(c)
	for _, x := range []struct {
		what   string
		memory int64
		layers int
	}{{"all on one card", 2 << 40, LayersAll}, {"planned on 24 GiB", 24 << 30, LayersAuto}} {
		rig := &Rig{GPUs: []GPU{BareGPU(x.memory, 0)}, Host: DefaultHost()}
		s := Defaults("", 0)
		s.GPULayers = x.layers
		all := func() {
			for _, m := range models {
				e.Table(m, s, quants, contexts, rig)
			}
		}
		b.Run(x.what, func(b *testing.B) {
			all()
			for b.Loop() {
				all()
			}
		})
	}
}
