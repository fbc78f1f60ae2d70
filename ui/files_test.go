package ui_test

import (
	"context"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui"
	"runlocal/ui/ondisk"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/uitest"
)

// withFiles is the program on a machine that has model files.
func withFiles(t testing.TB, w uitest.World, width, height int, store ui.Store) *uitest.Screen {
	t.Helper()
	o, files := options(w), w.Files(t)
	o.FindModels = func(context.Context, *catalog.Catalog, *sizing.Engine) []ondisk.File { return files }
	o.Store = store
	return uitest.NewScreen(t, ui.New(o), width, height)
}

func TestFrameWithFiles(t *testing.T) {
	w := uitest.NewWorld(t)
	s := withFiles(t, w, 100, 30, &memory{})
	uitest.Fills(t, s.Model.View().Content, 100, 30)
	golden.RequireEqual(t, s.Golden())
}

// A file has one precision and an engine of its own; a record chosen after it
// has the catalog's again, and undo knows both.
func TestAFileInTheCalculator(t *testing.T) {
	w := uitest.NewWorld(t)
	s := withFiles(t, w, 200, 50, &memory{}).Press("enter").
		Expect("Qwen/Qwen3-8B-GGUF", "Precision", "Q4_K_M", "as in the file", "llama-server -m /home/u/.cache/hub/Qwen3-8B-Q4_K_M.gguf")
	s.Never("can't be sized", "Q8_0").Press("right right left left a r").Never("can't be sized", "Q8_0")
	s.Press("1 / l l a m a - 3 . 1 - 8 b enter enter").Expect("Llama 3.1 8B", "Precision").Never("can't be sized", "as in the file")
	s.Press("u").Expect("Qwen/Qwen3-8B-GGUF", "as in the file").Never("can't be sized")
	s.Press("1 esc f l space esc j enter").Expect("tiny:latest", "as in the file", "blobs/sha256-").Never("can't be sized")
	s.Resize(50, 4).Expect("● fits", "tiny:latest")
}

// A file is not remembered: it may be gone, and its precision with it.
func TestAFileIsNotRemembered(t *testing.T) {
	w := uitest.NewWorld(t)
	r := ui.New(options(w))
	s := uitest.NewScreen(t, r, 120, 36)
	f := w.Files(t)[0].Sized
	settings := sizing.Defaults("as in the file", 8192)
	s.Send(pane.ModelChosen{Model: f.Model, File: &session.File{Engine: f.Engine, Quant: "as in the file"}, Settings: &settings})
	if got := r.State(); got.Model != "" || got.Settings.Quant != "Q4_K_M" {
		t.Errorf("remembers %q at %s", got.Model, got.Settings.Quant)
	}
	llama, err := w.Catalog.Model("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	s.Send(pane.ModelChosen{Model: llama, Show: true}).Expect("Llama 3.1 8B", "Q4_K_M").Never("can't be sized")
}
