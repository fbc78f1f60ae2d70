package fix

import (
	"bytes"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// What trying expressions may cost, in instructions of a program times bytes:
// what an expression takes at worst. A log that has all texts in every line
// would otherwise have every expression tried on all of it.
const (
	freeCost    = 24 << 20
	costPerByte = 48
	share       = 4 // no pattern spends more than one part in so many
)

const (
	firstHits = 6   // of a pattern, kept
	lastHits  = 2   // and the latest ones
	restLines = 100 // pieces between two tries of a pattern that has its first hits
	wrapped   = 60  // bytes: a line as long may go on in the next
	joint     = 1 << 10
)

// hit is a place that a pattern matched.
type hit struct {
	line   int64 // counted from 1
	text   string
	groups map[string]string
}

// reading is a log on its way through the matcher.
type reading struct {
	m     *Matcher
	lines int64 // that have ended
	bytes int64

	now   int64   // the piece of a line that is looked at, counted from 1
	state int32   // of the automaton
	found []int32 // texts of the piece
	seen  []int64 // by text: the last piece that has it
	texts []int32 // patterns to try on the piece, without repeats
	queue []int64 // by pattern: the last piece that it was put up for

	before  []byte  // the end of the piece before, if it may go on in this one; else empty
	waiting []int32 // patterns that were put up for it, but did not match
	spare   []int32 // its other buffer

	hits  [][]hit // by pattern
	tried []int64 // by pattern: the piece of the last try
	spent []int64 // by pattern
	cost  int64   // of all together
}

func newReading(m *Matcher) *reading {
	n := len(m.patterns)
	return &reading{
		m: m, seen: make([]int64, len(m.uses)), queue: make([]int64, n),
		hits: make([][]hit, n), tried: make([]int64, n), spent: make([]int64, n),
	}
}

// piece looks at a piece of a line.
func (x *reading) piece(raw []byte) {
	x.now++
	if bytes.IndexByte(raw, '\x1b') >= 0 {
		raw = []byte(ansi.Strip(string(raw)))
	}
	x.found = x.found[:0]
	if len(x.before) == 0 {
		x.state = 0
	} else { // as if a blank stood for the line break
		x.state, x.found = x.m.texts.scan([]byte{' '}, x.state, x.found)
	}
	x.state, x.found = x.m.texts.scan(raw, x.state, x.found)
	x.putUp()
	waiting := x.waiting
	x.waiting, x.spare = x.spare[:0], waiting
	if len(x.texts) > 0 || len(waiting) > 0 {
		x.tryAll(raw, waiting)
	}
	x.before = x.before[:0]
	if len(raw) >= wrapped {
		x.before = append(x.before, raw[max(0, len(raw)-joint):]...)
	}
}

// putUp collects the patterns of which the piece has a text.
func (x *reading) putUp() {
	x.texts = x.texts[:0]
	for _, t := range x.found {
		if x.seen[t] == x.now {
			continue
		}
		x.seen[t] = x.now
		for _, p := range x.m.uses[t] {
			if x.queue[p] != x.now {
				x.queue[p] = x.now
				x.texts = append(x.texts, p)
			}
		}
	}
	x.texts = append(x.texts, x.m.always...)
}

// tryAll tries the patterns on the piece; those that do not match and may
// have begun on the piece before, on both together.
func (x *reading) tryAll(raw []byte, waiting []int32) {
	text := view{raw: raw}
	both := view{}
	if len(x.before) > 0 {
		both.raw, both.next = x.before, raw[:min(len(raw), joint)]
	}
	goesOn := len(raw) >= wrapped
	for _, p := range x.texts {
		here := x.has(p, x.now)
		switch {
		case here && x.try(p, &text):
		case len(both.raw) > 0 && x.has(p, x.now-1) && x.try(p, &both):
		case goesOn:
			x.waiting = append(x.waiting, p)
		}
	}
	if len(both.raw) == 0 {
		return
	}
	for _, p := range waiting {
		if x.queue[p] != x.now && x.has(p, x.now-1) {
			x.try(p, &both)
		}
	}
}

// has tells whether every text that a pattern needs stands in the pieces
// since one.
func (x *reading) has(p int32, since int64) bool {
	for _, choice := range x.m.patterns[p].needs {
		if !slices.ContainsFunc(choice, func(t int32) bool { return x.seen[t] >= since }) {
			return false
		}
	}
	return true
}

// try matches a pattern, if it may cost that, and keeps the hit.
func (x *reading) try(id int32, v *view) bool {
	p := &x.m.patterns[id]
	known := len(x.hits[id])
	if known >= firstHits && x.now-x.tried[id] < restLines {
		return true
	}
	text := v.plain()
	if p.bare {
		text = x.m.cleaner.bare(text)
	}
	price := int64(p.size) * int64(len(text))
	most := freeCost + costPerByte*x.bytes
	if x.cost+price > most || x.spent[id]+price > most/share {
		return false
	}
	x.tried[id] = x.now
	x.spent[id] += price
	x.cost += price
	at := p.expr.FindStringSubmatchIndex(text)
	if at == nil {
		return false
	}
	if known == firstHits+lastHits { // the oldest of the latest goes
		x.hits[id] = append(x.hits[id][:firstHits], x.hits[id][firstHits+1:]...)
	}
	x.hits[id] = append(x.hits[id], hit{line: x.lines + 1, text: x.m.cleaner.shown(text, at[0]), groups: p.groups(text, at)})
	return true
}

// groups are the named parts of a match.
func (p *pattern) groups(text string, at []int) map[string]string {
	var out map[string]string
	for i, name := range p.expr.SubexpNames() {
		if name == "" || at[2*i] == at[2*i+1] {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = strings.Clone(text[at[2*i]:at[2*i+1]])
	}
	return out
}

// view is a piece, made plain when first asked for.
type view struct {
	raw, next []byte // next: of the line that it may go on in
	text      string
}

func (v *view) plain() string {
	if v.text == "" {
		v.text = plain(string(v.raw))
		if v.next != nil {
			v.text += " " + plain(string(v.next))
		}
	}
	return v.text
}
