// Package units writes numbers the way runlocal prints them: everywhere the
// same, so that a figure on the screen, in a text and in a command's output
// can be compared. It is pure and imports nothing of runlocal.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes prints a size in binary units with three significant digits or so:
// "512 B", "128 KiB", "6.35 GiB", "31.7 GiB". Negative sizes keep their sign.
func Bytes(b int64) string {
	n, unit := scale(b)
	return n + " " + unit
}

// GiB prints a size in GiB with two digits after the point and without a
// unit, for columns that name the unit once.
func GiB(b int64) string { return strconv.FormatFloat(float64(b)/(1<<30), 'f', 2, 64) }

// scale splits a size into its number and unit. The unit is chosen after
// rounding, so that 1023.99 MiB reads 1.00 GiB and never 1024 MiB.
func scale(b int64) (string, string) {
	sign := ""
	v := float64(b)
	if v < 0 {
		sign, v = "-", -v
	}
	unitNames := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i := 0
	for ; i < len(unitNames)-1 && roundTo(v, digits(v, i)) >= 1024; i++ {
		v /= 1024
	}
	return sign + strconv.FormatFloat(v, 'f', digits(v, i), 64), unitNames[i]
}

// digits is how many places after the point a value of unit i gets.
func digits(v float64, i int) int {
	switch {
	case i == 0:
		return 0
	case i < 3: // KiB and MiB: whole numbers, but for small ones
		if v < 9.995 && v != math.Trunc(v) {
			return 2
		}
		if v < 99.95 && v != math.Trunc(v) {
			return 1
		}
		return 0
	case v < 9.995:
		return 2
	default:
		return 1
	}
}

func roundTo(v float64, places int) float64 {
	p := math.Pow10(places)
	return math.Round(v*p) / p
}

// Count prints a whole number with commas: "131,072".
func Count[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// Context prints a context length short: "512", "8K", "131K" for lengths that
// are no multiple of 1,024, "128K", "1M".
func Context(tokens int) string {
	switch {
	case tokens < 1024:
		return strconv.Itoa(tokens)
	case tokens%(1<<20) == 0:
		return strconv.Itoa(tokens>>20) + "M"
	case tokens >= 10<<20:
		return fmt.Sprintf("%.1fM", float64(tokens)/(1<<20))
	case tokens%1024 == 0:
		return strconv.Itoa(tokens>>10) + "K"
	default:
		return fmt.Sprintf("%.1fK", float64(tokens)/1024)
	}
}

// Params prints a parameter count: "8.03B", "494M", "1.03T".
func Params(n int64) string {
	v := float64(n)
	switch {
	case v >= 999.5e9:
		return fmt.Sprintf("%.2fT", v/1e12)
	case v >= 99.95e9:
		return fmt.Sprintf("%.0fB", v/1e9)
	case v >= 9.995e9:
		return fmt.Sprintf("%.1fB", v/1e9)
	case v >= 999.5e6:
		return fmt.Sprintf("%.2fB", v/1e9)
	default:
		return fmt.Sprintf("%.0fM", v/1e6)
	}
}

// Rate prints tokens a second with two or three digits: "0.8", "12", "158",
// "6,200".
func Rate(tokensPerSecond float64) string {
	v := tokensPerSecond
	switch {
	case v < 9.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v < 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		return Count(int64(math.Round(v/100) * 100))
	}
}

// Band prints a range of rates, "≈112–131", or one number where both ends
// print alike.
func Band(low, high float64) string {
	l, h := Rate(low), Rate(high)
	if l == h {
		return "≈" + l
	}
	return "≈" + l + "–" + h
}
