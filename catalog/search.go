package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sahilm/fuzzy"
)

// Match is one record that a query found.
type Match struct {
	Index   int   // into Catalog.Models or Catalog.Devices
	Matched []int // byte indexes into the record's Name, ascending
	Score   int   // the higher the better
}

// SearchModels finds the models that hold every word of the query, in any
// order, best first: in the name before anything else, but also in id, aliases,
// maker and uses. Where nothing holds them all, names that hold their letters
// in order are taken. An empty query finds every model, in catalog order.
func (c *Catalog) SearchModels(query string) []Match { return c.modelShelf().search(query) }

// SearchDevices does for devices what SearchModels does for models; vendor,
// generation and memory sizes ("24gb") count too.
func (c *Catalog) SearchDevices(query string) []Match { return c.deviceShelf().search(query) }

// entry is a record as the search sees it.
type entry struct {
	id    string
	name  string
	main  text // the name
	other text // whatever else a user may type for it
	key   string
	order string // sorts equals: the greater first
}

// shelf is all entries of one kind.
type shelf struct {
	kind    string // "model", "device"
	entries []entry
	names   []string         // of entries, for the fuzzy search
	exact   []map[string]ids // by key; an earlier map counts before a later one
	filler  map[string]bool  // words that say nothing about which record is meant
}

type ids []int

// hit is an entry with what decides its place.
type hit struct {
	index   int
	rank    int // sum over the terms
	missing int // weight of the words of the name that no term touched
	matched []int
	inside  bool // a term sits inside a word only: too little to decide on
}

func (h hit) score() int { return h.rank*100 - h.missing*10 }

const maxQuery = 256 // bytes of a query that are looked at

func (s *shelf) search(query string) []Match {
	query = query[:min(len(query), maxQuery)]
	list := terms(query)
	if len(list) == 0 {
		if strings.TrimSpace(query) != "" {
			return nil
		}
		return s.all()
	}
	hits := s.find(list)
	if len(hits) == 0 {
		hits = s.findLetters(list)
	}
	whole := key(query)
	matches := make([]Match, len(hits))
	for i, h := range hits {
		slices.Sort(h.matched)
		matches[i] = Match{Index: h.index, Matched: slices.Compact(h.matched), Score: h.score()}
		if s.entries[h.index].key == whole {
			matches[i].Score += 1 << 20
		}
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	return matches
}

func (s *shelf) all() []Match {
	matches := make([]Match, len(s.entries))
	for i := range matches {
		matches[i].Index = i
	}
	return matches
}

// find returns the entries that hold every term, best first.
func (s *shelf) find(list []string) []hit {
	var hits []hit
	var touched []bool
	for i := range s.entries {
		e := &s.entries[i]
		touched = append(touched[:0], make([]bool, len(e.main.weights))...)
		h, ok := s.match(e, list, touched)
		if !ok {
			continue
		}
		h.index = i
		for w, weight := range e.main.weights {
			if !touched[w] {
				h.missing += weight
			}
		}
		hits = append(hits, h)
	}
	slices.SortFunc(hits, s.compare)
	return hits
}

// compare orders hits: rank, then the fewest words left over, then the newest
// record, then the shortest name.
func (s *shelf) compare(a, b hit) int {
	x, y := &s.entries[a.index], &s.entries[b.index]
	return cmp.Or(cmp.Compare(b.score(), a.score()), strings.Compare(y.order, x.order),
		cmp.Compare(len(x.name), len(y.name)), cmp.Compare(a.index, b.index))
}

func (s *shelf) match(e *entry, list []string, touched []bool) (hit, bool) {
	var h hit
	for n, term := range list {
		rank, begin, end := e.main.find(term)
		if rank == rankNone {
			r, _, _ := e.other.find(term)
			if r < rankPrefix && !s.filler[term] {
				return h, false
			}
			h.rank += r / 4
			continue
		}
		h.rank += rank
		h.inside = h.inside || rank <= rankInside
		if n == 0 && e.main.word[begin] == 0 {
			h.rank++ // the name begins as the query does
		}
		for i := begin; i < end; i++ {
			h.matched = append(h.matched, int(e.main.from[i]))
			touched[e.main.word[i]] = true
		}
	}
	return h, true
}

// findLetters returns the entries whose names hold the letters of every term
// in order, for a query with a letter left out. Terms with digits must stand
// as they are: "8b" is no near miss of "80b".
func (s *shelf) findLetters(list []string) []hit {
	found := make(map[int]hit)
	for n, term := range list {
		now := make(map[int]hit)
		for _, m := range fuzzy.Find(term, s.names) {
			h, before := found[m.Index]
			if n > 0 && !before || !s.digitsHold(m.Index, term) {
				continue
			}
			h.index = m.Index
			h.rank += m.Score
			h.matched = append(h.matched, m.MatchedIndexes...)
			now[m.Index] = h
		}
		found = now
	}
	hits := make([]hit, 0, len(found))
	for _, h := range found {
		hits = append(hits, h)
	}
	slices.SortFunc(hits, s.compare)
	return hits
}

func (s *shelf) digitsHold(i int, term string) bool {
	if !strings.ContainsAny(term, "0123456789") {
		return true
	}
	e := &s.entries[i]
	for _, number := range numbers(term) {
		if rank, _, _ := e.main.find(number); rank == rankNone {
			return false
		}
	}
	return true
}

// numbers cuts a term into its numbers with the letters that follow:
// "lama3.18b" has "3.18b".
func numbers(term string) []string {
	var list []string
	for i := 0; i < len(term); i++ {
		if !isDigit(term[i]) {
			continue
		}
		j := i
		for j < len(term) && (isDigit(term[j]) || term[j] == '.') {
			j++
		}
		for j < len(term) && !isDigit(term[j]) {
			j++
		}
		list = append(list, term[i:j])
		i = j - 1
	}
	return list
}

// memoryWords writes memory sizes as people type them: "24gb".
func memoryWords(d *Device) string {
	var b strings.Builder
	for _, gb := range append([]float64{d.MemoryGB}, d.MemoryOptionsGB...) {
		b.WriteString(" " + strconv.FormatFloat(gb, 'f', -1, 64) + "gb")
	}
	return b.String()
}
