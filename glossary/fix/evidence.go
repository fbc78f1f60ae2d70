package fix

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"runlocal/glossary"
)

// near is how many lines apart what belongs to one fault may stand. In the log
// of a day, signs of this morning prove nothing about tonight.
const near = 400

// event is a hit of a pattern that speaks for an entry.
type event struct {
	hit
	pattern int
	weight  int
}

// evidence is all that speaks for an entry, and against it.
type evidence struct {
	entry    *glossary.Entry
	events   []event
	excepted []int64 // lines that show that it is something else

	score float64
	shown []event // those that make the score, by line
}

// weigh finds the stretch of the log that speaks most for the entry.
func (e *evidence) weigh() {
	slices.SortStableFunc(e.events, func(a, b event) int { return cmp.Compare(a.line, b.line) })
	for i := range e.events {
		if i > 0 && e.events[i].line == e.events[i-1].line {
			continue
		}
		stretch := e.stretch(i)
		if e.exceptedNear(stretch) {
			continue
		}
		if s := proof(stretch); s > e.score {
			e.score, e.shown = s, stretch
		}
	}
}

// stretch is what stands near the event at i, from there on.
func (e *evidence) stretch(i int) []event {
	end := i
	for end < len(e.events) && e.events[end].line-e.events[i].line <= near {
		end++
	}
	return e.events[i:end]
}

func (e *evidence) exceptedNear(stretch []event) bool {
	from, to := stretch[0].line-near, stretch[len(stretch)-1].line+near
	return slices.ContainsFunc(e.excepted, func(line int64) bool { return line >= from && line <= to })
}

// doubt is what one pattern of a weight leaves open. A weight of 10 is as good
// as proof: one line in eleven of the kind is about something else.
func doubt(weight int) float64 { return 1 - float64(weight)/11 }

// What a sign adds beside the strongest of all: what one failure prints comes
// together, and patterns that match the same line see the same words.
const (
	otherLine = 0.5
	sameLine  = 0.2
)

// proof is how much some events prove together: the strongest pattern in full,
// the others as far as they tell more.
func proof(events []event) float64 {
	best := map[int]event{} // by pattern, its first
	for _, ev := range events {
		if _, known := best[ev.pattern]; !known {
			best[ev.pattern] = ev
		}
	}
	order := slices.SortedFunc(maps.Values(best), func(a, b event) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.pattern, b.pattern))
	})
	open, lines := 1.0, map[int64]bool{}
	for i, ev := range order {
		share := otherLine
		switch {
		case i == 0:
			share = 1
		case lines[ev.line]:
			share = sameLine
		}
		lines[ev.line] = true
		open *= math.Pow(doubt(ev.weight), share)
	}
	return 1 - open
}

func (e *evidence) first() int64 { return e.shown[0].line }

// mostLines bounds the lines of a finding.
const mostLines = 12

func (e *evidence) finding() Finding {
	f := Finding{Entry: e.entry, Score: e.score, Why: e.why()}
	for _, ev := range e.shown {
		n := len(f.Lines)
		if n > 0 && (f.Lines[n-1].Number == ev.line || f.Lines[n-1].Text == ev.text) {
			continue
		}
		if n < mostLines {
			f.Lines = append(f.Lines, Line{ev.line, ev.text})
		}
	}
	return f
}

// why says in a sentence what the score is made of.
func (e *evidence) why() string {
	var seen []int
	var weights, lines []string
	for _, ev := range e.shown {
		if slices.Contains(seen, ev.pattern) {
			continue
		}
		seen = append(seen, ev.pattern)
		weights = append(weights, fmt.Sprint(ev.weight))
		if n := fmt.Sprint(ev.line); len(lines) == 0 || lines[len(lines)-1] != n {
			lines = append(lines, n)
		}
	}
	return fmt.Sprintf("%s of weight %s in %s %s", plural(len(seen), "sign"), strings.Join(weights, " + "),
		word(len(lines), "line"), strings.Join(lines, ", "))
}

func plural(n int, what string) string { return fmt.Sprintf("%d %s", n, word(n, what)) }

func word(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}
