package glossary

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"
)

// Hit is one answer of a search.
type Hit struct {
	Entry   *Entry
	Matched []int  // byte indexes into the title of the letters that match
	Via     string // the alias that matched better than the title; may be ""
	Score   int    // larger is better; comparable within one search
}

// maxQuery is how much of a query is looked at, bytes.
const maxQuery = 100

// Search finds entries by title, alias and text, best first. The order is the
// one of a reader's expectation: a name typed in full, a name begun, words
// begun, words misspelt or shortened, letters scattered over a title, words
// of the text. An empty query returns every entry by title.
func (g *Glossary) Search(text string) []Hit {
	index := g.index()
	q := newQuery(text, &index.vocabulary)
	hits := make([]Hit, 0, len(g.entries))
	for i, e := range g.entries {
		if h, ok := q.match(e, &index.entries[i]); ok {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	for i := range hits {
		hits[i].Matched = q.marks(hits[i].Entry.Title)
	}
	return hits
}

// index is what a search looks at.
type index struct {
	vocabulary vocabulary
	entries    []names // as the glossary's
}

func newIndex(entries []*Entry) *index {
	x := &index{vocabulary: vocabulary{at: make(map[string]int)}, entries: make([]names, 0, len(entries))}
	for _, e := range entries {
		x.entries = append(x.entries, x.vocabulary.namesOf(e))
	}
	return x
}

// names is what a search looks at in one entry.
type names struct {
	all  []name // the title first
	text string // folded words with one space around each
	lead string // the same of the lead alone
}

// name is a title or an alias.
type name struct {
	raw      string
	folded   string
	initials string
	words    []int // into the vocabulary
}

// vocabulary is every word of every name once, so that a query's words are
// compared with each only once.
type vocabulary struct {
	words []string
	at    map[string]int
}

func (v *vocabulary) add(word string) int {
	i, ok := v.at[word]
	if !ok {
		i = len(v.words)
		v.words = append(v.words, word)
		v.at[word] = i
	}
	return i
}

// namesOf prepares an entry for searching.
func (v *vocabulary) namesOf(e *Entry) names {
	var n names
	for _, raw := range append([]string{e.Title, e.ID}, e.Aliases...) {
		if len(n.all) > 0 && fold(raw) == n.all[0].folded {
			continue
		}
		one := name{raw: raw, folded: fold(raw)}
		for _, w := range words(raw) {
			one.initials += string([]rune(w)[:1])
			one.words = append(one.words, v.add(w))
		}
		n.all = append(n.all, one)
	}
	n.text, n.lead = spaced(e.body.pieces), spaced(e.body.pieces[:e.lead])
	return n
}

// spaced is the text as words with one space around each, so that " word"
// finds the beginning of one.
func spaced(pieces []piece) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, p := range pieces {
		for _, w := range words(p.text) {
			b.WriteString(w)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// marks are the letters of a title that the query's words match.
func (q *query) marks(title string) []int {
	var marked []int
	for _, w := range q.words {
		if found := fuzzy.Find(w.text, []string{title}); len(found) == 1 {
			marked = append(marked, found[0].MatchedIndexes...)
		}
	}
	slices.Sort(marked)
	return slices.Compact(marked)
}

// Sure tells whether the hit is a name, typed in full, begun, shortened or
// misspelt, and not just words of the text.
func (h Hit) Sure() bool { return h.Score >= scoreTypo-250 }
