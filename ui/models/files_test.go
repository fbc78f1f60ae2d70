package models_test

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/models"
	"runlocal/ui/ondisk"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/uitest"
)

// finding makes panes whose search finds the files of the test's machine.
func finding(t *testing.T, w uitest.World) func() pane.Pane {
	t.Helper()
	return func() pane.Pane {
		files := w.Files(t)
		return models.New(theme.New(true, false), func(context.Context, *catalog.Catalog, *sizing.Engine) []ondisk.File { return files })
	}
}

func TestLawsWithFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	t.Parallel()
	w := uitest.NewWorld(t)
	make := finding(t, w)
	uitest.Laws(t, make, w.Session())
	for _, keys := range []string{"/ o n space d i s k", "/ o d d enter d", "/ o d d enter y", "f", "/ q w e n 3 - 8 b enter d", "/ o n space d i s k enter m m m c"} {
		d := uitest.Start(t, make(), w.Session()).Press(keys)
		uitest.KeysDiffer(t, d.Pane.Bindings())
		for _, size := range [][2]int{{1, 1}, {7, 3}, {58, 18}, {80, 22}, {100, 28}, {200, 58}} {
			uitest.Fills(t, d.Pane.View(size[0], size[1]), size[0], size[1])
		}
	}
}

func TestFilesOnThisMachine(t *testing.T) {
	t.Parallel()
	w := uitest.NewWorld(t)
	make := finding(t, w)
	for _, c := range []struct {
		name string
		keys string
		want []string
	}{
		{"stand before their equals, best first", "", []string{"987 models · by fit", "▌● ⌂ Qwen/Qwen3-8B-GGUF", "● ⌂ tiny:latest", "● "}},
		{"are found by name", "/ q w e n / q w e n 3 - 8 b", []string{"● ⌂ Qwen/Qwen3-8B-GGUF"}},
		{"are found by what the file calls itself, and by place", "/ t i n y space o l l a m a", []string{"⌂ tiny:latest"}},
		{"are a facet", "f l space esc", []string{"⌂ on this machine", "3 of 987", "⌂ Qwen", "⌂ tiny", "✕ ⌂ odd[2J.gguf"}},
		{"the detail says what lies there", "d", []string{
			"Qwen/Qwen3-8B-GGUF", "Qwen3 8B", "⌂ on this machine, kept by Hugging Face cache", "36 layers · GQA 32/8",
			"Q4_K_M at 8K", "/home/u/.cache/hub/Qwen3-8B-Q4_K_M.gguf", "4.91 GiB on disk, weights 4.91 GiB (5,274,861,568 bytes)", "architecture qwen3 · precision Q4_K_M"}},
		{"or why it has no figures", "/ o d d . g g u f enter d", []string{
			"odd[2J.gguf", "kept by models folder", "✕ can't be sized", "the architecture", "not known", "/home/u/models/odd[2J.gguf"}},
		{"marked ones are compared", "m m c", []string{"Comparing 2 models", "Qwen/Qwen3-8B-GGUF", "tiny:latest", "best here"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			uitest.Start(t, make(), w.Session()).Press(c.keys).Expect(c.want...).Never("\x1b")
		})
	}
}

// Where nothing is found the screen is as if nobody had looked.
func TestNoFilesChangeNothing(t *testing.T) {
	w := uitest.NewWorld(t)
	none := models.New(theme.New(true, false), func(context.Context, *catalog.Catalog, *sizing.Engine) []ondisk.File { return nil })
	for _, keys := range []string{"", "f"} {
		with, without := uitest.Start(t, none, w.Session()).Press(keys).Frame(), uitest.Start(t, newPane(), w.Session()).Press(keys).Frame()
		if with != without {
			t.Errorf("%q:\n%s\nis not\n%s", keys, with, without)
		}
	}
}

