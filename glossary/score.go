package glossary

import (
	"strings"

	"github.com/sahilm/fuzzy"
)

// The steps of the ranking. Within a step, less left over is better.
const (
	scoreExact    = 1000
	scorePrefix   = 900
	scoreWords    = 800 // every word begins a word of the name
	scoreInitials = 780
	scoreTypo     = 720 // the same with words misspelt or shortened
	scoreLetters  = 400 // letters in order, scattered over the title
	scoreText     = 200
	aliasCosts    = 4 // a title before an alias that matches equally well
)

// query is a search text made ready.
type query struct {
	text   string
	folded string
	words  []queryWord
}

// queryWord is one word of the query and what each word of the vocabulary
// costs to be read as it; noMatch where it can't.
type queryWord struct {
	text  string
	costs []int
}

func newQuery(text string, v *vocabulary) *query {
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
	}
	q := &query{text: strings.ToLower(strings.TrimSpace(text)), folded: fold(text)}
	for _, w := range words(text) {
		one := queryWord{text: w, costs: make([]int, len(v.words))}
		for i, known := range v.words {
			one.costs[i] = wordCost(w, known)
		}
		q.words = append(q.words, one)
	}
	return q
}

// match rates an entry; false when nothing in it matches.
func (q *query) match(e *Entry, n *names) (Hit, bool) {
	if len(q.words) == 0 {
		return Hit{Entry: e}, true
	}
	best := Hit{Entry: e}
	for i := range n.all {
		s := q.nameScore(&n.all[i])
		if i > 0 && s > 0 {
			s -= aliasCosts
		}
		if s > best.Score {
			best.Score, best.Via = s, ""
			if i > 0 {
				best.Via = n.all[i].raw
			}
		}
	}
	if s := q.textScore(n); s > best.Score {
		best.Score, best.Via = s, ""
	}
	return best, best.Score > 0
}

// nameScore rates one name; 0 when it does not match.
func (q *query) nameScore(n *name) int {
	if q.folded == n.folded {
		return scoreExact
	}
	left := max(0, len(n.folded)-len(q.folded))
	if strings.HasPrefix(n.folded, q.folded) {
		return scorePrefix - min(90, left)
	}
	if len(q.folded) > 1 && q.folded == n.initials {
		return scoreInitials
	}
	if cost, ok := q.wordsCost(n); ok {
		extra := max(0, len(n.words)-len(q.words))
		if cost < costTypo {
			return scoreWords - 6*extra - 2*cost
		}
		return scoreTypo - min(250, 4*cost+6*extra)
	}
	if d, ok := wholeTypos(q.folded, n.folded); ok {
		return scoreTypo - 40*d
	}
	if found := fuzzy.Find(q.text, []string{n.raw}); len(found) == 1 && found[0].Score > 0 {
		return scoreLetters + min(200, found[0].Score)
	}
	return 0
}

// wordsCost sums what each word of the query costs in the name; false when a
// word has no place there.
func (q *query) wordsCost(n *name) (int, bool) {
	sum, last := 0, -1
	for _, w := range q.words {
		best, at := noMatch, -1
		for i, known := range n.words {
			if c := w.costs[known]; c < best {
				best, at = c, i
			}
		}
		if best == noMatch {
			return 0, false
		}
		if at < last {
			sum++ // out of order
		}
		sum, last = sum+best, at
	}
	return sum, true
}

// textScore rates the text: all words must begin a word there or in a name.
func (q *query) textScore(n *names) int {
	score := scoreText
	for _, w := range q.words {
		inName := false
		for i := range n.all {
			for _, known := range n.all[i].words {
				inName = inName || w.costs[known] <= costTypo
			}
		}
		times := strings.Count(n.text, " "+w.text)
		switch {
		case inName:
			score += 60
		case times == 0:
			return 0
		case strings.Contains(n.lead, " "+w.text):
			score += 20 + min(20, times)
		default:
			score += min(20, times)
		}
	}
	return min(score, scoreLetters-1)
}
