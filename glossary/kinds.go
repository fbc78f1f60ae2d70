package glossary

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Fault is what an error or a symptom is known by.
type Fault struct {
	Runtimes []string  `yaml:"runtimes"` // who prints it: "llama.cpp", "ollama" …
	Layer    string    `yaml:"layer"`    // where it comes from, one of Layers
	Patterns []Pattern `yaml:"patterns"`
	Unless   []string  `yaml:"unless"` // lines that show that it is something else

	unless []*regexp.Regexp
}

// Pattern is an expression that a line of a log matches, and how much that
// proves: 10 says that this line alone is enough.
type Pattern struct {
	Match  string `yaml:"match"`
	Weight int    `yaml:"weight"`

	expr *regexp.Regexp
}

// Expr is the compiled expression; it ignores letter case.
func (p *Pattern) Expr() *regexp.Regexp { return p.expr }

// Exceptions are the compiled expressions of Unless.
func (f *Fault) Exceptions() []*regexp.Regexp { return f.unless }

// Layers are where an error can come from.
func Layers() []string {
	return []string{"driver", "library", "allocator", "loader", "runtime", "server", "network", "container", "system"}
}

// patternGroups are the names of what a pattern may pick out of a line. A
// number with a unit is "23.64 GiB"; the others are bare.
func patternGroups() []string {
	return []string{
		"wanted", "free", "total", "wanted_bytes", "free_bytes", "total_bytes", "wanted_mib", "free_mib", "total_mib",
		"ctx", "model", "quant", "layers", "port", "version",
	}
}

const (
	maxPattern = 500 // bytes of an expression
	maxWeight  = 10
)

func (f *Fault) check(kind string) error {
	if !slices.Contains(Layers(), f.Layer) {
		return fmt.Errorf("layer %q is none of %s", f.Layer, strings.Join(Layers(), ", "))
	}
	if len(f.Runtimes) == 0 {
		return errors.New("runtimes is missing: who prints it")
	}
	if kind == "error" && len(f.Patterns) == 0 {
		return errors.New("an error without patterns is never found")
	}
	for i := range f.Patterns {
		p := &f.Patterns[i]
		if p.Weight < 1 || p.Weight > maxWeight {
			return fmt.Errorf("pattern %q: weight %d is not 1 to %d", p.Match, p.Weight, maxWeight)
		}
		var err error
		if p.expr, err = compilePattern(p.Match); err != nil {
			return err
		}
	}
	for _, s := range f.Unless {
		expr, err := compilePattern(s)
		if err != nil {
			return err
		}
		f.unless = append(f.unless, expr)
	}
	return nil
}

func compilePattern(s string) (*regexp.Regexp, error) {
	if len(s) < 4 || len(s) > maxPattern {
		return nil, fmt.Errorf("pattern %q: want 4 to %d characters", s, maxPattern)
	}
	expr, err := regexp.Compile("(?i)" + s)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", s, err)
	}
	if expr.MatchString("") {
		return nil, fmt.Errorf("pattern %q matches an empty line", s)
	}
	for _, name := range expr.SubexpNames() {
		if name != "" && !slices.Contains(patternGroups(), name) {
			return nil, fmt.Errorf("pattern %q: no group is called %q; there are %s", s, name, strings.Join(patternGroups(), ", "))
		}
	}
	return expr, nil
}

// Tool is a runtime, an app or a library.
type Tool struct {
	Systems  []string `yaml:"systems"` // "linux", "macos", "windows" …
	Devices  []string `yaml:"devices"` // "nvidia", "amd", "intel", "apple", "cpu" …
	Formats  []string `yaml:"formats"` // of the files that it reads
	Binaries []string `yaml:"binaries"`
	Licence  string   `yaml:"licence"`
	Scores   []Score  `yaml:"scores"`
}

// Score is a grade from 1 to 5 with its reason.
type Score struct {
	Dimension string `yaml:"dimension"`
	Score     int    `yaml:"score"`
	Reason    string `yaml:"reason"`
}

// Dimensions are what every tool is graded by, in this order.
func Dimensions() []string {
	return []string{"setup", "speed", "memory", "models", "serving", "control"}
}

func (t *Tool) check() error {
	if len(t.Systems) == 0 || len(t.Devices) == 0 || strings.TrimSpace(t.Licence) == "" {
		return errors.New("systems, devices and licence are wanted")
	}
	for _, b := range t.Binaries {
		if strings.ContainsAny(b, "/\\ ") || b == "" {
			return fmt.Errorf("binaries: %q is no name of a program", b)
		}
	}
	var graded []string
	for _, s := range t.Scores {
		graded = append(graded, s.Dimension)
		if s.Score < 1 || s.Score > 5 || strings.TrimSpace(s.Reason) == "" {
			return fmt.Errorf("score of %q: want 1 to 5 and a reason", s.Dimension)
		}
	}
	if !slices.Equal(graded, Dimensions()) {
		return fmt.Errorf("the scores are of %s; want %s, in this order", strings.Join(graded, ", "), strings.Join(Dimensions(), ", "))
	}
	return nil
}

