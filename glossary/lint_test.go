package glossary

import (
	"fmt"
	"maps"
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

// Every file is read, every figure made, every pattern compiled; all that is
// wrong is said at once.
func TestEveryEntryParses(t *testing.T) {
	g, wrong := loadGuide()
	for _, err := range wrong {
		t.Error(err)
	}
	for _, e := range g.Entries() {
		if err := g.tie(e); err != nil {
			t.Error(err)
		}
		if e.Fault == nil {
			continue
		}
		if _, _, err := e.Fault.Compile(); err != nil {
			t.Errorf("%s: %v", e.File, err)
		}
	}
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
				t.Errorf("%s: section \"## %s\" is missing or stands elsewhere; a %s has %q", e.File, name, e.Kind, want)
			}
		}
		if exact && len(got) > 0 {
			t.Errorf("%s: sections too many or in another order: %q; a %s has %q", e.File, got, e.Kind, want)
		}
		if n := len(e.body.headings); e.Kind == "guide" && (n == 0 || e.body.headings[n-1] != "What would change this") {
			t.Errorf("%s: the last section must be \"## What would change this\"", e.File)
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
		if !strings.Contains(string(data), "\n```prompt\n") {
			t.Errorf("%s: no fence of language prompt", e.File)
		}
		filled, err := e.Fill(nil)
		if err != nil {
			t.Fatal(err)
		}
		prompt := filled.System + filled.Prompt
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
	dead := map[string][]string{} // by what they lead to: one missing entry is one mistake
	for _, e := range g.Entries() {
		for _, l := range e.body.links {
			switch {
			case g.byID[l.id] == nil:
				dead[l.id] = append(dead[l.id], fmt.Sprintf("%s:%d", e.File, l.line))
			case l.id == e.ID:
				t.Errorf("%s:%d: links to itself: take the link away", e.File, l.line)
			}
		}
		for _, id := range slices.Concat(e.Related, e.See) {
			switch {
			case g.byID[id] == nil:
				dead[id] = append(dead[id], e.File)
			case id == e.ID:
				t.Errorf("%s: related or see names the entry itself", e.File)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(dead)) {
		t.Errorf("%q is no entry: write it, or mend the links in %s", id, strings.Join(dead[id], ", "))
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
			t.Logf("%s: no other entry leads here: link to it, or name it in related of another", e.File)
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

// Every figure renders for a reader without a known rig, with a GPU and
// without one, and says something.
func TestEveryEntryRenders(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
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
