package reader_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"runlocal/catalog"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/uitest"
)

// The frames at three widths: list alone, entry alone, both. They are low, so
// that only the entry's opening is in them, which has no figures.
func TestFrames(t *testing.T) {
	var b strings.Builder
	for _, size := range [][2]int{{80, 9}, {100, 10}, {200, 12}} {
		d := start(t, size[0], size[1])
		d.press("/")
		d.typed("flash att")
		fmt.Fprintf(&b, "%d×%d searching\n%s\n", size[0], size[1], ends(d.frame()))
		d.press("enter")
		fmt.Fprintf(&b, "%d×%d reading\n%s\n", size[0], size[1], ends(d.frame()))
	}
	golden.RequireEqual(t, b.String())
}

// ends shows where lines end. How many entries there are is not the frame's
// matter.
func ends(frame string) string {
	frame = regexp.MustCompile(`\d+ (of \d+|more lines)`).ReplaceAllStringFunc(frame, func(s string) string {
		return regexp.MustCompile(`\d`).ReplaceAllString(s, "0")
	})
	return strings.ReplaceAll(frame, "\n", "¶\n") + "¶"
}

func TestSearch(t *testing.T) {
	for _, c := range []struct{ typed, first string }{
		{"kv cache", "KV cache"},
		{"vram", "VRAM"},
		{"gqa", "Grouped-query attention"},
		{"q4_k_m", "Q4_K_M"},
		{"pytroch", "PyTorch"},
	} {
		d := start(t, 80, 22)
		d.press("/")
		d.typed(c.typed)
		if rows := strings.Split(d.frame(), "\n"); !strings.Contains(rows[2], c.first) {
			t.Errorf("%q finds first %q, want %q", c.typed, rows[2], c.first)
		}
	}
}

func TestSearchThatFindsNothingSaysSoAndWhatIsNear(t *testing.T) {
	d := start(t, 80, 22)
	d.press("/")
	d.typed("vramzzzqq")
	f := d.frame()
	for _, want := range []string{"“vramzzzqq”", "Near it: VRAM", "esc clears"} {
		if !strings.Contains(f, want) {
			t.Errorf("no %q in\n%s", want, f)
		}
	}
	d.press("esc")
	if f := d.frame(); !strings.Contains(f, "entries") {
		t.Errorf("after esc:\n%s", f)
	}
}

func TestLettersTypedIntoTheSearchNeverAct(t *testing.T) {
	d := start(t, 120, 28)
	d.press("/")
	for r := ' '; r <= '~'; r++ {
		d.run(d.pane.Update(tea.KeyPressMsg{Code: r, Text: string(r)}))
		if !d.pane.Capturing() {
			t.Fatalf("%q left the field", r)
		}
	}
	if len(d.said) > 0 {
		t.Errorf("typing said %v", d.said)
	}
}

// Links lead to entries by their letter, and backspace leads back to the same
// place.
func TestLinks(t *testing.T) {
	d := start(t, 80, 22)
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	d.press("down down down")
	before := d.frame()
	if !strings.HasPrefix(before, " The KV cache") && !strings.Contains(before, "[a]") {
		t.Fatalf("not the entry scrolled by three lines:\n%s", before)
	}
	d.press("a")
	if f := d.frame(); !strings.HasPrefix(f, " Attention") {
		t.Errorf("[a] leads to\n%s", f)
	}
	d.press("backspace")
	if f := d.frame(); f != before {
		t.Errorf("backspace leads to\n%s\nwant\n%s", f, before)
	}
	d.press(">")
	if f := d.frame(); !strings.HasPrefix(f, " Attention") {
		t.Errorf("forward leads to\n%s", f)
	}
}

func TestOpenTerm(t *testing.T) {
	d := start(t, 120, 28)
	d.run(d.pane.Update(pane.OpenTerm{ID: "k/v cache"}))
	if f := d.frame(); !strings.Contains(f, "▏  KV cache") {
		t.Errorf("an alias opens\n%s", f)
	}
	d.run(d.pane.Update(pane.OpenTerm{ID: "quantizaton of everything"}))
	if n, ok := last[pane.Noted](d); !ok || !n.Bad || !strings.Contains(n.Text, "Quantisation") {
		t.Errorf("an unknown term says %v", d.said)
	}
}

