package glossary

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// headingsOf are the sections that a kind begins with, in this order; exact
// says that there are no others. A section in brackets may be missing.
func headingsOf(kind string) (want []string, exact bool) {
	switch kind {
	case "term":
		return []string{"Deeper", "Practical example", "Workflow example", "When it doesn't work"}, true
	case "error", "symptom":
		return []string{"Where it comes from", "Causes", "Fix", "(What it costs)"}, true
	case "tool":
		return []string{"What it is for", "Install", "Run", "When to take something else"}, true
	case "guide":
		return []string{"The short answer"}, false
	case "lesson":
		return []string{"Idea", "See it", "Remember"}, true
	case "kit":
		return []string{"When to use it", "Prompt", "Tune it"}, true
	}
	return nil, false
}

func TestEveryEntryHasItsSections(t *testing.T) {
	for _, e := range theGuide(t).Entries() {
		want, exact := headingsOf(e.Kind)
		got := e.body.headings
		for _, h := range want {
			name, optional := strings.CutPrefix(h, "(")
			name = strings.TrimSuffix(name, ")")
			switch {
			case len(got) > 0 && got[0] == name:
				got = got[1:]
			case !optional:
				t.Errorf("%s: the sections are %q; next must come %q", e.File, e.body.headings, name)
			}
		}
		if exact && len(got) > 0 {
			t.Errorf("%s: sections too many or in another order: %q", e.File, got)
		}
		if n := len(e.body.headings); e.Kind == "guide" && (n == 0 || e.body.headings[n-1] != "What would change this") {
			t.Errorf("%s: the last section must be What would change this", e.File)
		}
		if lead, err := theGuide(t).Lead(e, nil); err != nil || len(lead) < 40 || strings.Contains(lead, "\n\n") && e.Kind == "term" {
			t.Errorf("%s: want a lead of one paragraph that stands alone, got %q, %v", e.File, lead, err)
		}
	}
}

// The engine knows the answer to every exercise, and takes it.
func TestEveryExerciseHasAnAnswer(t *testing.T) {
	g := theGuide(t)
	for _, e := range g.Entries() {
		if e.Lesson == nil {
			continue
		}
		want, err := g.solve(e.Lesson)
		if err != nil {
			t.Errorf("%s: %v", e.File, err)
			continue
		}
		answer := want.word
		if answer == "" && want.print != nil {
			answer = want.print(want.value)
		}
		r, err := g.CheckExercise(e.Lesson, answer)
		if answer == "" || want.word == "" && want.value == 0 || err != nil || !r.Right && e.Lesson.Exercise.Tolerance > 0 {
			t.Errorf("%s: the engine's own answer %q is graded %+v, %v", e.File, answer, r, err)
		}
		if r, _ := e.Lesson.CheckChoice(e.Lesson.Checkpoint.Answer); !r.Right {
			t.Errorf("%s: the right choice is graded wrong", e.File)
		}
	}
}

// A kit's prompt has every slot, and no other.
func TestEveryKitHasItsSlots(t *testing.T) {
	slot := regexp.MustCompile(`<<([a-z_]+)>>`)
	for _, e := range theGuide(t).Entries() {
		if e.Kit == nil {
			continue
		}
		data, err := os.ReadFile("../assets/" + e.File)
		if err != nil {
			t.Fatal(err)
		}
		_, prompt, ok := strings.Cut(string(data), "\n```prompt\n")
		if !ok {
			t.Errorf("%s: no fence of language prompt", e.File)
		}
		used := map[string]bool{}
		for _, m := range slot.FindAllStringSubmatch(prompt, -1) {
			used[m[1]] = true
		}
		for _, s := range e.Kit.Slots {
			if !used[s.Name] {
				t.Errorf("%s: the prompt has no <<%s>>", e.File, s.Name)
			}
			delete(used, s.Name)
		}
		for name := range used {
			t.Errorf("%s: <<%s>> is no slot", e.File, name)
		}
	}
}

