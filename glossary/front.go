package glossary

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
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
// not have is an error.
func (e *Entry) readFront(head []byte) error {
	var kind struct {
		Kind string `yaml:"kind"`
	}
	if err := yaml.Unmarshal(head, &kind); err != nil {
		return frontError(err)
	}
	var f frontMatter
	var err error
	switch kind.Kind {
	case "error", "symptom":
		f, e.Fault, err = strict[Fault](head)
	case "tool":
		f, e.Tool, err = strict[Tool](head)
	case "lesson":
		f, e.Lesson, err = strict[Lesson](head)
	case "answer":
		f, e.Answer, err = strict[Answer](head)
	case "kit":
		f, e.Kit, err = strict[Kit](head)
	case "method":
		f, e.Method, err = strict[Method](head)
	case "news":
		f, e.News, err = strict[News](head)
	default:
		f, _, err = strict[struct{}](head)
	}
	if err != nil {
		return err
	}
	e.Title, e.Kind, e.Category, e.Aliases = f.Title, f.Kind, f.Category, f.Aliases
	e.Related, e.See, e.Sources, e.Reviewed = f.Related, f.See, f.Sources, f.Reviewed
	if err := f.check(); err != nil {
		return err
	}
	if err := e.checkFacts(); err != nil {
		return fmt.Errorf("front matter: %w", err)
	}
	return nil
}

// strict decodes one document with all its keys known.
func strict[T any](head []byte) (frontMatter, *T, error) {
	var f withFacts[T]
	dec := yaml.NewDecoder(bytes.NewReader(head))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return f.frontMatter, nil, frontError(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return f.frontMatter, nil, errors.New("front matter: more than one document")
	}
	return f.frontMatter, &f.Facts, nil
}

// frontError is what the YAML reader says, in one line.
func frontError(err error) error {
	return fmt.Errorf("front matter: %s", strings.Join(strings.Fields(err.Error()), " "))
}

func (f frontMatter) check() error {
	for _, field := range []struct{ name, value string }{{"title", f.Title}, {"category", f.Category}} {
		if strings.TrimSpace(field.value) == "" || strings.Contains(field.value, "\n") {
			return fmt.Errorf("front matter: %s is missing", field.name)
		}
	}
	if !slices.Contains(Kinds(), f.Kind) {
		return fmt.Errorf("front matter: kind %q is none of %s", f.Kind, strings.Join(Kinds(), ", "))
	}
	if _, err := time.Parse(time.DateOnly, f.Reviewed); err != nil {
		return fmt.Errorf("front matter: reviewed %q is no date such as 2026-11-24", f.Reviewed)
	}
	for _, id := range slices.Concat(f.Related, f.See) {
		if !isID(id) {
			return fmt.Errorf("front matter: %q is no id", id)
		}
	}
	return nil
}

// checkFacts checks what the kind has of its own.
func (e *Entry) checkFacts() error {
	switch {
	case e.Fault != nil:
		return e.Fault.check(e.Kind)
	case e.Tool != nil:
		return e.Tool.check()
	case e.Lesson != nil:
		return e.Lesson.check()
	case e.Answer != nil:
		return e.Answer.check()
	case e.Kit != nil:
		return e.Kit.check()
	case e.Method != nil:
		return e.Method.check()
	case e.News != nil:
		return e.News.check(e.ID)
	}
	return nil
}
