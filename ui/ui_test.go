package ui_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"go.uber.org/goleak"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/ui"
	"runlocal/ui/ondisk"
	"runlocal/ui/state"
	"runlocal/ui/uitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a store that forgets when the test ends.
type memory struct {
	last state.State
	note string
	err  error
	kept []state.State
}

func (m *memory) Load() (state.State, string) { return m.last, m.note }

func (m *memory) Save(s state.State) error {
	m.kept = append(m.kept, s)
	return m.err
}

// options put the test's world in the place of the real one.
func options(w uitest.World) ui.Options {
	return ui.Options{
		LoadCatalog:  func() (*catalog.Catalog, error) { return w.Catalog, nil },
		LoadGlossary: func(*sizing.Engine, *catalog.Catalog) (*glossary.Glossary, error) { return w.Glossary, nil },
		Detect:       func(context.Context, *catalog.Catalog) detect.Report { return w.Report() },
		FindModels:   func(context.Context, *catalog.Catalog, *sizing.Engine) []ondisk.File { return nil },
		Store:        &memory{},
		Copy:         func(string) error { return nil },
		Environ:      []string{"TERM=xterm-256color"},
	}
}

func start(t testing.TB, w uitest.World, width, height int) *uitest.Screen {
	t.Helper()
	return uitest.NewScreen(t, ui.New(options(w)), width, height)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	w := uitest.NewWorld(t)
	for _, c := range []struct {
		name string
		keys string
		want []string
	}{
		{"the answer comes first", "", []string{"1 Models", "RTX 4090 · 22.7 of 23.5 GiB free", "984 models", "●"}},
		{"number keys jump", "2", []string{"◆ NVIDIA GeForce RTX 4090", "yours"}},
		{"brackets walk", "] [", []string{"984 models"}},
		{"tab walks", "tab", []string{"yours"}},
		{"H opens the hardware", "H", []string{"yours"}},
		{"a device simulates", "2 / 3 0 9 0 enter space space", []string{"simulated: 2 × RTX 3090", "2 × NVIDIA GeForce RTX 3090"}},
		{"minus takes one off", "2 / 3 0 9 0 enter space space -", []string{"simulated: RTX 3090"}},
		{"taking the last off brings the real one back", "2 / 3 0 9 0 enter space -", []string{"RTX 4090 · 22.7"}},
		{"H goes back to the real one", "2 / 3 0 9 0 enter space H", []string{"RTX 4090 · 22.7"}},
		{"u undoes it", "2 / 3 0 9 0 enter space u", []string{"RTX 4090 · 22.7", "undone"}},
		{"u with nothing to undo says so", "u", []string{"nothing to undo"}},
		{"help lists the keys of the pane", "?", []string{"Keys of Models", "size it", "enter"}},
		{"help is searchable", "? c o m p a r e", []string{"› compare", "compare"}},
		{"help does what it lists", "? s o r t enter", []string{"by name"}},
		{"esc closes it", "? esc", []string{"984 models"}},
		{"the palette finds a device", ": r t x space 5 0 9 0 enter", []string{"RTX 5090", "What fits"}},
		{"the palette finds a model", ": g e m m a space 3 space 1 2 b enter", []string{"▌", "Gemma 3 12B"}},
		{"the palette shows the key", ": c o m p a r e", []string{"compare", "c"}},
		{"a letter in the search never acts", "/ q H 2", []string{"/ qH2"}},
		{"what a disabled key needs", "c", []string{"mark two or more models"}},
		{"copying is shown", "y", []string{"copied: "}},
		{"the mouse can be given back", "M", []string{"the mouse is the terminal's"}},
		{"detection again", "2 r", []string{"looked again: RTX 4090"}},
		{"enter carries the model on", "enter", []string{"Precision", "Context"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, w, 120, 32).Press(c.keys)
			s.Expect(c.want...)
			uitest.Fills(t, s.Model.View().Content, 120, 32)
		})
	}
}

// Whatever a list is sorted by, K has a term for it.
func TestEveryOrderHasATerm(t *testing.T) {
	w := uitest.NewWorld(t)
	s := start(t, w, 120, 32)
	for _, tab := range []string{"1", "2"} {
		for range 7 {
			s.Press(tab + " s K").Expect("enter: the whole entry").Press("esc")
		}
	}
}

func TestQuitting(t *testing.T) {
	w := uitest.NewWorld(t)
	for keys, quits := range map[string]bool{
		"q": true, "ctrl+c": true, "/ q": false, "/ ctrl+c": true, "? q": false, ": ctrl+c": true, "esc": false, "ctrl+d": false,
	} {
		if got := start(t, w, 100, 30).Press(keys).Quit; got != quits {
			t.Errorf("%q quits: %v, want %v", keys, got, quits)
		}
	}
}

// No two bindings that are active together share a key, in any pane.
func TestKeysDiffer(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	w := uitest.NewWorld(t)
	for _, keys := range []string{"1", "2", "3", "4", "1 d", "1 f", "2 enter", "2 f", "1 m m c", "enter"} {
		t.Run(keys, func(t *testing.T) {
			s := start(t, w, 140, 40).Press(keys)
			uitest.KeysDiffer(t, s.Model.(*ui.Root).ActiveBindings())
		})
	}
}

