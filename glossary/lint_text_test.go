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
		for _, line := range slices.Sorted(maps.Keys(lines)) {
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

// The lead says what the entry is about to one who reads nothing else.
func TestLeadsStandAlone(t *testing.T) {
	leansOn := regexp.MustCompile(`^(?:It|This|That|These|Those|They|He|Such|See|As|Also|However|But|And)\b`)
	for _, e := range theGuide(t).Entries() {
		lead, err := theGuide(t).Lead(e, nil)
		switch {
		case err != nil: // told by TestEveryEntryParses
		case len(lead) < 40:
			t.Errorf("%s: the lead is %q: want one or two sentences that stand alone, before the first heading", e.File, lead)
		case e.Kind == "answer" || e.Kind == "method" || e.Kind == "news" || e.Kind == "guide":
		case strings.Contains(lead, "\n\n") || strings.Contains(lead, "```"):
			t.Errorf("%s: the lead is more than one paragraph: move the rest below the first heading", e.File)
		case leansOn.MatchString(lead) && e.Kind == "term":
			t.Errorf("%s: the lead begins with %q, which leans on the title: name the thing", e.File, leansOn.FindString(lead))
		}
	}
}

// An answer is read in half a minute.
func TestAnswersAreShort(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	g := theGuide(t)
	for _, e := range g.Entries() {
		if e.Kind != "answer" {
			continue
		}
		text, err := g.Markdown(e, readers(t)["an RTX 4090"])
		if n := len(strings.Fields(text)); err == nil && n > 190 { // figures print many words
			t.Errorf("%s: %d words: want 150 or less", e.File, n)
		}
	}
}

// No sentence stands in two entries: the second links to the first instead.
func TestNoSentenceTwice(t *testing.T) {
	first := map[string]string{}
	for _, e := range theGuide(t).Entries() {
		lines := proseLines(t, e)
		for _, line := range slices.Sorted(maps.Keys(lines)) {
			for sentence := range strings.SplitSeq(figureCall().ReplaceAllString(lines[line], "#"), ". ") {
				key := fold(sentence)
				if len(key) < 70 {
					continue
				}
				if other, seen := first[key]; seen {
					t.Errorf("%s:%d: the sentence %.60q… stands in %s too: say it once and link", e.File, line, strings.TrimSpace(sentence), other)
				}
				first[key] = fmt.Sprintf("%s:%d", e.File, line)
			}
		}
	}
}
