package sizing

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"runlocal/catalog"
)

// halfLife is the age at which a model of a size counts half: models of one
// size get better by the year. A rule of thumb for the order of lists, not a
// measurement.
const halfLife = 12 // months

// merit orders models of the same standing: the geometric mean of all and of
// the active parameters, 10^9, halved for every year that the model is older
// than the newest of the catalog.
func (e *Engine) merit(c *compiled) float64 {
	m := c.model
	size := math.Sqrt(float64(m.ActiveParams) / 1e9 * float64(m.PublishedParams) / 1e9)
	age := max(0, e.newest-month(m.Released))
	return size * math.Exp2(-float64(age)/halfLife)
}

// month counts the months of a date written as year-month; 0 if it is not.
func month(date string) int {
	y, m, ok := strings.Cut(date, "-")
	year, err1 := strconv.Atoi(y)
	mon, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil {
		return 0
	}
	return 12*year + mon
}

func newestOf(models []*catalog.Model) int {
	n := 0
	for _, m := range models {
		n = max(n, month(m.Released))
	}
	return n
}

// Compare orders two rankings for a list, best first: by standing, then by
// merit.
func (r Ranking) Compare(o Ranking) int {
	return cmp.Or(cmp.Compare(r.Standing, o.Standing), cmp.Compare(o.Merit, r.Merit))
}
