package sizing

import (
	"errors"
	"strings"
	"testing"
)

// TestGuess checks that an unknown architecture is refused by name, and with
// the flag sized by the common form, each step an estimate.
func TestGuess(t *testing.T) {
	c, e := world(t)
	rig := &Rig{GPUs: []GPU{BareGPU(24<<30, 0)}, Host: DefaultHost()}
	known := modelNamed(t, c, "llama-3.1-8b")
	for what, arch := range map[string]string{"unknown": "quetzalcoatl", "not loaded": ""} {
		m := *known
		m.GGUFArch, m.HFArch = arch, "QuetzalcoatlForCausalLM"
		s := Defaults("Q4_K_M", 4096)
		var bad *RequestError
		if _, err := e.Estimate(&m, s, rig); !errors.As(err, &bad) || !strings.Contains(strings.ToLower(err.Error()), "quetzalcoatl") {
			t.Errorf("%s: %v, want it refused by name", what, err)
		}
		s.Guess = true
		b := estimate(t, e, &m, s, rig)
		want := estimate(t, e, known, Defaults("Q4_K_M", 4096), rig)
		if b.Totals != want.Totals {
			t.Errorf("%s: guessed %+v, the same layers of a known architecture take %+v", what, b.Totals, want.Totals)
		}
		if len(b.Warnings) == 0 || !strings.Contains(b.Warnings[0], "guess") {
			t.Errorf("%s: warnings %q, want one that says it is a guess", what, b.Warnings)
		}
		steps, err := e.Explain(&m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range steps {
			if st.Bytes != 0 && st.Label != Estimated {
				t.Errorf("%s: %s is labelled %s", what, st.Term, st.Label)
			}
		}
	}
	s := Defaults("Q4_K_M", 4096)
	s.Guess = true
	if b := estimate(t, e, known, s, rig); strings.Contains(strings.Join(b.Warnings, "; "), "guess") {
		t.Errorf("a known architecture is no guess: %q", b.Warnings)
	}
}
