package calculator_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"runlocal/sizing"
	"runlocal/ui/calculator"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
)

// The machines that the goldens are drawn for, by a name without blanks.
func machines() map[string][]string {
	return map[string][]string{
		"fits":    {"llama-3.1-8b", "RTX 4090"},
		"experts": {"qwen3-30b-a3b", "RTX 4060"},
		"two":     {"llama-3.3-70b", "RTX 3090", "RTX 3090"},
		"no-gpu":  {"llama-3.1-8b"},
	}
}

// The frames that a reader would compare with the sketch. Widths and heights
// are those of the pane: the screen's less header and footer.
func TestFrames(t *testing.T) {
	for name, m := range machines() {
		t.Run(name, func(t *testing.T) {
			d := start(t, m[0], m[1:]...)
			var b strings.Builder
			for _, size := range [][2]int{{60, 18}, {80, 22}, {100, 28}, {200, 58}} {
				fmt.Fprintf(&b, "%d×%d\n%s\n", size[0], size[1], shape(d.frame(size[0], size[1])))
			}
			golden.RequireEqual(t, b.String())
		})
	}
}

func TestFrameOfTheWork(t *testing.T) {
	d := start(t, "gemma-3-12b", "nvidia-geforce-rtx-3060-12gb")
	d.press("w")
	golden.RequireEqual(t, shape(d.frame(80, 22))+"\n"+shape(d.frame(200, 30)))
}

// shape is a frame without what the engine decides: digits are zeros, and runs
// of a bar, of a track or of blanks are one or two cells. What is left is what
// the pane decides: which lines there are, in which order, and what they say.
func shape(frame string) string {
	frame = regexp.MustCompile(`[0-9]`).ReplaceAllString(frame, "0")
	frame = regexp.MustCompile(`0+([,.]0+)*`).ReplaceAllString(frame, "0")
	frame = regexp.MustCompile(`[█▓▒░╱·─┄╌┆]{2,}`).ReplaceAllString(frame, "─")
	frame = regexp.MustCompile(` {2,}`).ReplaceAllString(frame, "  ")
	return strings.ReplaceAll(frame, "\n", "¶\n") + "¶"
}

// The goldens leave alignment out; this does not.
func TestSlidersStandUnderEachOther(t *testing.T) {
	for name, m := range machines() {
		d := start(t, m[0], m[1:]...)
		for _, w := range []int{60, 80, 100, 160, 200} {
			from, to := map[int]bool{}, map[int]bool{}
			for l := range strings.Lines(d.frame(w, 40)) {
				if left, right, ok := strings.Cut(l, "├"); ok && strings.Contains(right, "┤") {
					track, _, _ := strings.Cut(right, "┤")
					from[ansi.StringWidth(left)], to[ansi.StringWidth(track)] = true, true
				}
			}
			if len(from) != 1 || len(to) != 1 {
				t.Errorf("%s at %d columns: tracks begin at %v and are %v long\n%s", name, w, from, to, d.frame(w, 40))
			}
		}
	}
}