func TestATermAskedForBeforeTheGlossaryIsReadIsOpenedThen(t *testing.T) {
	s, err := world()
	if err != nil {
		t.Fatal(err)
	}
	early := s
	early.Glossary = nil
	d := begin(t, early, theme.New(true, false), 80, 22)
	d.run(d.pane.Update(pane.OpenTerm{ID: "vram"}))
	if f := d.frame(); !strings.Contains(f, "reading the guide") {
		t.Errorf("without a glossary:\n%s", f)
	}
	d.run(d.pane.SetSession(s))
	if f := d.frame(); !strings.HasPrefix(f, " VRAM") {
		t.Errorf("with it:\n%s", f)
	}
}

func TestFindInsideAnEntry(t *testing.T) {
	d := start(t, 80, 22)
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	d.pane.View(80, 22)
	d.press("/")
	d.typed("ollama")
	d.press("enter")
	if f := d.frame(); !strings.Contains(f, "Ollama") || !regexp.MustCompile(`1 of \d+ lines`).MatchString(f) {
		t.Errorf("found:\n%s", f)
	}
	d.press("n")
	if f := d.frame(); !strings.Contains(f, "2 of") {
		t.Errorf("next:\n%s", f)
	}
	d.press("N N")
	if f := d.frame(); strings.Contains(f, "1 of") || !strings.Contains(f, " of ") {
		t.Errorf("before the first comes the last:\n%s", f)
	}
	d.press("esc")
	if f := d.frame(); strings.Contains(f, " lines\n") || !strings.Contains(f, "[") {
		t.Errorf("esc clears it:\n%s", f)
	}
}

func TestCopyCode(t *testing.T) {
	d := start(t, 80, 22)
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	d.pane.View(80, 22)
	d.press("y")
	got, ok := last[pane.Copied](d)
	if !ok || !strings.Contains(got.Text, "llama-server -m model.gguf") || strings.Contains(got.Text, "```") {
		t.Errorf("y said %v", d.said)
	}
	d.press("Y")
	if got, _ := last[pane.Copied](d); !strings.HasPrefix(got.Text, "# KV cache\n") || strings.Contains(got.Text, "{{") {
		t.Errorf("Y copied %.80q", got.Text)
	}
}

func TestOpenInTheCalculator(t *testing.T) {
	d := start(t, 80, 22)
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	d.frame()
	d.press("end")
	m := regexp.MustCompile(`\[(\w)\] Llama 3\.1 8B Instruct at Q4_K_M, 8K`).FindStringSubmatch(d.frame())
	if m == nil {
		t.Fatalf("the entry offers no model:\n%s", d.frame())
	}
	d.press(m[1])
	got, ok := last[pane.ModelChosen](d)
	if !ok || got.Model.ID != "llama-3.1-8b" || !got.Show || got.Settings.Quant != "Q4_K_M" || got.Settings.Ctx != 8192 {
		t.Errorf("said %v", d.said)
	}
}

func TestFiguresFollowTheRig(t *testing.T) {
	d := start(t, 80, 60)
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	if f := d.frame(); !strings.Contains(f, "RTX 4090") {
		t.Fatalf("not for the rig:\n%s", f)
	}
	card, err := d.s.Catalog.Device("RTX 3090")
	if err != nil {
		t.Fatal(err)
	}
	d.s.Rig = sizing.RigOf([]*catalog.Device{card}, sizing.DefaultHost())
	d.run(d.pane.SetSession(d.s))
	if f := d.frame(); !strings.Contains(f, "RTX 3090") || strings.Contains(f, "RTX 4090") {
		t.Errorf("after another rig:\n%s", f)
	}
}

// categoriesOf are the categories of one kind of entry.
func categoriesOf(g *glossary.Glossary, kind string) []string {
	var out []string
	for _, e := range g.Entries() {
		if e.Kind == kind {
			out = append(out, e.Category)
		}
	}
	return out
}

