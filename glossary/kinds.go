package glossary

import (
	"maps"
	"slices"
	"strings"
	"time"
)

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

func (t *Tool) check(p *problems) {
	if len(t.Systems) == 0 || len(t.Devices) == 0 || strings.TrimSpace(t.Licence) == "" {
		p.whole("front matter: systems, devices and licence are wanted")
	}
	for _, b := range t.Binaries {
		if strings.ContainsAny(b, "/\\ ") || b == "" {
			p.key("binaries:", "binaries: %q is no name of a program", b)
		}
	}
	graded := make([]string, 0, len(t.Scores))
	for _, s := range t.Scores {
		graded = append(graded, s.Dimension)
		if s.Score < 1 || s.Score > 5 || strings.TrimSpace(s.Reason) == "" {
			p.key("dimension: "+s.Dimension, "score of %q: want 1 to 5 and a reason", s.Dimension)
		}
	}
	if !slices.Equal(graded, Dimensions()) {
		p.key("scores:", "the scores are of %s; want %s, in this order", strings.Join(graded, ", "), strings.Join(Dimensions(), ", "))
	}
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

func (l *Lesson) check(p *problems) {
	if l.Course == "" || l.Order < 1 || l.Minutes < 1 {
		p.whole("front matter: course, order and minutes are wanted")
	}
	c, x := &l.Checkpoint, &l.Exercise
	if c.Question == "" || len(c.Options) < 2 || c.Because == "" {
		p.key("checkpoint:", "checkpoint: want a question, two or more options, and because")
	} else if c.Answer < 1 || c.Answer > len(c.Options) {
		p.key("checkpoint:", "checkpoint: answer %d is none of the %d options, counted from 1", c.Answer, len(c.Options))
	}
	if x.Ask == "" || len(x.Request) == 0 {
		p.key("exercise:", "exercise: want ask and request")
	}
	if !slices.Contains(Findable(), x.Find) {
		p.key("exercise:", "exercise: find %q is none of %s", x.Find, strings.Join(Findable(), ", "))
	}
	if x.Tolerance < 0 || x.Tolerance > 0.5 {
		p.key("exercise:", "exercise: tolerance %g is not 0 to 0.5", x.Tolerance)
	}
}

// Answer is a question answered for the reader; Params are what its figures
// are for, with the values that are taken when the reader names no others.
type Answer struct {
	Params map[string]any `yaml:"params"`
}

func (a *Answer) check(p *problems) {
	for _, key := range slices.Sorted(maps.Keys(a.Params)) {
		if !slices.Contains(paramNames(), key) {
			p.key("params:", "params: %q is none of %s", key, strings.Join(paramNames(), ", "))
		}
	}
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

func (k *Kit) check(p *problems) {
	if len(k.Slots) == 0 {
		p.key("slots:", "slots: a kit without places to fill in is no kit")
	}
	if k.Context < 512 {
		p.key("context:", "context: want 512 tokens or more, not %d", k.Context)
	}
	for _, s := range k.Slots {
		if !isID(strings.ReplaceAll(s.Name, "_", "-")) || s.About == "" {
			p.key("name: "+s.Name, "slot %q: want a name of small letters and what it is about", s.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.Sampler)) {
		if !slices.Contains(samplers(), name) {
			p.key(name+":", "sampler: %q is none of %s", name, strings.Join(samplers(), ", "))
		}
	}
}

// Method is how a number is made.
type Method struct {
	Label string   `yaml:"label"` // how well such numbers are known
	Terms []string `yaml:"terms"` // of shown work that it explains
}

func (m *Method) check(p *problems) {
	if labels := []string{"exact", "measured", "calibrated", "estimated", "—"}; !slices.Contains(labels, m.Label) {
		p.key("label:", "label %q is none of %s", m.Label, strings.Join(labels, ", "))
	}
}

// News is something that changed, and when.
type News struct {
	Date string `yaml:"date"`
}

func (n *News) check(id string, p *problems) {
	if _, err := time.Parse(time.DateOnly, n.Date); err != nil {
		p.key("date:", "date %q is none such as 2026-11-24", n.Date)
	}
	if !strings.HasPrefix(id, "news-"+n.Date+"-") {
		p.key("date:", "the file's name does not begin with news-%s-", n.Date)
	}
}

// OfKinds are the entries of some kinds, kind by kind in the order given:
// lessons in the order of the course, the newest news first, others by title.
func (g *Glossary) OfKinds(kinds ...string) []*Entry {
	var out []*Entry
	for _, kind := range kinds {
		from := len(out)
		for _, e := range g.Entries() {
			if e.Kind == kind {
				out = append(out, e)
			}
		}
		of := out[from:]
		switch kind {
		case "lesson":
			slices.SortFunc(of, func(a, b *Entry) int { return strings.Compare(a.ID, b.ID) })
		case "news":
			slices.SortFunc(of, func(a, b *Entry) int { return strings.Compare(b.ID, a.ID) })
		}
	}
	return out
}
