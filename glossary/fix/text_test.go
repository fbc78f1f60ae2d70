package fix

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

func TestClauses(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`CUDA out of memory\. Tried (\d+)`, "[[cuda out of memory. tried ]]"},
		{`(?:cannot|could not) open`, "[[annot ould not] [ open]]"},
		{`free memory on device .* on startup`, "[[free memory on device ] [ on startup]]"},
		{`a+b*`, "[]"},
		{`no (?P<model>\w+) kernel image`, "[[ kernel image] [no ]]"},
		{`(hello)+x?`, "[[hello]]"},
		{`(abcd|ef)`, "[]"},
		{`[`, "[]"},
	} {
		if got := fmt.Sprint(clauses(c.expr)); got != c.want {
			t.Errorf("%s: %s, want %s", c.expr, got, c.want)
		}
	}
}

// A pattern without a text of its own is tried on every line of every log.
func TestEveryPatternHasAText(t *testing.T) {
	for _, e := range theWorld(t).guide.Entries() {
		if e.Fault == nil {
			continue
		}
		for _, p := range e.Fault.Patterns {
			if clauses(p.Match) == nil {
				t.Errorf("%s: pattern %q has no text of %d letters that every match contains", e.File, p.Match, leastLiteral)
			}
		}
	}
}

// The automaton finds what a search for each text finds.
func TestAutomatonFindsAllTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfNDistinct(rapid.StringMatching(`[abc ]{1,4}`), 1, 12, rapid.ID[string]).Draw(t, "texts")
		line := rapid.StringMatching(`[abcABCx \t]{0,60}`).Draw(t, "line")
		_, found := newAutomaton(texts).scan([]byte(line), 0, nil)
		small := strings.ReplaceAll(strings.ToLower(line), "\t", " ")
		for i, s := range texts {
			count := 0
			for at := range small {
				if strings.HasPrefix(small[at:], s) {
					count++
				}
			}
			got := 0
			for _, id := range found {
				if id == int32(i) {
					got++
				}
			}
			if got != count {
				t.Fatalf("%q stands %d times in %q, found %d times", s, count, small, got)
			}
		}
	})
}

func TestClean(t *testing.T) {
	words := newCleaner()
	for _, c := range []struct{ raw, want string }{
		{"\x1b[31mred\x1b[0m text", "red text"},
		{"2026-11-24T06:00:00.123Z [ERROR] boom", "boom"},
		{"time=2024-05-01T10:00:00.000-07:00 level=ERROR source=sched.go:443 msg=\"error loading\"", "\"error loading\""},
		{"Nov 24 06:00:00 host ollama[123]: cudaMalloc failed", "cudaMalloc failed"},
		{"(EngineCore_0 pid=12) ERROR 11-24 06:00:00 [core.py:12] boom", "boom"},
		{"vllm-1  | INFO: hello", "hello"},
		{"[   12.345678] NVRM: Xid", "NVRM: Xid"},
		{"│ │ in a frame │", "in a frame"},
		{"> quoted", "quoted"},
		{"bell\a and \u202e turned", "bell and  turned"},
		{"a\ttab", "a tab"},
		{"ERROR", ""},
	} {
		if got := words.bare(plain(c.raw)); got != c.want {
			t.Errorf("%q is cleaned to %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestShown(t *testing.T) {
	words := newCleaner()
	long := strings.Repeat("x", 1000) + "HERE" + strings.Repeat("y", 1000)
	for _, c := range []struct {
		line  string
		match int
		want  string
	}{
		{`open C:\Users\me\models\a.gguf or /home/me/x/b.gguf and /dev/kfd`, 0, "open a.gguf or b.gguf and /dev/kfd"},
		{"2026-11-24 06:00:00 short", 20, "short"},
		{long, 1000, "…" + strings.Repeat("x", lead) + "HERE" + strings.Repeat("y", mostShown-lead-len("…HERE")) + "…"},
	} {
		if got := words.shown(c.line, c.match); got != c.want {
			t.Errorf("%.60q is shown as %q, want %q", c.line, got, c.want)
		}
	}
}

func TestUTF16(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		big := rapid.Bool().Draw(t, "big")
		log := []byte{0xff, 0xfe}
		if big {
			log = []byte{0xfe, 0xff}
		}
		for _, u := range utf16.Encode([]rune(text)) {
			two := []byte{byte(u), byte(u >> 8)}
			if big {
				slices.Reverse(two)
			}
			log = append(log, two...)
		}
		got, err := io.ReadAll(decoded(bufio.NewReader(strings.NewReader(string(log)))))
		if err != nil || strings.TrimPrefix(string(got), "\ufeff") != text {
			t.Fatalf("%q is read as %q, %v", text, got, err)
		}
	})
}

// What a console or a page broke in two is found all the same.
func TestForms(t *testing.T) {
	x := theWorld(t)
	const line = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 298.00 MiB. GPU 0 has a total capacity of 23.65 GiB of which 98.25 MiB is free."
	var wide []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + line + "\r\n")) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, log := range map[string]string{
		"as it is":        line,
		"Windows' ends":   line + "\r\n",
		"wrapped":         strings.Replace(line, " allocate ", " allocate\n", 1),
		"wrapped earlier": strings.Replace(strings.Replace(line, "torch", strings.Repeat("torch.", 10), 1), " out of", "\nout of", 1),
		"in a frame":      "│ " + strings.Replace(line, " allocate ", " allocate │\n│ ", 1) + " │",
		"coloured":        strings.ReplaceAll(line, "memory", "\x1b[1;31mmemory\x1b[0m"),
		"UTF-16":          string(wide),
		"with a mark":     "\ufeff" + line,
		"after progress":  " 10%|#   \r 20%|##  \r" + line + "\n",
		"in JSON":         `{"level":"error","msg":"` + line + `\n"}`,
		"capitals":        strings.ToUpper(line[:60]) + line[60:],
		"far right":       strings.Repeat("x ", 5000) + line,
	} {
		d, err := x.matcher.Read(strings.NewReader(log))
		if err != nil || d.Best() == nil || d.Best().ID != "error-torch-cuda-out-of-memory" {
			t.Errorf("%s: %v, %v", name, scores(d), err)
		}
	}
}
