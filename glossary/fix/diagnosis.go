package fix

import (
	"cmp"
	"math"
	"slices"

	"runlocal/glossary"
)

// Confidence says how sure a diagnosis is.
type Confidence string

// The confidences. Unknown means that nothing was found that proves enough:
// then there is no best finding, only what was near it.
const (
	Sure    Confidence = "sure"
	Likely  Confidence = "likely"
	Unknown Confidence = "not known"
)

// Diagnosis is what a log says.
type Diagnosis struct {
	Confidence Confidence
	Findings   []Finding // best first; with Unknown, what little was seen
	Facts      Facts
	Lines      int64 // of the log
	Bytes      int64
	Cut        bool // the log is longer than MaxLog; the rest was not read
}

// Finding is an entry that the log speaks for.
type Finding struct {
	Entry *glossary.Entry
	Score float64 // how much it is proved, 0 to 1
	Lines []Line  // that speak for it, in their order
	Why   string  // a sentence about the score
}

// Line is a line of the log, cleaned.
type Line struct {
	Number int64  `json:"line"`
	Text   string `json:"text"`
}

// Best is the entry that the log is about; nil if that is not known.
func (d *Diagnosis) Best() *glossary.Entry {
	if d.Confidence == Unknown {
		return nil
	}
	return d.Findings[0].Entry
}

// diagnose weighs what was found.
func (x *reading) diagnose() Diagnosis {
	d := Diagnosis{Lines: x.lines}
	cases := x.cases()
	for i := range cases {
		if c := &cases[i]; c.score > 0 {
			d.Findings = append(d.Findings, c.finding())
		}
	}
	d.Confidence = confidence(d.Findings)
	d.Facts = x.facts(cases)
	return d
}

// cases are the entries that the log speaks for, best first.
func (x *reading) cases() []evidence {
	of := make([]evidence, len(x.m.entries))
	for i := range of {
		of[i].entry = x.m.entries[i]
	}
	for i, hits := range x.hits {
		p := &x.m.patterns[i]
		if p.kind == states {
			continue
		}
		e := &of[p.of]
		for _, h := range hits {
			if p.kind == excepts {
				e.excepted = append(e.excepted, h.line)
			} else {
				e.events = append(e.events, event{hit: h, pattern: i, weight: p.weight})
			}
		}
	}
	of = slices.DeleteFunc(of, func(e evidence) bool { return len(e.events) == 0 })
	for i := range of {
		of[i].weigh()
	}
	of = slices.DeleteFunc(of, func(e evidence) bool { return e.score == 0 })
	slices.SortStableFunc(of, better)
	return of
}

// grades are in how many steps scores are compared.
const grades = 25

// better orders what the log speaks for. Of equals the one that is seen first
// is nearer to the cause.
func better(a, b evidence) int {
	grade := func(e *evidence) int { return int(math.Round(e.score * grades)) }
	return cmp.Or(cmp.Compare(grade(&b), grade(&a)), cmp.Compare(a.first(), b.first()), cmp.Compare(b.score, a.score))
}

// What makes a confidence: how much is proved, and by how much the best is
// ahead of the next.
const (
	sureScore   = 0.87
	likelyScore = 0.5
	sureLead    = 0.1
)

func confidence(f []Finding) Confidence {
	switch {
	case len(f) == 0 || f[0].Score < likelyScore:
		return Unknown
	case f[0].Score >= sureScore && (len(f) == 1 || f[0].Score-f[1].Score >= sureLead):
		return Sure
	}
	return Likely
}
