package models

import "strings"

// The classes of licences, by what one may do.
const (
	licenceOpen    = "open source"
	licenceOwn     = "maker's own terms"
	licenceNoSale  = "non-commercial"
	licenceUnknown = "not known"
)

// licenceClass sorts a licence by the words of its name. It is a reading aid
// and no legal advice: whoever ships something reads the licence.
func licenceClass(licence string) string {
	l := strings.ToLower(licence)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(l, w) {
				return true
			}
		}
		return false
	}
	switch {
	case l == "" || l == "unknown":
		return licenceUnknown
	case has("-nc", "nc-", "non-commercial", "nscl", "research", "mnpl", "non-production"):
		return licenceNoSale
	case has("(weights", "(code"): // code and weights differ: the weights decide
		return licenceOwn
	case strings.HasPrefix(l, "apache") || l == "mit" || has("bsd", "cc-by-4", "cc-by-sa", "cc0"):
		return licenceOpen
	default:
		return licenceOwn
	}
}
