package hardware_test

import (
	"context"
	"testing"

	"runlocal/catalog/detect"
	"runlocal/sizing"
	"runlocal/ui/hardware"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/uitest"
)

func newPane() pane.Pane { return hardware.New(theme.New(true, false), nil) }

func TestLaws(t *testing.T) {
	w := uitest.NewWorld(t)
	uitest.Laws(t, newPane, w.Session())
	for state, keys := range map[string]string{"search": "/", "facets": "f", "what fits": "enter", "empty": "/ z z z q q enter"} {
		t.Run(state, func(t *testing.T) {
			d := uitest.Start(t, newPane(), w.Session()).Press(keys)
			uitest.KeysDiffer(t, d.Pane.Bindings())
			for _, size := range [][2]int{{1, 1}, {7, 3}, {58, 18}, {80, 22}, {100, 28}, {200, 58}} {
				uitest.Fills(t, d.Pane.View(size[0], size[1]), size[0], size[1])
			}
		})
	}
}

func TestScripts(t *testing.T) {
	w := uitest.NewWorld(t)
	for _, c := range []struct {
		name string
		keys string
		want []string
	}{
		{"the machine's own card is on top", "", []string{"561 devices", "▌◆ NVIDIA GeForce RTX 4090"}},
		{"a search finds by words", "/ 3 0 9 0 enter", []string{"2 of 561", "RTX 3090"}},
		{"what fits is computed", "enter", []string{"What fits on this machine", "● 7B chat", "Qwen2.5 7B Instruct", "70B chat", "coding agent", "vision", "32K context"}},
		{"the meters say what is used", "enter", []string{"900 MiB of 24.0 GiB", "driver 570.86"}},
		{"prices are dated", "/ 3 0 9 0 enter enter pgdown pgdown", []string{"launched at $1,499", "seen used"}},
		{"sorting", "s", []string{"by name"}},
		{"another size of memory", "/ m 4 space m a x enter m m enter", []string{"Apple M4 Max (40-core GPU), 64 GB", "64 GiB LPDDR5X, shared with the CPU (75 % for the GPU); sold with", "48, 64 or 128 GB"}},
		{"facets", "f space esc", []string{"nvidia", "300 of 561"}},
		{"nothing found", "/ z z q", []string{"No device matches “zzq”", "esc clears"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			uitest.Start(t, newPane(), w.Session()).Press(c.keys).Expect(c.want...)
		})
	}
}

// Another size of memory goes into the rig that the device is part of.
func TestMemoryInTheRig(t *testing.T) {
	w := uitest.NewWorld(t)
	d := uitest.Start(t, newPane(), w.Session()).Press("/ m 4 space m a x enter space")
	added := d.Said[0].(pane.RigChanged)
	s := w.Session()
	s.Rig = added.Rig
	d.Pane.SetSession(s)
	d.Press("m")
	changed, ok := d.Said[len(d.Said)-1].(pane.RigChanged)
	if !ok || len(changed.Rig.GPUs) != 1 || changed.Rig.GPUs[0].Capacity != 36<<30 || changed.Rig.Host.Capacity != 48<<30 {
		t.Fatalf("said %+v", d.Said)
	}
	d.Press("/ 4 0 9 0 enter m").Never("24 GB, m takes")
}

// Every workload names a model of the catalog.
func TestWorkloadsAreInTheCatalog(t *testing.T) {
	w := uitest.NewWorld(t)
	d := uitest.Start(t, newPane(), w.Session()).Press("enter").Size(120, 60)
	for _, name := range []string{"7B chat", "14B chat", "32B chat", "70B chat", "coding agent", "vision", "32K context"} {
		d.Expect(name)
	}
	d.Never("· 7B", "unknown")
}

// A job's figures are the engine's, and opening it hands over the same.
func TestJobsOpenInTheCalculator(t *testing.T) {
	w := uitest.NewWorld(t)
	d := uitest.Start(t, newPane(), w.Session()).Press("/ 3 0 9 0 enter enter j j j enter")
	rig, ok := d.Said[0].(pane.RigChanged)
	if !ok || rig.Rig.Name != "RTX 3090" || !rig.Rig.Simulated {
		t.Fatalf("first said %+v", d.Said)
	}
	chosen, ok := d.Said[1].(pane.ModelChosen)
	if !ok || chosen.Model.ID != "llama-3.3-70b" || !chosen.Show {
		t.Fatalf("then said %+v", d.Said[1])
	}
	b, err := w.Engine.Estimate(chosen.Model, *chosen.Settings, rig.Rig)
	if err != nil || b.Verdict == sizing.Comfortable {
		t.Fatalf("a 70B on one 24 GB card: %v, %v", b.Verdict, err)
	}
}

func TestBuildingARig(t *testing.T) {
	w := uitest.NewWorld(t)
	s := w.Session()
	d := uitest.Start(t, newPane(), s).Press("/ 3 0 9 0 enter")
	last := func() *sizing.Rig {
		r, ok := d.Said[len(d.Said)-1].(pane.RigChanged)
		if !ok {
			t.Fatalf("said %+v", d.Said)
		}
		return r.Rig
	}
	for _, step := range []struct {
		key   string
		cards int
	}{{"space", 1}, {"space", 2}, {"space", 3}, {"-", 2}, {"-", 1}} {
		d.Press(step.key)
		if s.Rig = last(); len(s.Rig.GPUs) != step.cards {
			t.Fatalf("%s: %d cards, want %d", step.key, len(s.Rig.GPUs), step.cards)
		}
		d.Session(s)
	}
	if d.Press("-"); last() != nil {
		t.Fatalf("taking the last off leaves %+v", last())
	}
	s.Rig = s.RealRig()
	if said := d.Session(s).Press("-").Said; said[len(said)-1].(pane.Noted).Text == "" {
		t.Fatal("taking off what is not there says nothing")
	}
}

// fake is a sampler that counts.
type fake struct{ samples, closed int }

func (f *fake) Sample(context.Context) []detect.Live {
	f.samples++
	used, watts := int64(5<<30), 321.0
	return []detect.Live{{Index: 0, Used: &used, Watts: &watts}}
}

func (f *fake) Close() error { f.closed++; return nil }

func TestMetersRunOnlyWhileSeen(t *testing.T) {
	w := uitest.NewWorld(t)
	f := &fake{}
	p := hardware.New(theme.New(true, false), func(detect.Report) hardware.Sampler { return f })
	d := uitest.Start(t, p, w.Session()).Size(80, 40).Press("enter")
	d.Expect("live", "5.00 GiB of 24.0 GiB", "321 W")
	if f.samples != 1 {
		t.Fatalf("%d samples before a second has passed", f.samples)
	}
	p.Shown(false)
	if f.closed != 1 {
		t.Fatal("hidden, and the library is still open")
	}
	if cmd := p.Shown(true); cmd == nil {
		t.Fatal("shown again, and nothing is read")
	}
}

// A machine without a GPU is not an error, and a GPU that the catalog does not
// know shows what its driver says.
func TestUnknownHardware(t *testing.T) {
	w := uitest.NewWorld(t)
	s := w.Session()
	s.Detected = &detect.Report{}
	uitest.Start(t, newPane(), s).Never("◆").Expect("561 devices")
	s.Detected = &detect.Report{GPUs: []detect.GPU{{Name: "Frobnicator \x1b[31m9000", Memory: detect.Memory{}}}}
	uitest.Start(t, newPane(), s).Expect("Frobnicator [31m9000").Press("enter").
		Expect("not in the catalog", "What fits")
}
