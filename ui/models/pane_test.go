package models_test

import (
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/models"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/uitest"
)

func newPane() pane.Pane { return models.New(theme.New(true, false), nil) }

func TestLaws(t *testing.T) {
	t.Parallel()
	w := uitest.NewWorld(t)
	uitest.Laws(t, newPane, w.Session())
	for state, keys := range map[string]string{
		"search": "/", "facets": "f", "detail": "d", "comparison": "m m m c", "empty": "/ z z z q q enter",
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			d := uitest.Start(t, newPane(), w.Session()).Press(keys)
			uitest.KeysDiffer(t, d.Pane.Bindings())
			for _, size := range [][2]int{{1, 1}, {7, 3}, {58, 18}, {80, 22}, {100, 28}, {200, 58}} {
				uitest.Fills(t, d.Pane.View(size[0], size[1]), size[0], size[1])
			}
		})
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	w := uitest.NewWorld(t)
	for _, c := range []struct {
		name string
		keys string
		want []string
	}{
		{"all models at first, the best first", "", []string{"984 models · by fit", "▌●"}},
		{"a filter shows the best match under the cursor", "/ l l a m a 3 . 1 8 b enter", []string{"by match", "▌● Llama 3.1 8B"}},
		{"enter keeps the filter", "/ g e m m a enter j", []string{"gemma", "by match", "▌"}},
		{"esc drops it", "/ g e m m a esc", []string{"984 models"}},
		{"q in the filter is a letter", "/ q w e n", []string{"qwen"}},
		{"nothing found says so and how to go on", "/ z z z q q", []string{"No model matches “zzzqq”", "esc clears"}},
		{"sorting says by what", "s s", []string{"by parameters", "params ↓"}},
		{"and turns round", "s s S", []string{"params ↑"}},
		{"facets narrow", "f j j j space esc", []string{"✕ no", " of 984", "✕"}},
		{"d shows the detail in a narrow screen", "/ l l a m a 3 . 1 8 b enter d", []string{"Llama 3.1 8B", "by family, not read", "32 layers", "GQA 32/8", "ollama run", "Q4_K_M"}},
		{"marks are counted", "m m", []string{"2 marked", "✓"}},
		{"marked models are compared", "m m c", []string{"Comparing 2 models on RTX 4090", "best here", "parameters"}},
		{"the end of the list", "G", []string{"▌✕"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			uitest.Start(t, newPane(), w.Session()).Press(c.keys).Expect(c.want...)
		})
	}
}

func TestChooseCarriesTheBestSettings(t *testing.T) {
	w := uitest.NewWorld(t)
	s := w.Session()
	d := uitest.Start(t, newPane(), s).Press("/ l l a m a - 3 . 1 - 8 b enter enter")
	chosen, ok := d.Said[len(d.Said)-1].(pane.ModelChosen)
	if !ok || chosen.Model.ID != "llama-3.1-8b" || !chosen.Show {
		t.Fatalf("said %+v", d.Said)
	}
	best := s.Engine.Rank(chosen.Model, s.Rig)
	if got := *chosen.Settings; got.Quant != best.Quant || got.Ctx != best.Ctx {
		t.Fatalf("chosen at %s and %d, want %s and %d", got.Quant, got.Ctx, best.Quant, best.Ctx)
	}
}

// The numbers of a row are those of the engine for the present rig, and follow
// it.
func TestRowsFollowTheRig(t *testing.T) {
	w := uitest.NewWorld(t)
	s := w.Session()
	d := uitest.Start(t, newPane(), s).Press("/ 7 0 b enter").Size(120, 30)
	if !strings.Contains(d.Frame(), "Llama 3.3 70B") {
		t.Fatalf("no 70B in:\n%s", d.Frame())
	}
	before := d.Frame()
	card, err := w.Catalog.Device("nvidia-h200-sxm-141gb")
	if err != nil {
		card = w.Catalog.Devices[0]
		for _, other := range w.Catalog.Devices {
			if other.MemoryBytes() > card.MemoryBytes() {
				card = other
			}
		}
	}
	s.Rig = sizing.RigOf([]*catalog.Device{card}, sizing.DefaultHost())
	after := d.Session(s).Frame()
	if before == after {
		t.Fatal("the rows did not follow the rig")
	}
	d.Never("✕ Llama 3.3 70B")
}

// While the machine is being looked at, rows show no verdict that would change
// a moment later.
func TestNothingIsRankedBeforeTheRigIsKnown(t *testing.T) {
	w := uitest.NewWorld(t)
	s := session.New()
	s.Catalog, s.Engine, s.Detecting = w.Catalog, w.Engine, true
	d := uitest.Start(t, newPane(), s)
	d.Never("●", "✕", "t/s").Expect("984 models")
	d.Session(w.Session()).Expect("●")
}

func TestCaptureTakesEveryPrintableKey(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	w := uitest.NewWorld(t)
	d := uitest.Start(t, newPane(), w.Session()).Press("/").Size(200, 30)
	uitest.Printable(t, d, func() string {
		line, _, _ := strings.Cut(d.Frame(), "\n")
		line = strings.TrimPrefix(line, " / ")
		// The field is forty cells wide and shows the end of the text.
		return strings.TrimRight(line[:min(len(line), 37)], " ")
	})
}

func TestMouse(t *testing.T) {
	w := uitest.NewWorld(t)
	d := uitest.Start(t, newPane(), w.Session())
	d.Send(uitest.Click(20, 5))
	d.Expect("▌")
	if got := strings.Split(d.Frame(), "\n")[5]; !strings.HasPrefix(got, "▌") {
		t.Fatalf("a click on line 5 left %q", got)
	}
	d.Send(uitest.Click(20, 5))
	if _, ok := d.Said[len(d.Said)-1].(pane.ModelChosen); !ok {
		t.Fatalf("the second click said %+v", d.Said)
	}
	d.Send(uitest.Click(32, 1)).Expect("params ↓")
	d.Send(uitest.Click(32, 1)).Expect("params ↑")
	top := strings.Split(d.Frame(), "\n")[2]
	for range 12 {
		d.Send(uitest.WheelDown(20, 10))
	}
	if strings.Split(d.Frame(), "\n")[2] == top {
		t.Fatal("the wheel did not scroll")
	}
}