// Keys and what a line says after them, on an RTX 4090 with Llama 3.1 8B.
func TestKeys(t *testing.T) {
	for _, c := range []struct{ say, keys, line, want string }{
		{"the start", "", "Context", "8,192  of 131,072  1.00 GiB  16K +1.0"},
		{"a step doubles the context and says what it cost", "right", "Context", "16,384  of 131,072  2.00 GiB  +1.0"},
		{"the cost stays only until the next key", "right down", "Context", "16,384  of 131,072  2.00 GiB  32K +2.0"},
		{"and back", "right left", "Context", "8,192  of 131,072"},
		{"shift goes on by quarters", "shift+right", "Context", "10,240  of 131,072"},
		{"a step from between two stops goes to the next", "shift+right right", "Context", "16,384  of 131,072"},
		{"or to the one before", "shift+right left", "Context", "8,192  of 131,072"},
		{"end is the model's own limit", "end", "Context", "131,072  of 131,072  16.0 GiB"},
		{"home is the least", "home", "Context", "1,024  of 131,072"},
		{"0 goes back to the usual", "end 0", "Context", "8,192  of 131,072"},
		{"precision: right is more bits", "up right", "Precision", "Q5_K_M"},
		{"all precisions have more stops", "a up right", "Precision", "Q5_0"},
		{"a smaller cache", "down left", "KV cache", "q8_0 68 KiB a token −0.47"},
		{"half of it", "down left", "Context", "of 131,072   544 MiB"},
		{"two sequences, each with its context", "down down right", "Sequences", "2  each 8K"},
		{"they take twice the cache", "down down right", "Context", "8,192  of 131,072  2.00 GiB"},
		{"one layer less", "up up left", "GPU layers", "32 of 33  1 in RAM"},
		{"past the last layer the planner chooses again", "up up left right right", "GPU layers", "33 of 33  auto"},
		{"0 too", "up up left left 0", "GPU layers", "33 of 33  auto"},
		{"the command follows", "right", "llama-server", "-c 16384 -ngl 99 -fa on"},
		{"Ollama's instead", "r down enter", "ollama run", "ollama run llama3.1:8b"},
		{"with its environment", "right r down enter", "OLLAMA", "OLLAMA_CONTEXT_LENGTH=16384"},
	} {
		d := start(t, "llama-3.1-8b", "RTX 4090")
		d.press(c.keys)
		if got := d.line(c.line); !strings.Contains(words(got), words(c.want)) {
			t.Errorf("%s (%s):\n got %s\nwant %s", c.say, c.keys, got, c.want)
		}
	}
}

// words leaves out how far apart the words of a line stand.
func words(line string) string { return strings.Join(strings.Fields(line), " ") }

// What is typed is read in the words of the commands.
func TestTyping(t *testing.T) {
	for _, c := range []struct{ say, keys, text, line, want string }{
		{"thousands", "e", "32k", "Context", "32,768  of 131,072"},
		{"all of it", "e", "max", "Context", "131,072  of 131,072"},
		{"plain", "e", "12345", "Context", "12,345  of 131,072"},
		{"a precision", "up e", "q6k", "Precision", "Q6_K"},
		{"a cache type", "down e", "Q8_0", "KV cache", "q8_0"},
		{"sequences that are no stop", "down down e", "5", "Sequences", "5  each 8K"},
		{"layers", "up up e", "20", "GPU layers", "20 of 33"},
		{"no number", "e", "lots", "Context", "want 1 to 131,072"},
		{"no precision", "up e", "Q99", "Precision", "no such precision"},
	} {
		d := start(t, "llama-3.1-8b", "RTX 4090")
		d.press(c.keys)
		if !d.pane.Capturing() || d.pane.Cursor() == nil {
			t.Errorf("%s: the field has not the keys", c.say)
		}
		d.typed(c.text)
		d.press("enter")
		if got := d.line(c.line); !strings.Contains(got, c.want) {
			t.Errorf("%s (%s, %q):\n got %s\nwant %s", c.say, c.keys, c.text, got, c.want)
		}
	}
}

// A command that is broken over lines is still the same command.
func TestTheCommandOnTheScreenIsTheCommand(t *testing.T) {
	for _, keys := range []string{"", "r", "up right r", "up up left left r"} {
		d := start(t, "llama-3.1-8b", "RTX 4090")
		d.press(keys + " y")
		copied, _ := last[pane.Copied](d)
		for w := 60; w <= 139; w++ {
			shown := strings.ReplaceAll(d.frame(w, 60), " y copies", "")
			shown = regexp.MustCompile(` \\\n +`).ReplaceAllString(shown, " ")
			for line := range strings.Lines(copied.Text) {
				if !strings.Contains(shown, strings.TrimSpace(line)) {
					t.Fatalf("%q at %d columns: no %s in\n%s", keys, w, line, shown)
				}
			}
		}
	}
}

