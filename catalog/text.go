package catalog

import "strings"

// text is a name prepared for matching: only letters, digits, bytes beyond
// ASCII, plus signs ("Command R+") and the dots inside numbers are kept, in lower case, so that "RTX3090",
// "rtx-3090" and "RTX 3090" are one. Each kept byte remembers where it came
// from and which word it belongs to.
type text struct {
	chars string
	from  []uint16 // byte index in the source
	word  []uint16 // number of the word
	// weights has a number for every word: how much it counts against a match
	// that does not touch it.
	weights []int
}

// maxText bounds the part of a name that is looked at, in bytes.
const maxText = 1 << 12

func newText(s string, weight func(word string) int) text {
	s = s[:min(len(s), maxText)]
	t := text{from: make([]uint16, 0, len(s)), word: make([]uint16, 0, len(s))}
	var b strings.Builder
	b.Grow(len(s))
	inWord, begin := false, 0
	endWord := func() {
		if inWord && weight != nil {
			t.weights = append(t.weights, weight(b.String()[begin:]))
		} else if inWord {
			t.weights = append(t.weights, 0)
		}
		inWord = false
	}
	for i := range len(s) {
		c := lowerByte(s[i])
		if !isWordByte(c) && !isDecimalPoint(s, i) {
			endWord()
			continue
		}
		if !inWord {
			inWord, begin = true, b.Len()
		}
		b.WriteByte(c)
		t.from = append(t.from, uint16(i))
		t.word = append(t.word, uint16(len(t.weights)))
	}
	endWord()
	t.chars = b.String()
	return t
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isWordByte(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'z' || c == '+' || c >= 0x80 }

func isDecimalPoint(s string, i int) bool {
	return s[i] == '.' && i > 0 && i+1 < len(s) && isDigit(s[i-1]) && isDigit(s[i+1])
}

// How well a term sits in a text, worst first. Fractions of a rank are left
// for the caller.
const (
	rankNone   = 0
	rankInside = 3 // inside a word
	rankPrefix = 6 // from the start of a word or a number
	rankWhole  = 8 // a word, a number, or several of them in full
)

// find looks for the best place of a term: its rank and the range of chars.
func (t *text) find(term string) (rank, begin, end int) {
	for i := 0; i < len(t.chars); i++ {
		next := strings.IndexByte(t.chars[i:], term[0])
		if next < 0 {
			break
		}
		i += next
		to, skipped := t.matchAt(i, term)
		if to < 0 {
			continue
		}
		r := t.rank(i, to)
		if skipped && r > rankNone {
			r--
		}
		if r > rank {
			rank, begin, end = r, i, to
		}
		if rank == rankWhole {
			break
		}
	}
	return rank, begin, end
}

// matchAt compares a term with the text from i on. A decimal point that the
// term leaves out is skipped ("llama31"), and a term that starts with a letter
// may run over the border between two numbers.
func (t *text) matchAt(i int, term string) (end int, skipped bool) {
	j := i
	for k := range len(term) {
		if k > 0 && j < len(t.chars) && t.chars[j] == '.' && term[k] != '.' {
			j++
			skipped = true
		}
		if j >= len(t.chars) || t.chars[j] != term[k] {
			return -1, false
		}
		if k > 0 && isDigit(term[0]) && isDigit(term[k]) && isDigit(term[k-1]) && t.word[j] != t.word[j-1] {
			return -1, false
		}
		j++
	}
	return j, skipped
}

// rank judges the range [begin, end). A range that starts within a number is
// none at all: "8b" is not in "18b" or "1.8b".
func (t *text) rank(begin, end int) int {
	starts := begin == 0 || t.word[begin] != t.word[begin-1]
	if !starts && isDigit(t.chars[begin]) {
		if before := t.chars[begin-1]; isDigit(before) || before == '.' {
			return rankNone
		}
		starts = true
	}
	ends := end == len(t.chars) || t.word[end] != t.word[end-1] || isDigit(t.chars[end]) && !isDigit(t.chars[end-1])
	switch {
	case starts && ends:
		return rankWhole
	case starts:
		return rankPrefix
	default:
		return rankInside
	}
}

// terms splits a query into what must be found. "16 GB" and "16 GiB" become
// "16gb".
func terms(query string) []string {
	t := newText(query, nil)
	var list []string
	for i := 0; i < len(t.chars); {
		j := i + 1
		for j < len(t.chars) && t.word[j] == t.word[i] {
			j++
		}
		list = append(list, t.chars[i:j])
		i = j
	}
	return joinUnits(list)
}

func joinUnits(list []string) []string {
	out := list[:0]
	for _, term := range list {
		term = gigabytes(term)
		if n := len(out); term == "gb" && n > 0 && isDigit(out[n-1][len(out[n-1])-1]) {
			out[n-1] += term
			continue
		}
		out = append(out, term)
	}
	return out
}

// gigabytes writes "16gib" and "16g" as "16gb".
func gigabytes(term string) string {
	if rest, ok := strings.CutSuffix(term, "gib"); ok && (rest == "" || isDigit(rest[len(rest)-1])) {
		return rest + "gb"
	}
	if rest, ok := strings.CutSuffix(term, "g"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
		return rest + "gb"
	}
	return term
}

// key is what two names have in common when they differ in spelling only:
// letters, digits and decimal points.
func key(s string) string {
	s = s[:min(len(s), maxText)]
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		if c := lowerByte(s[i]); isWordByte(c) || isDecimalPoint(s, i) {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// dotless is the key without its points, for "llama31".
func dotless(key string) string { return strings.ReplaceAll(key, ".", "") }