func TestCategories(t *testing.T) {
	d := start(t, 80, 22)
	d.press("f space esc")
	rows := strings.Split(d.frame(), "\n")
	first := slices.Min(categoriesOf(d.s.Glossary, "term")) // the panel is in the order of the alphabet
	found := 0
	for _, r := range rows[2:] {
		if strings.TrimSpace(r) == "" {
			continue
		}
		if found++; !strings.Contains(r, first) {
			t.Errorf("of another category than %s: %s", first, r)
		}
	}
	if found == 0 {
		t.Error("the first category is empty")
	}
	if !strings.Contains(rows[0], "1 filter") {
		t.Errorf("the bar does not say so: %s", rows[0])
	}
	d.press("esc")
	if f := d.frame(); !strings.Contains(f, "entries") {
		t.Errorf("esc does not clear it:\n%s", f)
	}
}

// Moving the cursor draws at once and renders once, when it has come to rest.
func TestMovingRendersOnlyWhereTheCursorRests(t *testing.T) {
	d := start(t, 120, 28)
	var ticks []tea.Cmd
	for range 10 {
		ticks = append(ticks, d.pane.Update(uitest.Key("down")))
		d.pane.View(120, 28)
	}
	rendered := 0
	for _, tick := range ticks {
		if render := d.pane.Update(tick().(pane.Result)); render != nil {
			rendered++
			d.run(render)
		}
	}
	if rendered != 1 {
		t.Errorf("%d pages rendered for ten moves", rendered)
	}
	if again := d.pane.Update(uitest.Key("up")); again != nil {
		d.run(again)
	}
	if again := d.pane.Update(uitest.Key("down")); again != nil {
		t.Error("a page that is known is asked for again")
	}
}

func TestResizeKeepsTheEntryReadable(t *testing.T) {
	d := start(t, 200, 58)
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	for _, w := range []int{150, 99, 60, 200} {
		d.width = w
		if f := d.frame(); !strings.Contains(f, "keys and values of every token") && !strings.Contains(f, "The KV cache holds") {
			t.Errorf("at %d columns:\n%s", w, f)
		}
	}
}

func TestMouse(t *testing.T) {
	d := start(t, 80, 22)
	click := func(x, y int) {
		cmd, _ := d.pane.Mouse(x, y, tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
		d.run(cmd)
		d.pane.View(d.width, d.height)
	}
	click(5, 4)
	if f := d.frame(); !strings.HasPrefix(strings.Split(f, "\n")[4], "▌") {
		t.Errorf("a click selects:\n%s", f)
	}
	row := strings.Fields(strings.TrimPrefix(strings.Split(d.frame(), "\n")[4], "▌"))
	click(5, 4)
	title := strings.Split(d.frame(), "\n")[0]
	if !strings.HasPrefix(title, " "+row[0]) {
		t.Errorf("a second one reads %s, not %s", title, row)
	}
	d.press("end")
	for y, l := range strings.Split(d.frame(), "\n") {
		if at := regexp.MustCompile(`\[\w\] `).FindStringIndex(l); at != nil {
			click(ansi.StringWidth(l[:at[0]])+1, y)
			break
		}
	}
	if now := strings.Split(d.frame(), "\n")[0]; now == title || strings.Contains(now, "[") {
		t.Errorf("a click on a link leads to %s", now)
	}
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"})) // one that is longer than the page
	before := d.frame()
	cmd, used := d.pane.Mouse(5, 5, tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelDown})
	d.run(cmd)
	if !used || d.frame() == before {
		t.Error("the wheel does not scroll the entry")
	}
}

func TestFramesAreExact(t *testing.T) {
	for _, keys := range []string{"", "enter", "f", "/ x q", "enter / a"} {
		d := start(t, 80, 22)
		d.press(keys)
		for _, w := range []int{1, 2, 20, 60, 99, 100, 200} {
			for _, h := range []int{1, 2, 3, 22, 58} {
				lines := strings.Split(d.pane.View(w, h), "\n")
				if len(lines) != h {
					t.Fatalf("%q %d×%d: %d lines", keys, w, h, len(lines))
				}
				for _, l := range lines {
					if got := ansi.StringWidth(l); got > w {
						t.Fatalf("%q %d×%d: %d cells: %s", keys, w, h, got, ansi.Strip(l))
					}
				}
			}
		}
	}
}

