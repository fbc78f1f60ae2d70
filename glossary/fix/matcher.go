package fix

import (
	"fmt"
	"regexp"
	"strings"

	"runlocal/glossary"
)

// Matcher knows the patterns of every error and symptom. It never changes
// after New and is safe for concurrent use.
type Matcher struct {
	entries  []*glossary.Entry
	patterns []pattern
	sources  []source
	uses     [][]int32 // by text: the patterns that need it
	always   []int32   // patterns that need no text
	texts    *automaton
	cleaner  cleaner
}

// kind says what a pattern is for.
type kind int

const (
	proves  kind = iota // its entry
	excepts             // the entry is not meant
	states              // a fact, whatever the fault
)

// pattern is one expression.
type pattern struct {
	kind   kind
	of     int // its entry, or its place among the facts
	expr   *regexp.Regexp
	weight int       // of those that prove, 1 to 10
	size   int       // instructions of its program
	bare   bool      // tied to a line's beginning: prefixes are taken off first
	needs  [][]int32 // texts: a match has one of each
}

// New reads the patterns of a guide. An expression that is none is an error
// that names the entry.
func New(g *glossary.Glossary) (*Matcher, error) {
	m := &Matcher{sources: sources(), cleaner: newCleaner()}
	b := builder{m: m, ids: map[string]int32{}}
	for _, e := range g.Entries() {
		if e.Fault == nil || len(e.Fault.Patterns) == 0 {
			continue
		}
		patterns, unless, err := e.Fault.Compile()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.File, err)
		}
		of := len(m.entries)
		m.entries = append(m.entries, e)
		for i, expr := range patterns {
			p := e.Fault.Patterns[i]
			b.add(pattern{kind: proves, of: of, expr: expr, weight: p.Weight}, p.Match)
		}
		for i, expr := range unless {
			b.add(pattern{kind: excepts, of: of, expr: expr}, e.Fault.Unless[i])
		}
	}
	for i := range m.sources {
		b.add(pattern{kind: states, of: i, expr: m.sources[i].compiled()}, m.sources[i].expr)
	}
	m.texts = newAutomaton(b.texts)
	return m, nil
}

// builder numbers the texts of the patterns.
type builder struct {
	m     *Matcher
	ids   map[string]int32
	texts []string
}

func (b *builder) add(p pattern, source string) {
	p.size = instructions(source)
	p.bare = strings.HasPrefix(source, "^")
	id := int32(len(b.m.patterns))
	for _, c := range clauses(source) {
		choice := make([]int32, 0, len(c))
		for _, s := range c {
			t, known := b.ids[s]
			if !known {
				t = int32(len(b.texts))
				b.ids[s] = t
				b.texts = append(b.texts, s)
				b.m.uses = append(b.m.uses, nil)
			}
			choice = append(choice, t)
			b.m.uses[t] = append(b.m.uses[t], id)
		}
		p.needs = append(p.needs, choice)
	}
	if p.needs == nil {
		b.m.always = append(b.m.always, id)
	}
	b.m.patterns = append(b.m.patterns, p)
}