// One walk through the program at each size: the keys that lead to a frame, and
// those that lead back.
func TestFrames(t *testing.T) {
	w := uitest.NewWorld(t)
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"100x30", 100, 30}, {"200x60", 200, 60}} {
		s := start(t, w, size.w, size.h)
		for _, f := range []struct{ name, keys, back string }{
			{"models", "", ""},
			{"search", "/ q w e n", "esc g"},
			{"facets", "f j j space", "x esc g"},
			{"compare", "m m m c", "esc esc g"},
			{"detail", "/ l l a m a 3 . 1 8 b enter d", "esc esc g"},
			{"help", "?", "esc"},
			{"palette", ": k v", "esc"},
			{"hardware", "2", "g"},
			{"simulated", "/ 3 0 9 0 enter space space enter", "esc H esc g"},
			{"calculator", "1 / l l a m a 3 . 1 8 b enter enter", ""},
			{"glossary", "4", ""},
			{"peek", "1 K", "esc"},
		} {
			t.Run(f.name+"-"+size.name, func(t *testing.T) {
				s.Press(f.keys)
				defer s.Press(f.back) // also where a frame differs, for the next one's sake
				uitest.Fills(t, s.Model.View().Content, size.w, size.h)
				golden.RequireEqual(t, s.Golden())
			})
		}
	}
}

// Every size is survived, on every tab and under every overlay.
func TestSizes(t *testing.T) {
	w := uitest.NewWorld(t)
	s := start(t, w, 80, 24).Press("enter")
	for _, keys := range []string{"1", "2", "3", "4", "?", "esc", ":", "esc"} {
		s.Press(keys)
		for _, size := range [][2]int{{1, 1}, {10, 3}, {59, 20}, {60, 19}, {60, 20}, {61, 21}, {80, 24}, {99, 24}, {100, 24}, {300, 100}, {80, 24}} {
			s.Resize(size[0], size[1])
			uitest.Fills(t, s.Model.View().Content, size[0], size[1])
		}
	}
}

func TestTooSmallSaysTheVerdict(t *testing.T) {
	w := uitest.NewWorld(t)
	s := start(t, w, 80, 24).Press("enter").Resize(50, 4)
	s.Expect("● fits", "needs 60×20, this is 50×4")
	start(t, w, 50, 4).Expect("needs 60×20").Never("fits")
}

// The first frame stands before the catalog is read.
func TestFirstFrameWaitsForNothing(t *testing.T) {
	o := options(uitest.World{})
	o.LoadCatalog = func() (*catalog.Catalog, error) { t.Error("the catalog was read for the first frame"); return nil, nil }
	r := ui.New(o)
	r.Init()
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	frame := r.View()
	text := ansi.Strip(frame.Content)
	if !strings.Contains(text, "reading the catalog") || !strings.Contains(text, "1 Models") || !frame.AltScreen {
		t.Fatalf("first frame:\n%s", frame.Content)
	}
}

func TestBrokenCatalogSaysSo(t *testing.T) {
	o := options(uitest.World{})
	o.LoadCatalog = func() (*catalog.Catalog, error) { return nil, errors.New("models/llama.json: record 3: no blocks") }
	s := uitest.NewScreen(t, ui.New(o), 100, 24)
	s.Expect("read the catalog: models/llama.json: record 3: no blocks", "q quits").Press("1 2 ? esc : esc enter tab u H K")
	if !s.Press("q").Quit {
		t.Fatal("q does not quit")
	}
}

func TestTheLastSessionComesBack(t *testing.T) {
	w := uitest.NewWorld(t)
	o := options(w)
	settings := sizing.Defaults("Q5_K_M", 16384)
	o.Store = &memory{last: state.State{
		Tab: "Hardware", Model: "llama-3.1-8b", Settings: &settings,
		Devices: []string{"nvidia-geforce-rtx-3090", "no-such-card", "nvidia-geforce-rtx-3090"},
	}}
	uitest.NewScreen(t, ui.New(o), 120, 32).Expect("simulated: 2 × RTX 3090", "yours").Press("3").
		Expect("Llama 3.1 8B", "Q5_K_M", "16,384")
	o.Fresh = true
	uitest.NewScreen(t, ui.New(o), 120, 32).Expect("RTX 4090 · 22.7", "984 models").Never("3090")
}

func TestABrokenStateIsSaid(t *testing.T) {
	w := uitest.NewWorld(t)
	o := options(w)
	o.Store = &memory{note: "the last session's file was broken (x); kept as state.json.bad"}
	uitest.NewScreen(t, ui.New(o), 120, 32).Expect("kept as state.json.bad").Press("j").Never("state.json.bad")
}

func TestMouse(t *testing.T) {
	w := uitest.NewWorld(t)
	s := start(t, w, 120, 32)
	at := strings.Index(strings.SplitN(s.Frame(), "\n", 2)[0], "2 Hardware")
	s.Send(uitest.Click(at+3, 0)).Expect("yours")
	s.Send(uitest.Click(strings.Index(strings.SplitN(s.Frame(), "\n", 2)[0], "1 Models")+3, 0)).Expect("984 models")
	foot := strings.Split(s.Frame(), "\n")[31]
	s.Send(uitest.Click(len([]rune(foot[:strings.Index(foot, "? keys")]))+2, 31)).Expect("Keys of Models")
	s.Send(uitest.Click(0, 31)).Never("Keys of Models")
	o := options(w)
	o.NoMouse = true
	if mode := uitest.NewScreen(t, ui.New(o), 80, 24).Model.View().MouseMode; mode != tea.MouseModeNone {
		t.Fatalf("mouse mode %v with NoMouse", mode)
	}
}

func TestNoTerminalIsRefused(t *testing.T) {
	w := uitest.NewWorld(t)
	for _, environ := range [][]string{{"TERM=dumb"}, {"TERM="}, {"TERM=xterm"}} {
		o := options(w)
		o.Environ = environ
		err := ui.Run(t.Context(), o) // a test's output is no terminal
		if !errors.Is(err, ui.ErrNoTerminal) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", environ, err)
		}
	}
}
