package fix

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Bounds of the texts that are looked for before an expression is tried.
const (
	leastLiteral = 3  // bytes; shorter ones are in every line
	mostClauses  = 4  // of an expression
	mostChoices  = 48 // of a clause
)

// A clause is a choice of texts in small letters: every match of its
// expression contains at least one of them.
type clause []string

// clauses returns what every match of an expression contains, the clause that
// says most first; none if nothing is certain.
func clauses(expr string) []clause {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	all := required(re.Simplify())
	all = slices.DeleteFunc(all, func(c clause) bool { return c.worth() < leastLiteral || len(c) > mostChoices })
	slices.SortStableFunc(all, func(a, b clause) int { return cmp.Compare(b.worth(), a.worth()) })
	return all[:min(len(all), mostClauses)]
}

// required is what a match must contain: one text of each clause.
func required(re *syntax.Regexp) []clause {
	switch re.Op {
	case syntax.OpLiteral:
		return []clause{{strings.ToLower(string(re.Rune))}}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min == 0 {
			return nil
		}
		return required(re.Sub[0])
	case syntax.OpConcat:
		var all []clause
		for _, sub := range re.Sub {
			all = append(all, required(sub)...)
		}
		return all
	case syntax.OpAlternate:
		return either(re.Sub)
	default: // what may be empty, or is any of many letters
		return nil
	}
}

// either is the clause of an alternation: the best one of each branch, joined.
func either(branches []*syntax.Regexp) []clause {
	var joined clause
	for _, sub := range branches {
		all := required(sub)
		if len(all) == 0 {
			return nil
		}
		joined = append(joined, slices.MaxFunc(all, func(a, b clause) int { return cmp.Compare(a.worth(), b.worth()) })...)
	}
	return []clause{joined}
}

// worth is the length of the shortest choice, bytes.
func (c clause) worth() int {
	least := 0
	for i, s := range c {
		if i == 0 || len(s) < least {
			least = len(s)
		}
	}
	return least
}

// instructions is how long the program of an expression is: what a step over
// one byte may cost at most.
func instructions(expr string) int {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0
	}
	return len(prog.Inst)
}
