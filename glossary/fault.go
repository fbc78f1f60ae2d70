package glossary

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Fault is what an error or a symptom is known by.
type Fault struct {
	Runtimes []string  `yaml:"runtimes"` // who prints it: "llama.cpp", "ollama" …
	Layer    string    `yaml:"layer"`    // where it comes from, one of Layers
	Patterns []Pattern `yaml:"patterns"`
	Unless   []string  `yaml:"unless"` // lines that show that it is something else
}

// Pattern is an expression that a line of a log matches, and how much that
// proves: 10 says that this line alone is enough.
type Pattern struct {
	Match  string `yaml:"match"`
	Weight int    `yaml:"weight"`
}

// Layers are where an error can come from.
func Layers() []string {
	return []string{"driver", "library", "allocator", "loader", "runtime", "server", "network", "container", "system"}
}

// patternGroups are the names of what a pattern may pick out of a line. A
// number with a unit is "23.64 GiB"; the others are bare.
func patternGroups() []string {
	return []string{
		"wanted", "free", "total",
		"wanted_bytes", "free_bytes", "total_bytes", "wanted_kib", "free_kib", "total_kib",
		"wanted_mib", "free_mib", "total_mib", "wanted_gib", "free_gib", "total_gib",
		"ctx", "model", "quant", "layers", "port", "version",
	}
}

const (
	maxPattern = 500 // bytes of an expression
	maxWeight  = 10
)

func (f *Fault) check(kind string, p *problems) {
	if !slices.Contains(Layers(), f.Layer) {
		p.key("layer:", "layer %q is none of %s", f.Layer, strings.Join(Layers(), ", "))
	}
	if len(f.Runtimes) == 0 {
		p.key("runtimes:", "runtimes is missing: who prints it")
	}
	if kind == "error" && len(f.Patterns) == 0 {
		p.key("patterns:", "an error without patterns is never found")
	}
	for _, one := range f.Patterns {
		if one.Weight < 1 || one.Weight > maxWeight {
			p.key(one.Match, "pattern %q: weight %d is not 1 to %d", one.Match, one.Weight, maxWeight)
		}
	}
}

// Compile compiles the expressions of Patterns and of Unless, in their order.
// They ignore letter case. The error joins all that are wrong.
func (f *Fault) Compile() (patterns, unless []*regexp.Regexp, err error) {
	var wrong []error
	all := func(sources []string) []*regexp.Regexp {
		out := make([]*regexp.Regexp, 0, len(sources))
		for _, s := range sources {
			expr, err := compilePattern(s)
			if err != nil {
				wrong = append(wrong, fmt.Errorf("pattern %q: %w", s, err))
			}
			out = append(out, expr)
		}
		return out
	}
	matches := make([]string, 0, len(f.Patterns))
	for _, p := range f.Patterns {
		matches = append(matches, p.Match)
	}
	patterns, unless = all(matches), all(f.Unless)
	return patterns, unless, errors.Join(wrong...)
}

func compilePattern(s string) (*regexp.Regexp, error) {
	if len(s) < 4 || len(s) > maxPattern {
		return nil, fmt.Errorf("want 4 to %d characters", maxPattern)
	}
	expr, err := regexp.Compile("(?i)" + s)
	if err != nil {
		return nil, fmt.Errorf("%w (the expressions are Go's, RE2: no look-ahead, no back references)", err)
	}
	if expr.MatchString("") {
		return nil, errors.New("matches an empty line")
	}
	for _, name := range expr.SubexpNames() {
		if name != "" && !slices.Contains(patternGroups(), name) {
			return nil, fmt.Errorf("no group is called %q; there are %s", name, strings.Join(patternGroups(), ", "))
		}
	}
	return expr, nil
}