// A file goes to the calculator with its own engine, at the precision that it
// has.
func TestChooseAFile(t *testing.T) {
	w := uitest.NewWorld(t)
	d := uitest.Start(t, finding(t, w)(), w.Session()).Press("enter")
	chosen, ok := d.Said[len(d.Said)-1].(pane.ModelChosen)
	if !ok || chosen.File == nil || !strings.HasSuffix(chosen.Model.ID, "Qwen3-8B-Q4_K_M.gguf") || chosen.Settings.Quant != "Q4_K_M" {
		t.Fatalf("said %+v", d.Said)
	}
	b, err := chosen.File.Engine.Estimate(chosen.Model, *chosen.Settings, w.Session().Rig)
	if err != nil || b.Verdict != sizing.Comfortable {
		t.Fatalf("%v, %v", b.Verdict, err)
	}
	d.Press("/ o d d . g g u f enter enter")
	if note, ok := d.Said[len(d.Said)-1].(pane.Noted); !ok || !note.Bad || !strings.Contains(note.Text, "can't be sized") || strings.ContainsAny(note.Text, "\x1b\n") {
		t.Fatalf("said %+v", d.Said[len(d.Said)-1])
	}
}

func TestCopyOfAFileStartsIt(t *testing.T) {
	w := uitest.NewWorld(t)
	d := uitest.Start(t, finding(t, w)(), w.Session())
	for _, c := range []struct{ keys, want string }{
		{"y", "llama-server -m /home/u/.cache/hub/Qwen3-8B-Q4_K_M.gguf -c 8192 -ngl 99 -fa on -np 1"},
		{"j y", "llama-server -m /home/u/.ollama/models/blobs/sha256-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef -c 8192 -ngl 99 -fa on -np 1"},
	} {
		d.Press(c.keys)
		if got, ok := d.Said[len(d.Said)-1].(pane.Copied); !ok || got.Text != c.want {
			t.Errorf("%q copied %+v, want %q", c.keys, d.Said[len(d.Said)-1], c.want)
		}
	}
}

// A search that takes long is told of, leaves the row alone that somebody
// looks at, and ends with the pane.
func TestASlowSearch(t *testing.T) {
	w := uitest.NewWorld(t)
	let, files := make(chan struct{}), w.Files(t)
	p := models.New(theme.New(true, false), func(ctx context.Context, _ *catalog.Catalog, _ *sizing.Engine) []ondisk.File {
		select {
		case <-let:
			return files
		case <-ctx.Done():
			return nil
		}
	})
	said := make(chan tea.Msg, 100)
	var start func(cmd tea.Cmd)
	start = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		go func() {
			msg := cmd()
			batch, ok := msg.(tea.BatchMsg)
			if !ok {
				said <- msg
			}
			for _, c := range batch {
				start(c)
			}
		}()
	}
	until := func(text string) string {
		deadline := time.After(20 * time.Second)
		for {
			if frame := p.View(100, 28); strings.Contains(frame, text) {
				return frame
			}
			select {
			case msg := <-said:
				start(p.Update(msg))
			case <-deadline:
				t.Fatalf("never %q:\n%s", text, p.View(100, 28))
			}
		}
	}
	s := w.Session()
	start(p.Init(s))
	if strings.Contains(p.View(100, 28), "looking for files") {
		t.Fatal("the search is told of at once")
	}
	until("looking for files…")
	row := strings.Split(until("by fit"), "\n")[2]
	name := strings.TrimSpace(strings.Split(ansi.Strip(row), "  ")[0])
	start(p.Update(uitest.Key("k"))) // somebody is there
	close(let)
	frame := until("⌂ Qwen")
	if !strings.Contains(ansi.Strip(frame), name) {
		t.Fatalf("the cursor left %q:\n%s", name, ansi.Strip(frame))
	}
	if strings.Contains(frame, "looking for files") {
		t.Fatal("still looking")
	}
	p.Close()

	hung := make(chan struct{})
	p = models.New(theme.New(true, false), func(ctx context.Context, _ *catalog.Catalog, _ *sizing.Engine) []ondisk.File {
		<-ctx.Done()
		close(hung)
		return nil
	})
	start(p.Init(s))
	p.Close()
	select {
	case <-hung:
	case <-time.After(20 * time.Second):
		t.Fatal("the search outlives the pane")
	}
}