func TestEveryEntryHasSources(t *testing.T) {
	for _, e := range theGuide(t).Entries() {
		if len(e.Sources) == 0 {
			t.Errorf("%s: no sources", e.File)
		}
		for _, s := range e.Sources {
			if len(strings.TrimSpace(s)) < 5 {
				t.Errorf("%s: %q is no source", e.File, s)
			}
		}
	}
}

func TestNoDeadLinks(t *testing.T) {
	g := theGuide(t)
	for _, e := range g.Entries() {
		for _, l := range e.body.links {
			if g.byID[l.id] == nil {
				t.Errorf("%s:%d: links to %q, which is no entry", e.File, l.line, l.id)
			}
			if l.id == e.ID {
				t.Errorf("%s:%d: links to itself", e.File, l.line)
			}
		}
		for _, id := range slices.Concat(e.Related, e.See) {
			if g.byID[id] == nil || id == e.ID {
				t.Errorf("%s: related or see names %q, which is no other entry", e.File, id)
			}
		}
	}
}

// Every [text](target) of the prose must be a link to an entry: the terminal
// opens nothing else.
func TestNoForeignLinks(t *testing.T) {
	inline := regexp.MustCompile(`\]\(([^)]*)\)`)
	for _, e := range theGuide(t).Entries() {
		for line, text := range proseLines(t, e) {
			for _, m := range inline.FindAllStringSubmatch(text, -1) {
				if !isID(m[1]) {
					t.Errorf("%s:%d: %q is no entry's id", e.File, line, m[1])
				}
			}
		}
	}
}

func TestNoOrphans(t *testing.T) {
	g := theGuide(t)
	for _, e := range g.Entries() {
		if len(g.Backlinks(e)) == 0 {
			t.Errorf("%s: no other entry leads here", e.File)
		}
	}
}

// A name leads to one entry: no title twice, no alias claimed by two entries
// or equal to the name of another.
func TestNamesAreClaimedOnce(t *testing.T) {
	owner := map[string]*Entry{}
	for _, e := range theGuide(t).Entries() {
		for _, name := range append([]string{e.ID, e.Title}, e.Aliases...) {
			if fold(name) == "" {
				t.Errorf("%s: the name %q has no letters", e.File, name)
			}
			if o := owner[fold(name)]; o != nil && o != e {
				t.Errorf("%s: the name %q is also claimed by %s", e.File, name, o.File)
			}
			owner[fold(name)] = e
		}
		seen := map[string]bool{}
		for _, a := range e.Aliases {
			if seen[strings.ToLower(a)] {
				t.Errorf("%s: alias %q is given twice", e.File, a)
			}
			seen[strings.ToLower(a)] = true
		}
	}
}

// Sizes and speeds that the engine could compute are not typed. Allowed are:
//   - a paragraph with the mark <!-- typed: reason -->;
//   - the size of a device as people name it: "24 GB card", "a card of 24 GB",
//     "RTX 4060 Ti 16GB";
//   - words that are quoted: "24 GB" on a box;
//   - a rule of thumb that says so: "about 14 GB";
//   - code, where a number is a flag or a comment beside one.
func TestNoTypedFigures(t *testing.T) {
	typed := regexp.MustCompile(`[0-9][0-9.,]* ?(?:GiB|GB|MiB|MB|tok/s|t/s|tokens a second|tokens per second)\b`)
	for _, e := range theGuide(t).Entries() {
		paragraph := map[int]bool{}
		lines := proseLines(t, e)
		for _, line := range slices.Sorted(mapsKeys(lines)) {
			text := lines[line]
			if strings.Contains(text, "<!-- typed:") {
				markParagraph(paragraph, lines, line)
			}
		}
		for line, text := range lines {
			text = figureCall().ReplaceAllString(text, "")
			for _, at := range typed.FindAllStringIndex(text, -1) {
				if !paragraph[line] && !allowedFigure(text[:at[0]], text[at[1]:]) {
					t.Errorf("%s:%d: typed figure %q: compute it, or mark the paragraph <!-- typed: reason -->", e.File, line, around(text, at))
				}
			}
		}
	}
}

func figureCall() *regexp.Regexp { return regexp.MustCompile(`\{\{[^}]*\}\}`) }