func TestEscLeavesTheFieldAndTheValue(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	d.press("e")
	d.typed("32k")
	d.press("esc")
	if d.pane.Capturing() || !strings.Contains(d.line("Context"), "8,192") {
		t.Errorf("after esc: capturing %v, %s", d.pane.Capturing(), d.line("Context"))
	}
}

// A boundary jump lands on the first stop of another verdict.
func TestBoundary(t *testing.T) {
	d := start(t, "llama-3.3-70b", "RTX 3090", "RTX 3090")
	before := d.frame(120, 40)
	d.press("pgdown")
	after := d.frame(120, 40)
	if !strings.Contains(before, "● fits") || strings.Contains(strings.Split(after, "\n")[0], "● fits") {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	d.press("left")
	if !strings.Contains(strings.Split(d.frame(120, 40), "\n")[0], "●") {
		t.Errorf("one step back fits no more:\n%s", d.frame(120, 40))
	}
}

func TestMixtureOfExpertsHasASliderOfItsOwn(t *testing.T) {
	d := start(t, "qwen3-30b-a3b", "RTX 4060")
	d.press("up up end")
	if got := d.line("RAM experts"); !strings.Contains(got, "48 of 48") {
		t.Errorf("all experts in RAM: %s", got)
	}
	if got := d.line("cpu-moe"); !strings.Contains(got, "--cpu-moe") {
		t.Errorf("command: %s", got)
	}
	if plain := start(t, "llama-3.1-8b", "RTX 4060"); plain.line("RAM experts") != "" {
		t.Error("a dense model has a slider for experts")
	}
}

func TestNoModel(t *testing.T) {
	d := start(t, "", "RTX 4090")
	if got := d.frame(80, 22); !strings.Contains(got, "No model chosen") || !strings.Contains(got, "Models") {
		t.Errorf("frame:\n%s", got)
	}
	d.press("enter right e y w r 0 pgdown")
	if got, ok := last[pane.Open](d); !ok || got.Tab != pane.Models {
		t.Errorf("enter said %v", d.said)
	}
}

func TestAModelThatCannotBeSized(t *testing.T) {
	d := start(t, "whisper-large-v3", "RTX 4090")
	if got := d.frame(80, 22); !strings.Contains(got, "llama.cpp does not load") || !strings.Contains(got, "can't be sized") {
		t.Errorf("frame:\n%s", got)
	}
	d.press("y")
	if got, ok := last[pane.Noted](d); !ok || !got.Bad {
		t.Errorf("y said %v", d.said)
	}
	d.press("right left home end pgdown up e esc w")
	if got := d.frame(80, 22); !strings.Contains(got, "can't be sized") {
		t.Errorf("the work:\n%s", got)
	}
}

func TestCopies(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	d.press("y")
	got, _ := last[pane.Copied](d)
	if want := "llama-server -m Llama-3.1-8B-Instruct-Q4_K_M.gguf -c 8192 -ngl 99 -fa on -np 1"; got.Text != want {
		t.Errorf("y copied %q, want %q", got.Text, want)
	}
	d.press("Y")
	got, _ = last[pane.Copied](d)
	for _, want := range []string{"Llama 3.1 8B", "fits comfortably", "weights 4.30", "Room ", "llama-server"} {
		if !strings.Contains(got.Text, want) || ansi.Strip(got.Text) != got.Text {
			t.Errorf("Y copied no %q:\n%s", want, got.Text)
		}
	}
}

// The root may hand old settings back while newer ones are on their way: they
// must not undo what was moved since, and the last word must be the pane's.
func TestEchoesDoNotUndoWhatWasMovedSince(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	d.hold = true
	d.press("right right right")
	var sent []sizing.Settings
	for _, m := range d.said {
		if set, ok := m.(pane.SettingsChanged); ok {
			sent = append(sent, set.Settings)
		}
	}
	if len(sent) != 3 {
		t.Fatalf("%d messages for three moves", len(sent))
	}
	d.hold = false
	for _, i := range []int{2, 0, 1} { // the root's commands run side by side
		d.s.Settings = sent[i]
		d.run(d.pane.SetSession(d.s))
		if got := d.line("Context"); !strings.Contains(got, "65,536") {
			t.Errorf("after echo %d: %s", i, got)
		}
	}
	if d.s.Settings.Ctx != 65536 {
		t.Errorf("the session ended with a context of %d", d.s.Settings.Ctx)
	}
}

func TestUndoFromOutsideIsTaken(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	before := d.s.Settings
	d.press("right right")
	d.s.Settings = before
	d.run(d.pane.SetSession(d.s))
	if got := d.line("Context"); !strings.Contains(got, "8,192") {
		t.Errorf("after undo: %s", got)
	}
}

func TestSmallAndLargeFrames(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	for name, m := range machines() {
		for _, mode := range []string{"", "w", "e"} {
			d := start(t, m[0], m[1:]...)
			d.press(mode)
			for _, w := range []int{1, 2, 3, 9, 14, 25, 39, 40, 60, 79, 80, 99, 100, 119, 139, 140, 200} {
				for _, h := range []int{1, 2, 3, 7, 12, 18, 22, 30, 58} {
					exact(t, fmt.Sprintf("%s %q", name, mode), d.pane.View(w, h), w, h)
				}
			}
		}
	}
}

// exact checks that a frame has as many lines as it must and none too long.
func exact(t *testing.T, say, frame string, w, h int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("%s %d×%d: %d lines", say, w, h, len(lines))
	}
	for _, l := range lines {
		if got := ansi.StringWidth(l); got > w {
			t.Fatalf("%s %d×%d: a line of %d cells: %s", say, w, h, got, ansi.Strip(l))
		}
	}
}

