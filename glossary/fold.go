package glossary

import (
	"strings"
	"unicode"
)

// fold keeps the letters and digits of a name, in small letters: "k/v cache"
// and "KV-Cache" are both "kvcache".
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// words splits a name or a query into its folded words: "Q4_K_M files" is
// q4, k, m, files.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
