package glossary

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const front = `---
title: KV cache
kind: term
category: Memory
aliases: [kv]
related: [vram]
see: []
sources: ["a paper"]
reviewed: 2026-11-24
---
`

// page puts a body under a valid front matter of nine lines and two dashes.
func page(body string) []byte { return []byte(front + body) }

func TestParseEntry(t *testing.T) {
	e, err := parseEntry("guide/term/kv-cache.md", page("The lead with a [link](vram).\n\n## Deeper\nIt takes {{ kv \"m\" ctx=4096 kv_type=\"q8_0\" }} and `{{ not a figure }}`.\n\n```sh\necho {{ .Names }} [x](y)\n```\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Deeper"}, e.body.headings); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
	if len(e.body.links) != 1 || e.body.links[0] != (target{text: "link", id: "vram", line: 11}) {
		t.Errorf("links: got %+v, want the one to vram in line 11", e.body.links)
	}
	var calls []call
	var literal strings.Builder
	for _, p := range e.body.pieces {
		literal.WriteString(p.text)
		if p.call != nil {
			calls = append(calls, *p.call)
		}
	}
	want := []call{{name: "kv", subject: "m", line: 14, options: []option{{"ctx", "4096"}, {"kv_type", "q8_0"}}}}
	if diff := cmp.Diff(want, calls, cmp.AllowUnexported(call{}, option{})); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	for _, code := range []string{"`{{ not a figure }}`", "echo {{ .Names }} [x](y)"} {
		if !strings.Contains(literal.String(), code) {
			t.Errorf("code %q did not stay as it is:\n%s", code, literal.String())
		}
	}
	if e.lead != 1 {
		t.Errorf("the lead is %d pieces, want 1", e.lead)
	}
}

