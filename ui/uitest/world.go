package uitest

import (
	"sync"
	"testing"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
	"runlocal/ui/session"
)

// World is the real catalog, engine and glossary on a machine that is always
// the same: an RTX 4090 of which 900 MiB are taken, beside 64 GiB of RAM.
type World struct {
	Catalog  *catalog.Catalog
	Engine   *sizing.Engine
	Glossary *glossary.Glossary
}

// NewWorld is the embedded data, read once for all tests of a package: nothing
// in it changes.
func NewWorld(tb testing.TB) World {
	tb.Helper()
	w, err := read()
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

//nolint:gochecknoglobals // computed once, never written
var read = sync.OnceValues(func() (World, error) {
	c, err := catalog.Load()
	if err != nil {
		return World{}, err
	}
	e := sizing.NewEngine(c, runtimes.All(c)...)
	g, err := glossary.Load(e, c)
	return World{c, e, g}, err
})

// The machine of the tests.
const (
	cardID      = "nvidia-geforce-rtx-4090"
	cardTotal   = 24564 << 20
	cardReserve = 450 << 20
	cardUsed    = 900 << 20
	ramTotal    = 64 << 30
	ramFree     = 58 << 30
)

// Report is what a detection of the machine says.
func (w World) Report() detect.Report {
	used := int64(cardUsed)
	d, _ := w.Catalog.Device(cardID)
	return detect.Report{
		GPUs: []detect.GPU{{
			Name: "NVIDIA GeForce RTX 4090", Vendor: "nvidia", Backend: "cuda", Record: d, RecordID: cardID,
			ComputeCapability: 8.9, Driver: "570.86", CUDA: "12.8",
			Memory: detect.Memory{Total: cardTotal, Reserved: cardReserve, Used: &used},
		}},
		Host: detect.Host{OS: "linux", CPU: "a desktop", Cores: 16, Installed: ramTotal, Total: ramTotal, Available: ramFree, BandwidthGBs: 83.2},
	}
}

// Session is a session on the machine, with detection done.
func (w World) Session() session.Session {
	s := session.New()
	s.Catalog, s.Engine, s.Glossary = w.Catalog, w.Engine, w.Glossary
	report := w.Report()
	s.Detected = &report
	s.Rig = s.RealRig()
	return s
}

// With is the session with a model chosen.
func (w World) With(tb testing.TB, model string) session.Session {
	tb.Helper()
	s := w.Session()
	m, err := w.Catalog.Model(model)
	if err != nil {
		tb.Fatal(err)
	}
	s.Model = m
	return s
}
