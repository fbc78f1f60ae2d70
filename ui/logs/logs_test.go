package logs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/logs"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/uitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A log of llama.cpp that ran out of memory on a card that it names, and one
// that names none.
const (
	withCard = `llama_model_loader: loaded meta data from /home/me/Meta-Llama-3.1-8B-Instruct-Q8_0.gguf (version GGUF V3 (latest))
  Device 0: NVIDIA GeForce RTX 3060, compute capability 8.6, VMM: yes
llama_model_load_from_file_impl: using device CUDA0 (NVIDIA GeForce RTX 3060) (0000:01:00.0) - 11000 MiB free
llama_context: n_ctx         = 65536
ggml_backend_cuda_buffer_type_alloc_buffer: allocating 8192.00 MiB on device 0: cudaMalloc failed: out of memory
llama_init_from_model: failed to initialize the context: failed to allocate buffer for kv cache
`
	withoutCard = `AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.1-8B-Instruct")
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 112.00 MiB.
`
	quiet = "127.0.0.1 - - \"GET / HTTP/1.1\" 200 612\nhello\n"
)

func noClipboard() (string, error) { return "", errors.New("no display") }

func start(t *testing.T) *uitest.Driver {
	t.Helper()
	w := uitest.NewWorld(t)
	return uitest.Start(t, logs.New(theme.New(true, false), noClipboard), w.Session()).Size(100, 40)
}

func paste(text string) tea.Msg { return tea.PasteMsg{Content: text} }

// text is all of the page, gathered by scrolling.
func text(d *uitest.Driver) string {
	d.Size(100, 400)
	defer d.Size(100, 40)
	return d.Frame()
}

func TestLaws(t *testing.T) {
	w := uitest.NewWorld(t)
	uitest.Laws(t, func() pane.Pane { return logs.New(theme.New(true, false), nil) }, w.Session())
	t.Run("with a log", func(t *testing.T) {
		d := start(t).Send(paste(withCard))
		for _, size := range [][2]int{{1, 1}, {20, 3}, {79, 22}, {120, 30}, {300, 90}} {
			uitest.Fills(t, d.Pane.View(size[0], size[1]), size[0], size[1])
		}
		uitest.KeysDiffer(t, d.Pane.Bindings())
	})
	t.Run("asking for a file", func(t *testing.T) {
		d := start(t).Press("r")
		for _, size := range [][2]int{{1, 1}, {3, 2}, {80, 22}} {
			uitest.Fills(t, d.Pane.View(size[0], size[1]), size[0], size[1])
		}
		uitest.KeysDiffer(t, d.Pane.Bindings())
	})
}

func TestALogIsPasted(t *testing.T) {
	d := start(t).Send(paste(withCard))
	d.Expect("Failed to allocate the KV cache", "your log", "Sure", "cudaMalloc", "The numbers")
	page := text(d)
	for _, want := range []string{
		"8.00 GiB wanted", "RTX 3060 12GB", "llama-server -m", "What else it could be",
		"Causes", "Open in the calculator",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page:\n%s", want, page)
		}
	}
	if strings.Contains(page, "/home/me") {
		t.Error("the page shows a folder")
	}
}

func TestALogIsReadFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my server.log")
	if err := os.WriteFile(file, []byte(withoutCard), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, "'" + file + "'", strings.ReplaceAll(file, " ", `\ `)} {
		start(t).Press("r").Send(paste(name)).Press("enter").Expect("CUDA out of memory", "your log")
	}
	d := start(t).Press("r").Type("missing.log").Press("enter")
	if said, ok := last[pane.Noted](d); !ok || !said.Bad || !strings.Contains(said.Text, "missing.log") {
		t.Errorf("a missing file says %+v", said)
	}
	start(t).Press("r").Type("x").Press("esc").Never("log file:")
}

func TestWhatIsNotKnownSaysSo(t *testing.T) {
	start(t).Send(paste(quiet)).Expect("Not known", "Nothing in 2 lines of log is known well enough")
	d := start(t).Send(paste("  \n"))
	if said, ok := last[pane.Noted](d); !ok || !said.Bad {
		t.Errorf("an empty clipboard says %+v", said)
	}
}

func TestTheClipboardIsAskedFor(t *testing.T) {
	d := start(t).Press("ctrl+v")
	if said, ok := last[pane.Noted](d); !ok || !strings.Contains(said.Text, "no display") {
		t.Errorf("a clipboard that can't be read says %+v", said)
	}
	w := uitest.NewWorld(t)
	p := logs.New(theme.New(true, false), func() (string, error) { return withoutCard, nil })
	uitest.Start(t, p, w.Session()).Press("ctrl+v").Expect("CUDA out of memory")
}

// A line that is pasted into the search is searched; a log is a log anywhere.
func TestPastingWhileSearching(t *testing.T) {
	start(t).Press("/").Send(paste("gated repo")).Expect("/ gated repo").Never("your log")
	start(t).Press("/").Send(paste(withCard)).Expect("your log")
}

// Links lead from the page and back to it; another log comes on top.
func TestWalkingFromThePage(t *testing.T) {
	d := start(t).Send(paste(withCard)).Press("a").Never("your log").Press("backspace").Expect("your log", "KV cache")
	d.Send(paste(withoutCard)).Expect("CUDA out of memory").Press("backspace").Expect("Failed to allocate the KV cache")
}

// Figures for the reader's machine follow it; those for the log's own do not.
func TestAnotherMachine(t *testing.T) {
	w := uitest.NewWorld(t)
	d := start(t).Send(paste(withoutCard))
	if !strings.Contains(text(d), "your machine (RTX 4090)") {
		t.Fatalf("the page is not for the reader's machine:\n%s", text(d))
	}
	other, err := w.Catalog.Device("RTX 3090")
	if err != nil {
		t.Fatal(err)
	}
	s := w.Session()
	s.Rig = sizing.RigOf([]*catalog.Device{other}, sizing.DefaultHost())
	if page := text(d.Session(s)); !strings.Contains(page, "your machine (RTX 3090)") {
		t.Errorf("after another was chosen:\n%s", page)
	}
	if page := text(d.Send(paste(withCard)).Session(w.Session())); !strings.Contains(page, "RTX 3060 12GB") {
		t.Errorf("a log that names its card:\n%s", page)
	}
}

// A log cannot steer the terminal.
func TestEvilLog(t *testing.T) {
	d := start(t).Send(paste("\x1b]0;owned\x07CUDA out of memory. Tried to allocate 1.00 GiB\x1b[2J ``` # {{ size }}\nx\n"))
	d.Expect("CUDA out of memory")
	uitest.Fills(t, d.Pane.View(100, 40), 100, 40)
	d.Never("owned\x07")
}

func last[T any](d *uitest.Driver) (T, bool) {
	for i := len(d.Said) - 1; i >= 0; i-- {
		if m, ok := d.Said[i].(T); ok {
			return m, true
		}
	}
	var none T
	return none, false
}