// No entry has a line that is too long for a page, a mark left behind, or a
// link without its letter; no entry fails.
func TestEveryEntryRenders(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	// A link or an expression of ours; a command may hold [int]($x) or {{.Name}}.
	leftover := regexp.MustCompile(`\]\([\w./:#-]+\)|\{\{ ?[a-z]`)
	d := start(t, 80, 400)
	for _, e := range d.s.Glossary.Entries() {
		d.run(d.pane.Update(pane.OpenTerm{ID: e.ID}))
		f := d.frame()
		if !strings.Contains(f, "reviewed "+e.Reviewed) {
			t.Errorf("%s is not drawn to its end:\n%.400s", e.ID, f)
		}
		if strings.ContainsAny(f, "\ue000\u00a0") || leftover.MatchString(f) || strings.Contains(f, "can't be shown") {
			t.Errorf("%s has something left behind:\n%s", e.ID, f)
		}
	}
}

func TestBindingsAreUniqueAndExplained(t *testing.T) {
	for _, keys := range []string{"", "enter", "f", "/", "enter /"} {
		d := start(t, 120, 28)
		d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
		d.press("left " + keys)
		seen := map[string]string{}
		for _, b := range d.pane.Bindings() {
			if b.Help().Key == "" || b.Help().Desc == "" || b.Do == nil {
				t.Errorf("a binding without help or action: %v", b.Keys())
			}
			for _, k := range b.Keys() {
				if other, ok := seen[k]; ok {
					t.Errorf("%q: %q does %q and %q", keys, k, other, b.Help().Desc)
				}
				seen[k] = b.Help().Desc
				if slices.Contains([]string{"q", "u", "r", "H", "K", "M", "?", ":", "[", "]", "1"}, k) {
					t.Errorf("%q is the screen's key", k)
				}
			}
		}
	}
}

func TestLightAndMonochrome(t *testing.T) {
	s, err := world()
	if err != nil {
		t.Fatal(err)
	}
	th := theme.New(true, false)
	d := begin(t, s, th, 120, 28)
	dark := d.pane.View(120, 28)
	th.SetDark(false)
	if light := d.pane.View(120, 28); light == dark || ansi.Strip(light) != ansi.Strip(dark) {
		t.Error("a light background changes no colour, or the text")
	}
	mono := begin(t, s, theme.New(true, true), 120, 28)
	mono.run(mono.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	for _, m := range regexp.MustCompile(`\x1b\[([0-9;]*)m`).FindAllStringSubmatch(mono.pane.View(120, 28), -1) {
		for _, n := range strings.Split(m[1], ";") {
			if !slices.Contains([]string{"", "0", "1", "3", "4", "7", "22", "23", "24", "27"}, n) {
				t.Errorf("%q in a monochrome frame", m[0])
			}
		}
	}
}

// BenchmarkKey is a move of the cursor with its frame; the page is rendered
// beside.
func BenchmarkKey(b *testing.B) {
	d := start(b, 200, 58)
	keys := []string{"down", "down", "up"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.pane.Update(uitest.Key(keys[i%len(keys)]))
		d.pane.View(200, 58)
	}
}

// BenchmarkType is a letter in the search with its frame.
func BenchmarkType(b *testing.B) {
	d := start(b, 200, 58)
	d.press("/")
	keys := []string{"k", "v", "c", "backspace", "backspace", "backspace"}
	for i := 0; b.Loop(); i++ {
		d.pane.Update(uitest.Key(keys[i%len(keys)]))
		d.pane.View(200, 58)
	}
}

// BenchmarkPage is one rendering, which a command does beside the program, and
// a resize at once.
func BenchmarkPage(b *testing.B) {
	d := start(b, 200, 58)
	d.run(d.pane.Update(pane.OpenTerm{ID: "kv-cache"}))
	widths := 0
	for b.Loop() {
		widths++
		d.pane.View(110+widths%90, 58)
	}
}