// allowedFigure holds the rule of TestNoTypedFigures: before and after are
// the text of the line around the figure.
func allowedFigure(before, after string) bool {
	for _, r := range []struct{ before, after string }{
		{``, `^[ -](?:of )?(?:cards?|GPUs?|Macs?|MacBooks?|machines?|laptops?|devices?|boards?|VRAM|RAM|memory|unified|model|version|each)\b`},
		{`(?i)(?:cards?|GPUs?|Macs?|devices?|machines?|boards?) (?:of|with) $`, ``},
		{`\bone of $`, ``},
		{`"$`, `^[^"]*"`},
		{`(?i)\b(?:about|some|roughly|around|nearly|almost|up to|under|over)(?: [0-9.]+ to)? $`, ``},
		{`(?:RTX|RX|GTX|Arc|Ti|Super|H100|A100|H200|MI\d+|M\d (?:Max|Pro|Ultra)|PCIe|SXM5?) ?(?:[0-9]+ ?(?:Ti|XT|XTX|SUPER|Super)? ?)?$`, ``},
	} {
		if regexp.MustCompile(r.before).MatchString(before) && regexp.MustCompile(r.after).MatchString(after) {
			return true
		}
	}
	return false
}

func around(text string, at []int) string {
	return strings.TrimSpace(text[max(0, at[0]-25):min(len(text), at[1]+15)])
}

// markParagraph marks the lines around one up to the next blank lines.
func markParagraph(marked map[int]bool, lines map[int]string, line int) {
	for _, step := range []int{-1, 1} {
		for i := line; strings.TrimSpace(lines[i]) != ""; i += step {
			marked[i] = true
		}
	}
}

// proseLines are the lines of an entry's file below the front matter, by
// number, without fenced code and code spans.
func proseLines(t *testing.T, e *Entry) map[int]string {
	t.Helper()
	data, err := os.ReadFile("../assets/" + e.File)
	if err != nil {
		t.Fatal(err)
	}
	span := regexp.MustCompile("`[^`]*`")
	lines := map[int]string{}
	dashes, fenced := 0, false
	for i, text := range strings.Split(string(data), "\n") {
		switch {
		case dashes < 2:
			if text == "---" {
				dashes++
			}
		case fenceMark(text) != "":
			fenced = !fenced
		case !fenced:
			lines[i+1] = span.ReplaceAllString(text, "")
		}
	}
	return lines
}

func mapsKeys(m map[int]string) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Every figure renders for a reader without a known rig, with a GPU and
// without one, and says something.
func TestEveryEntryRenders(t *testing.T) {
	g := theGuide(t)
	for name, rig := range readers(t) {
		for _, e := range g.Entries() {
			for _, p := range e.body.pieces {
				if p.show == nil {
					continue
				}
				text, err := p.show(rig)
				if err != nil || saysNothing(p.call.name, text) {
					t.Errorf("%s:%d for %s: %s %q prints %q, %v", e.File, p.call.line, name, p.call.name, p.call.subject, text, err)
				}
			}
			if text, err := g.Markdown(e, rig); err != nil || len(text) < 80 {
				t.Errorf("%s for %s: %v, %d bytes", e.File, name, err, len(text))
			}
		}
	}
}

// saysNothing tells whether a figure came out empty or wrong. A model without
// a cache or a state has 0 B of it; anything else of 0 B is a mistake.
func saysNothing(name, text string) bool {
	for _, wrong := range []string{"NaN", "Inf", "%!", "<nil>", "no known speed", "≈0.0"} {
		if strings.Contains(text, wrong) {
			return true
		}
	}
	none := text == "0 B" && name != "kv" && name != "state" && name != "kvtoken"
	return text == "" || none || strings.HasPrefix(text, "-") || text == "0"
}

func TestTheGuideIsLarge(t *testing.T) {
	if n := len(theGuide(t).Entries()); n < 60 {
		t.Errorf("%d entries, want at least 60", n)
	}
	kinds := map[string]int{}
	for _, e := range theGuide(t).Entries() {
		kinds[e.Kind]++
	}
	t.Log(fmt.Sprint(kinds))
}
