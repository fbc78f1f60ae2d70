package sizing

import (
	"fmt"
	"strings"
)

const sourceSpeed = "rates of data sheets; shares of them where measured and published runs have their middle"

// speedSteps shows how fast it is taken to run: steps without bytes.
func (x *explainer) speedSteps() []Step {
	t, p := x.decodeTime(x.out), x.prefillTime(x.out, x.prompt())
	return []Step{
		{
			Term: "decode", Label: Estimated, Source: sourceSpeed,
			Formula: "1 ÷ (reading weights + reading the cache, half full + unpacking + starting kernels + RAM + network)",
			Filled: perToken(t.total(), []part{
				{"weights", t.weights}, {"cache", t.cache}, {"unpacking", t.unpack}, {"kernels", t.launch}, {"RAM", t.host}, {"network", t.network},
			}),
		},
		{
			Term: "prefill", Label: Estimated, Source: sourceSpeed,
			Formula: "1 ÷ (matrices + attention + starting kernels + copying weights), a token of a prompt that fills half the context",
			Filled: perToken(p.total(), []part{
				{"matrices", p.matrices}, {"attention", p.attention}, {"kernels", p.launch}, {"copying", p.copies},
			}),
		},
	}
}

// part is a share of a token's time, seconds.
type part struct {
	what    string
	seconds float64
}

func perToken(total float64, parts []part) string {
	var texts []string
	for _, p := range parts {
		if p.seconds > 0 {
			texts = append(texts, duration(p.seconds)+" "+p.what)
		}
	}
	return fmt.Sprintf("1 ÷ (%s) = %s tok/s", strings.Join(texts, " + "), threeDigits(1/total))
}

// duration is a short time in the unit that gives it few digits.
func duration(seconds float64) string {
	switch {
	case seconds >= 1:
		return threeDigits(seconds) + " s"
	case seconds >= 1e-3:
		return threeDigits(seconds*1e3) + " ms"
	}
	return threeDigits(seconds*1e6) + " µs"
}

func threeDigits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
