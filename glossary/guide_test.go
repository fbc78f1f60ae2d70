package glossary

import (
	"sync"
	"testing"

	"runlocal/assets"
	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
)

// loadGuide reads the real guide once for all tests. What is wrong with an
// entry is told by TestEveryEntryParses; the other tests go on without it.
var loadGuide = sync.OnceValues(func() (*Glossary, []error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, []error{err}
	}
	return read(assets.FS, newFigures(sizing.NewEngine(c, runtimes.All(c)...), c))
})

func theGuide(tb testing.TB) *Glossary {
	tb.Helper()
	g, wrong := loadGuide()
	if g == nil {
		tb.Fatal(wrong)
	}
	return g
}

// readers are those that an entry is shown to: one whose machine is not
// known, one with a GPU, one without.
func readers(tb testing.TB) map[string]*sizing.Rig {
	tb.Helper()
	c, err := catalog.Load()
	if err != nil {
		tb.Fatal(err)
	}
	d, err := c.Device("RTX 4090")
	if err != nil {
		tb.Fatal(err)
	}
	detected := sizing.RigOf([]*catalog.Device{d}, sizing.DefaultHost())
	detected.Simulated = false
	return map[string]*sizing.Rig{
		"nobody":                  nil,
		"an RTX 4090":             detected,
		"a simulated RTX 4090":    sizing.RigOf([]*catalog.Device{d}, sizing.DefaultHost()),
		"a machine without a GPU": {Name: "no GPU", Host: sizing.DefaultHost()},
		"a small machine":         {Name: "no GPU", Host: sizing.Host{Capacity: 4 << 30, UsedByOthers: 3 << 30, BandwidthGBs: 20, Cores: 2}},
	}
}

func BenchmarkLoad(b *testing.B) {
	c, err := catalog.Load()
	if err != nil {
		b.Fatal(err)
	}
	engine := sizing.NewEngine(c, runtimes.All(c)...)
	for b.Loop() {
		if _, err := Load(engine, c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarkdown(b *testing.B) {
	g := theGuide(b)
	e, _ := g.Entry("kv-cache")
	rig := readers(b)["an RTX 4090"]
	for b.Loop() {
		if _, err := g.Markdown(e, rig); err != nil {
			b.Fatal(err)
		}
	}
}
