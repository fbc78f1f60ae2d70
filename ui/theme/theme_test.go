package theme_test

import (
	"strings"
	"testing"

	"runlocal/sizing"
	"runlocal/ui/theme"
)

func verdicts() []sizing.Verdict {
	return []sizing.Verdict{sizing.Comfortable, sizing.Tight, sizing.Offload, sizing.No}
}

// Verdicts are told apart by shape, by word and by colour, each alone.
func TestVerdictsDiffer(t *testing.T) {
	for name, of := range map[string]func(sizing.Verdict) string{
		"mark": theme.Mark, "word": theme.Word, "phrase": theme.Phrase,
		"dark":  func(v sizing.Verdict) string { return theme.New(true, false).Verdict(v).Render("x") },
		"light": func(v sizing.Verdict) string { return theme.New(false, false).Verdict(v).Render("x") },
	} {
		seen := map[string]sizing.Verdict{}
		for _, v := range verdicts() {
			if other, twice := seen[of(v)]; twice {
				t.Errorf("%s: %s and %s are both %q", name, v, other, of(v))
			}
			seen[of(v)] = v
		}
	}
}

func TestPartsDiffer(t *testing.T) {
	fills, styles := map[string]bool{}, map[string]bool{}
	th := theme.New(true, false)
	for _, p := range append(theme.Parts(), theme.PartFree) {
		fills[p.Fill()], styles[th.Part(p).Render("x")] = true, true
	}
	if len(fills) != 7 || len(styles) != 7 {
		t.Fatalf("%d fills and %d colours for 7 parts", len(fills), len(styles))
	}
}

// Without colour nothing may set one, and the selected row still stands out.
func TestMonoHasNoColour(t *testing.T) {
	th := theme.New(true, true)
	for name, s := range map[string]string{
		"accent": th.Accent.Render("x"), "active": th.Active.Render("x"), "dim": th.Dim.Render("x"), "error": th.Error.Render("x"),
		"selected": th.Selected.Render("x"), "match": th.Match.Render("x"), "verdict": th.Verdict(sizing.No).Render("x"),
		"part": th.Part(theme.PartKV).Render("x"),
	} {
		if strings.Contains(s, "38;") || strings.Contains(s, "48;") || strings.Contains(s, "[3") || strings.Contains(s, "[9") {
			t.Errorf("%s sets a colour: %q", name, s)
		}
	}
	if th.Selected.Render("x") == "x" || th.Active.Render("x") == "x" {
		t.Error("the selection does not show")
	}
}

func TestSetDarkIsSeen(t *testing.T) {
	th := theme.New(true, false)
	before := th.Accent.Render("x")
	th.SetDark(true)
	if th.Generation != 0 {
		t.Error("the same background raised the generation")
	}
	th.SetDark(false)
	if th.Generation != 1 || th.Accent.Render("x") == before {
		t.Error("a light background changed nothing")
	}
}
