package fix

import (
	"fmt"
	"strings"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// Numbers says in sentences what memory a log speaks of.
func (f *Facts) Numbers() []string {
	var out []string
	switch {
	case f.Wanted > 0 && f.Free > 0 && f.Free < f.Wanted:
		out = append(out, fmt.Sprintf("%s wanted, %s free: %s short.", units.Bytes(f.Wanted), units.Bytes(f.Free), units.Bytes(f.Wanted-f.Free)))
	case f.Wanted > 0 && f.Free > 0:
		out = append(out, fmt.Sprintf("%s wanted, %s free: enough in all, but not in one piece, or not for this process.", units.Bytes(f.Wanted), units.Bytes(f.Free)))
	case f.Wanted > 0:
		out = append(out, fmt.Sprintf("%s wanted.", units.Bytes(f.Wanted)))
	case f.Free > 0:
		out = append(out, fmt.Sprintf("%s free.", units.Bytes(f.Free)))
	}
	if f.Total > 0 {
		out = append(out, fmt.Sprintf("The device has %s.", units.Bytes(f.Total)))
	}
	return out
}

// Lines says in sentences what the model takes as the log had it.
func (a *Advice) Lines() []string {
	where := a.Rig.Name
	if !a.OfLog {
		where = "your machine (" + where + ")"
	}
	s, b := &a.Settings, &a.Budget
	out := []string{fmt.Sprintf("%s at %s with %s tokens of context takes %s in %s. On %s it %s.",
		a.Model.Name, s.Quant, units.Count(s.Ctx), units.Bytes(b.Totals.Total), b.Runtime, where, strings.TrimSuffix(lowerFirst(reason(b)), " on "+a.Rig.Name))}
	switch {
	case b.Verdict == sizing.Comfortable || b.Verdict == sizing.Tight:
		if a.OfLog {
			out = append(out, "If memory ran out all the same, something else held it: look at what the device already has in use.")
		}
	case len(a.Options) == 0:
		out = append(out, "No single change of context, precision or placement makes it fit there.")
	}
	for _, n := range a.Notes {
		out = append(out, strings.ToUpper(n[:1])+n[1:]+".")
	}
	return out
}

// reason is a verdict in words.
func reason(b *sizing.Budget) string {
	if b.Reason != "" {
		return b.Reason
	}
	return string(b.Verdict)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