func TestCommentsAreNotShown(t *testing.T) {
	e, err := parseEntry("guide/term/kv-cache.md", page("It ran at 166 tok/s. <!-- typed: measured -->\nNext.\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := e.body.pieces[0].text; got != "It ran at 166 tok/s. \nNext.\n" {
		t.Errorf("got %q", got)
	}
}

// Each of these is refused with a message that leads to the mistake.
func TestBadEntries(t *testing.T) {
	swap := func(from, to string) string { return strings.Replace(front+"Lead.\n", from, to, 1) }
	for _, c := range []struct{ name, file, text, want string }{
		{"no front matter", "guide/term/a.md", "Lead.\n", "no front matter"},
		{"front matter that never ends", "guide/term/a.md", "---\ntitle: x\n", "does not end"},
		{"front matter that is no YAML", "guide/term/a.md", "---\n\t- {\n---\nLead.\n", "control character U+0009"},
		{"front matter that is a list", "guide/term/a.md", "---\n- a\n---\nLead.\n", "front matter"},
		{"a field that is not known", "guide/term/a.md", swap("see: []", "seen: []"), "seen"},
		{"a list where text belongs", "guide/term/a.md", swap("title: KV cache", "title: [a]"), "front matter"},
		{"no title", "guide/term/a.md", swap("title: KV cache", "title: ''"), "title is missing"},
		{"an unknown kind", "guide/term/a.md", swap("kind: term", "kind: thing"), "kind"},
		{"the wrong directory", "guide/error/a.md", front + "Lead.\n", "directory"},
		{"a date that is none", "guide/term/a.md", swap("2026-11-24", "2026-13-40"), "reviewed"},
		{"an id with a blank", "guide/term/a.md", swap("related: [vram]", "related: [v ram]"), "no id"},
		{"a file name that is no id", "guide/term/KV_Cache.md", front + "Lead.\n", "no id"},
		{"a double dash", "guide/term/kv--cache.md", front + "Lead.\n", "no id"},
		{"an escape sequence", "guide/term/a.md", front + "Lead \x1b[31m.\n", "control character U+001B"},
		{"a carriage return", "guide/term/a.md", front + "Lead.\r\n", "control character U+000D"},
		{"text that changes direction", "guide/term/a.md", front + "Lead \u202e.\n", "control character U+202E"},
		{"invalid UTF-8", "guide/term/a.md", front + "Lead \xff.\n", "UTF-8"},
		{"a file too large", "guide/term/a.md", front + strings.Repeat("x", maxEntry), "larger"},
		{"a figure that does not end", "guide/term/a.md", front + "Lead {{ size \"m\".\n", "a.md:11: a figure does not end"},
		{"a figure over two lines", "guide/term/a.md", front + "Lead {{ size\n\"m\" }}.\n", "a.md:11: a figure does not end"},
		{"an empty figure", "guide/term/a.md", front + "Lead.\n\n{{ }}\n", "a.md:13: figure"},
		{"a figure without quotes", "guide/term/a.md", front + "{{ size llama }}\n", "in quotes"},
		{"a quote that does not end", "guide/term/a.md", front + "{{ size \"m }}\n", "quote does not end"},
		{"an option without value", "guide/term/a.md", front + "{{ size \"m\" ctx= }}\n", "key=value"},
		{"a word without key", "guide/term/a.md", front + "{{ size \"m\" large }}\n", "key=value"},
		{"an option given twice", "guide/term/a.md", front + "{{ size \"m\" ctx=1 ctx=2 }}\n", "twice"},
		{"a comment that does not end", "guide/term/a.md", front + "<!-- typed\n", "a.md:11: a comment"},
		{"a code block that does not end", "guide/term/a.md", front + "```sh\nls\n", "a code block does not end"},
	} {
		e, err := parseEntry(c.file, []byte(c.text))
		if err == nil {
			t.Errorf("%s: accepted as %+v", c.name, e)
			continue
		}
		first, rest, _ := strings.Cut(err.Error(), "\n")
		if !strings.Contains(first, c.want) || !strings.HasPrefix(first, c.file) {
			t.Errorf("%s: got %q, want a line that begins with the file and says %q", c.name, first, c.want)
		}
		for line := range strings.Lines(rest) {
			if !strings.HasPrefix(line, c.file) {
				t.Errorf("%s: a problem without its file: %q", c.name, line)
			}
		}
	}
}

// One look at a file tells all that is wrong with it.
func TestAllProblemsAtOnce(t *testing.T) {
	_, err := parseEntry("guide/error/a.md", []byte("---\ntitle: ''\nkind: error\ncolour: red\nreviewed: soon\n---\nLead {{ size }}.\n\n{{ kv }}\n```\n"))
	got := strings.Split(fmt.Sprint(err), "\n")
	for i, want := range []string{"a.md:4: ", "a.md:2: ", "category is missing", "a.md:5: ", "a.md:7: figure", "a.md:9: figure", "a.md:10: a code block"} {
		if i >= len(got) || !strings.Contains(got[i], want) {
			t.Errorf("problem %d: want %q in\n%v", i, want, err)
		}
	}
}

// FuzzParseEntry: no text panics, none is accepted that could move the
// terminal's cursor, and what is accepted keeps its parts consistent.
func FuzzParseEntry(f *testing.F) {
	f.Add(front + "Lead [a](b) {{ kv \"m\" ctx=1 }}.\n## Deeper\n```sh\nx\n```\n")
	f.Add(front + "`` a ` b `` ~~~\n~~~\n<!-- c -->[[x](y)](z)\n")
	f.Add("---\n---\n")
	f.Add("---\ntitle: &a [*a]\n---\n")
	f.Add(front + "{{{{}}}} {{ a \"b\" = }}")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parseEntry("guide/term/a.md", []byte(text))
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "guide/term/a.md:") {
					t.Errorf("a problem without its file: %q", line)
				}
			}
			return
		}
		if e.lead < 0 || e.lead > len(e.body.pieces) {
			t.Errorf("lead of %d pieces, there are %d", e.lead, len(e.body.pieces))
		}
		length := 0
		for _, p := range e.body.pieces {
			length += len(p.text)
			if (p.call == nil) == (p.text == "") {
				t.Errorf("a piece that is neither text nor figure, or both: %+v", p)
			}
			if strings.ContainsAny(p.text, "\x1b\x00\x07") {
				t.Errorf("a control character got through: %q", p.text)
			}
		}
		if length > len(text)+1 {
			t.Errorf("%d bytes of text from %d", length, len(text))
		}
		for _, l := range e.body.links {
			if !isID(l.id) {
				t.Errorf("a link to %q, which is no id", l.id)
			}
		}
	})
}
