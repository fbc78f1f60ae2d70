package detect

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestText bounds what a driver's text may take on a screen, in runes.
const longestText = 200

// clean makes a driver's or a file's text fit for a terminal: no control or
// direction-changing characters, no broken UTF-8, spaces folded, bounded.
func clean(s string) string { return printable(s, longestText) }

// printable is clean with a bound of its own, in runes.
func printable(s string, longest int) string {
	var b strings.Builder
	runes := 0
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			continue
		}
		if space {
			b.WriteByte(' ')
			runes++
			space = false
		}
		if runes >= longest {
			break
		}
		b.WriteRune(r)
		runes++
	}
	return strings.TrimRight(b.String(), " ")
}

// whole reads a decimal or 0x-hexadecimal whole number that is not negative.
func whole(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	base := 10
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		s, base = rest, 16
	}
	n, err := strconv.ParseInt(s, base, 64)
	return n, err == nil && n >= 0
}

// decimal reads a finite number that is not negative.
func decimal(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return v, err == nil && v >= 0 && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// sizeOf is n units of 2^shift bytes, not known when that is no int64.
func sizeOf(n int64, shift uint) (int64, bool) {
	if n < 0 || n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}
