package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// floatNames are other words for the types that do not quantise.
//
//nolint:gochecknoglobals // a table, never written
var floatNames = map[string]string{"fp32": "F32", "float32": "F32", "fp16": "F16", "float16": "F16", "half": "F16", "bfloat16": "BF16"}

// Quant finds a file type by its name, however it is spelled ("q4km"), by the
// start of one ("q6"), or by its bits ("8bit"), if only one fits. The error is
// a *NotFoundError or an *AmbiguousError, common types first.
func (c *Catalog) Quant(name string) (*Quant, error) {
	k := quantKey(name)
	if full, ok := floatNames[k]; ok {
		k = quantKey(full)
	}
	if k == "" || len(k) > maxQuoted {
		return nil, &NotFoundError{Kind: "quant", Name: name, Candidates: quantIDs(c.common())}
	}
	var starts []*Quant
	for _, q := range c.Quants {
		id := quantKey(q.ID)
		if id == k {
			return q, nil
		}
		if strings.HasPrefix(id, k) {
			starts = append(starts, q)
		}
	}
	if len(starts) == 0 {
		starts = c.quantsByBits(k)
	}
	switch len(starts) {
	case 0:
		return nil, &NotFoundError{Kind: "quant", Name: name, Candidates: quantIDs(c.nearestQuants(k))}
	case 1:
		return starts[0], nil
	default:
		return nil, &AmbiguousError{Kind: "quant", Name: name, Candidates: quantIDs(commonFirst(starts))}
	}
}

// quantKey takes letters and digits alone: "Q4_K_M" and "q4-k-m" are "q4km".
func quantKey(s string) string { return dotless(key(s)) }

// quantsByBits understands "4bit", "int4" and "4".
func (c *Catalog) quantsByBits(k string) []*Quant {
	bits := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(k, "int"), "s"), "bit")
	if bits == "" || strings.Trim(bits, "0123456789") != "" {
		return nil
	}
	var list []*Quant
	for _, q := range c.Quants {
		if named, _, _ := strings.Cut(strings.TrimLeft(q.ID, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "_"); named == bits {
			list = append(list, q)
		}
	}
	return list
}

func (c *Catalog) common() []*Quant {
	var list []*Quant
	for _, q := range c.Quants {
		if q.Common {
			list = append(list, q)
		}
	}
	return list
}

func (c *Catalog) nearestQuants(k string) []*Quant {
	list := slices.Clone(c.Quants)
	distance := func(q *Quant) int { return levenshtein.ComputeDistance(k, quantKey(q.ID)) }
	slices.SortStableFunc(list, func(a, b *Quant) int { return cmp.Compare(distance(a), distance(b)) })
	return list[:min(len(list), maxNearest)]
}

func commonFirst(list []*Quant) []*Quant {
	slices.SortStableFunc(list, func(a, b *Quant) int {
		switch {
		case a.Common == b.Common:
			return 0
		case a.Common:
			return -1
		default:
			return 1
		}
	})
	return list
}

func quantIDs(list []*Quant) []string {
	out := make([]string, 0, maxCandidates)
	for _, q := range list[:min(len(list), maxCandidates)] {
		out = append(out, q.ID)
	}
	return out
}