// Lesson is a step of a course.
type Lesson struct {
	Course     string     `yaml:"course"`
	Order      int        `yaml:"order"`
	Minutes    int        `yaml:"minutes"`
	Checkpoint Checkpoint `yaml:"checkpoint"`
	Exercise   Exercise   `yaml:"exercise"`
}

// Checkpoint is a question with answers to choose from.
type Checkpoint struct {
	Question string   `yaml:"question"`
	Options  []string `yaml:"options"`
	Answer   int      `yaml:"answer"` // counted from 1
	Because  string   `yaml:"because"`
}

// Exercise asks for a figure that the engine knows.
type Exercise struct {
	Ask       string         `yaml:"ask"`
	Request   map[string]any `yaml:"request"`
	Find      string         `yaml:"find"` // one of Findable
	Tolerance float64        `yaml:"tolerance"`
	Hint      string         `yaml:"hint"`
}

func (l *Lesson) check() error {
	c := &l.Checkpoint
	switch {
	case l.Course == "" || l.Order < 1 || l.Minutes < 1:
		return errors.New("course, order and minutes are wanted")
	case c.Question == "" || len(c.Options) < 2 || c.Because == "":
		return errors.New("checkpoint: want a question, two or more options, and because")
	case c.Answer < 1 || c.Answer > len(c.Options):
		return fmt.Errorf("checkpoint: answer %d is none of the %d options", c.Answer, len(c.Options))
	case l.Exercise.Ask == "" || len(l.Exercise.Request) == 0:
		return errors.New("exercise: want ask and request")
	case !slices.Contains(Findable(), l.Exercise.Find):
		return fmt.Errorf("exercise: find %q is none of %s", l.Exercise.Find, strings.Join(Findable(), ", "))
	case l.Exercise.Tolerance < 0 || l.Exercise.Tolerance > 0.5:
		return fmt.Errorf("exercise: tolerance %g is not 0 to 0.5", l.Exercise.Tolerance)
	}
	return nil
}

// Answer is a question answered for the reader; Params are what its figures
// are for, with the values that are taken when the reader names no others.
type Answer struct {
	Params map[string]any `yaml:"params"`
}

func (a *Answer) check() error {
	for key := range maps.Keys(a.Params) {
		if !slices.Contains(paramNames(), key) {
			return fmt.Errorf("params: %q is none of %s", key, strings.Join(paramNames(), ", "))
		}
	}
	return nil
}

// paramNames are what a reader may set in an answer.
func paramNames() []string { return []string{"model", "quant", "ctx", "gpu"} }

// Kit is a prompt with places to fill in.
type Kit struct {
	Slots   []Slot             `yaml:"slots"`
	Sampler map[string]float64 `yaml:"sampler"`
	Context int                `yaml:"context"` // tokens that it wants
}

// Slot is a place of a prompt, written <<name>> there.
type Slot struct {
	Name    string `yaml:"name"`
	About   string `yaml:"about"`
	Example string `yaml:"example"`
}

// samplers are the settings that a kit may preset, as llama.cpp and Ollama
// know them.
func samplers() []string {
	return []string{"temperature", "top_k", "top_p", "min_p", "repeat_penalty", "presence_penalty", "frequency_penalty"}
}

func (k *Kit) check() error {
	if len(k.Slots) == 0 || k.Context < 512 {
		return errors.New("slots and a context of 512 or more are wanted")
	}
	for _, s := range k.Slots {
		if !isID(strings.ReplaceAll(s.Name, "_", "-")) || s.About == "" {
			return fmt.Errorf("slot %q: want a name of small letters and what it is about", s.Name)
		}
	}
	for name := range k.Sampler {
		if !slices.Contains(samplers(), name) {
			return fmt.Errorf("sampler: %q is none of %s", name, strings.Join(samplers(), ", "))
		}
	}
	return nil
}

// Method is how a number is made.
type Method struct {
	Label string   `yaml:"label"` // how well such numbers are known
	Terms []string `yaml:"terms"` // of shown work that it explains
}

func (m *Method) check() error {
	if !slices.Contains([]string{"exact", "measured", "calibrated", "estimated", "—"}, m.Label) {
		return fmt.Errorf("label %q is none of exact, measured, calibrated, estimated, —", m.Label)
	}
	return nil
}

// News is something that changed, and when.
type News struct {
	Date string `yaml:"date"`
}

func (n *News) check(id string) error {
	if _, err := time.Parse(time.DateOnly, n.Date); err != nil {
		return fmt.Errorf("date %q is none such as 2026-11-24", n.Date)
	}
	if !strings.HasPrefix(id, "news-"+n.Date+"-") {
		return fmt.Errorf("the file's name does not begin with news-%s-", n.Date)
	}
	return nil
}
