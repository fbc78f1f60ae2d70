package glossary

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// frontMatter is what stands between the two lines of dashes, whatever the
// kind.
type frontMatter struct {
	Title    string   `yaml:"title"`
	Kind     string   `yaml:"kind"`
	Category string   `yaml:"category"`
	Aliases  []string `yaml:"aliases"`
	Related  []string `yaml:"related"`
	See      []string `yaml:"see"`
	Sources  []string `yaml:"sources"`
	Reviewed string   `yaml:"reviewed"`
}

// withFacts is the front matter of a kind that has facts of its own.
type withFacts[T any] struct {
	frontMatter `yaml:",inline"`
	Facts       T `yaml:",inline"`
}

// readFront reads the front matter into e, strictly: a key that the kind does
// not have is an error. The kind is the one of the directory.
func (e *Entry) readFront(head []byte, p *problems) {
	var f frontMatter
	switch e.Kind {
	case "error", "symptom":
		f, e.Fault = strict[Fault](head, p)
	case "tool":
		f, e.Tool = strict[Tool](head, p)
	case "lesson":
		f, e.Lesson = strict[Lesson](head, p)
	case "answer":
		f, e.Answer = strict[Answer](head, p)
	case "kit":
		f, e.Kit = strict[Kit](head, p)
	case "method":
		f, e.Method = strict[Method](head, p)
	case "news":
		f, e.News = strict[News](head, p)
	default:
		f, _ = strict[struct{}](head, p)
	}
	if f.Kind != e.Kind || !slices.Contains(Kinds(), e.Kind) {
		p.key("kind:", "kind %q stands in the directory of kind %q; the kinds are %s", f.Kind, e.Kind, strings.Join(Kinds(), ", "))
	}
	e.Title, e.Category, e.Aliases = f.Title, f.Category, f.Aliases
	e.Related, e.See, e.Sources, e.Reviewed = f.Related, f.See, f.Sources, f.Reviewed
	f.check(p)
	if len(p.list) == 0 { // what was not read has nothing to check
		e.checkFacts(p)
	}
}

// strict decodes one document with all its keys known.
func strict[T any](head []byte, p *problems) (frontMatter, *T) {
	var f withFacts[T]
	dec := yaml.NewDecoder(bytes.NewReader(head))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		p.yaml(err)
		return f.frontMatter, &f.Facts
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		p.whole("front matter: more than one document: a line of --- inside it")
	}
	return f.frontMatter, &f.Facts
}

// yaml notes what the YAML reader says, in the words and lines of the file.
func (p *problems) yaml(err error) {
	said := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if all := (*yaml.TypeError)(nil); errors.As(err, &all) {
		said = all.Errors
	}
	at := regexp.MustCompile(`^line (\d+): (.*)$`)
	unknown := regexp.MustCompile(`^field (\S+) not found in type .*$`)
	for _, text := range said {
		text = strings.Join(strings.Fields(text), " ")
		m := at.FindStringSubmatch(text)
		if m == nil {
			p.whole("front matter: %s", text)
			continue
		}
		line, _ := strconv.Atoi(m[1]) // digits
		text = unknown.ReplaceAllString(m[2], "this kind has no key $1: take it away, or look how it is spelt in assets/README.md")
		p.at(line+1, "front matter: %s", text)
	}
}

func (f frontMatter) check(p *problems) {
	for _, field := range []struct{ name, value string }{{"title", f.Title}, {"category", f.Category}} {
		if strings.TrimSpace(field.value) == "" || strings.Contains(field.value, "\n") {
			p.key(field.name+":", "%s is missing", field.name)
		}
	}
	if _, err := time.Parse(time.DateOnly, f.Reviewed); err != nil {
		p.key("reviewed:", "reviewed %q is no date such as 2026-11-24", f.Reviewed)
	}
	for _, id := range slices.Concat(f.Related, f.See) {
		if !isID(id) {
			p.key(id, "%q is no id", id)
		}
	}
}

// checkFacts checks what the kind has of its own.
func (e *Entry) checkFacts(p *problems) {
	switch {
	case e.Fault != nil:
		e.Fault.check(e.Kind, p)
	case e.Tool != nil:
		e.Tool.check(p)
	case e.Lesson != nil:
		e.Lesson.check(p)
	case e.Answer != nil:
		e.Answer.check(p)
	case e.Kit != nil:
		e.Kit.check(p)
	case e.Method != nil:
		e.Method.check(p)
	case e.News != nil:
		e.News.check(e.ID, p)
	}
}
