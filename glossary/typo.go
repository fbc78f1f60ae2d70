package glossary

import "strings"

// What it costs to read a word of the query as a known word.
const (
	costPrefix    = 1  // begun
	costTypo      = 10 // for each slip
	costShortened = 16 // letters left out: "attn", "ctx"
	noMatch       = 1 << 20
)

// wordCost says how far a known word is from the one typed.
func wordCost(typed, known string) int {
	switch {
	case typed == known:
		return 0
	case strings.HasPrefix(known, typed):
		return costPrefix + min(6, (len(known)-len(typed))/2)
	}
	cost := noMatch
	if slips, ok := typos(typed, known); ok {
		cost = costTypo * slips
	}
	if shortened(typed, known) {
		cost = min(cost, costShortened)
	}
	return cost
}

// typos counts the slips between a typed word and a known one, or its
// beginning; one for every three letters is forgiven.
func typos(typed, known string) (int, bool) {
	allowed := min(3, len(typed)/3)
	if allowed == 0 || len(known) < len(typed)-allowed {
		return 0, false
	}
	best := allowed + 1
	for _, cut := range []int{len(typed) - 1, len(typed), len(typed) + 1, len(known)} {
		if cut > len(known) || cut < len(typed)-allowed || cut > len(typed)+allowed {
			continue
		}
		d := slips(typed, known[:cut])
		if cut < len(known) {
			d++ // and the word is only begun
			if typed[0] != known[0] {
				continue
			}
		}
		best = min(best, d)
	}
	return best, best <= allowed
}

// shortened tells whether a word was typed without some of its letters:
// "attn" for attention, "ctx" for context.
func shortened(typed, known string) bool {
	if len(typed) < 3 || len(typed) >= len(known) || typed[0] != known[0] {
		return false
	}
	for _, c := range []byte(typed) {
		i := strings.IndexByte(known, c)
		if i < 0 {
			return false
		}
		known = known[i+1:]
	}
	return true
}

// wholeTypos compares names without their spaces, for words run together or
// apart; one slip for every four letters is forgiven.
func wholeTypos(typed, known string) (int, bool) {
	allowed := min(3, len(typed)/4)
	if allowed == 0 || max(len(typed)-len(known), len(known)-len(typed)) > allowed {
		return 0, false
	}
	d := slips(typed, known)
	return d, d <= allowed
}

// slips is the least number of letters put in, left out, changed or swapped
// with their neighbour (the optimal string alignment distance), in bytes.
func slips(a, b string) int {
	const most = 64
	a, b = a[:min(most, len(a))], b[:min(most, len(b))]
	var rows [3][most + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, twoAbove := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], twoAbove[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