// However low the screen, the verdict and the slider in hand are on it.
func TestTheVerdictIsTheLastToGo(t *testing.T) {
	d := start(t, "llama-3.1-8b", "RTX 4090")
	for h := 2; h < 24; h++ {
		f := d.frame(80, h)
		if !strings.Contains(f, "fits comfortably") || !strings.Contains(f, "▌Context") {
			t.Fatalf("80×%d:\n%s", h, f)
		}
	}
}

func TestBindingsAreUniqueAndExplained(t *testing.T) {
	for _, mode := range []string{"", "w"} {
		d := start(t, "qwen3-30b-a3b", "RTX 4060")
		d.press(mode)
		seen := map[string]string{}
		for _, b := range d.pane.Bindings() {
			if b.Help().Key == "" || b.Help().Desc == "" || b.Do == nil {
				t.Errorf("a binding without help or action: %v", b.Keys())
			}
			for _, k := range b.Keys() {
				if other, ok := seen[k]; ok {
					t.Errorf("%q does %q and %q", k, other, b.Help().Desc)
				}
				seen[k] = b.Help().Desc
			}
		}
	}
}

func TestMonochromeSaysItAll(t *testing.T) {
	s, err := world()
	if err != nil {
		t.Fatal(err)
	}
	s.Model, _ = s.Catalog.Model("llama-3.1-8b")
	p := calculator.New(theme.New(true, true))
	d := &driver{t: t, pane: p, s: s}
	d.run(p.Init(s))
	for _, m := range regexp.MustCompile(`\x1b\[([0-9;]*)m`).FindAllStringSubmatch(p.View(80, 22), -1) {
		for _, n := range strings.Split(m[1], ";") {
			if !slices.Contains([]string{"", "0", "1", "4", "7", "22", "24", "27"}, n) {
				t.Errorf("%q in a monochrome frame", m[0])
			}
		}
	}
}

// leftClick presses the left button at a place.
func (d *driver) leftClick(x, y int) {
	cmd, _ := d.pane.Mouse(x, y, tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.run(cmd)
}
