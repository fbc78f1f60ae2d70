package sizing

import (
	"math"
	"testing"
)

// TestWeightsAgainstTheQuantiser compares the bytes of every model × file
// type with what llama.cpp's quantiser writes.
func TestWeightsAgainstTheQuantiser(t *testing.T) {
	c, e := world(t)
	rows := truthRows(t, "weights.tsv.gz")
	find := findMeasured(t, c)
	exact, close := 0, 0
	for _, r := range rows {
		m := find(r["model"])
		mix := e.mixes[r["ftype"]]
		if mix == nil {
			t.Fatalf("no mix %q", r["ftype"])
		}
		w := e.weightsFor(e.compile(m), mix, r["imatrix"] == "yes")
		want := r.num(t, "weight_bytes")
		off := float64(w.data-want) / float64(want)
		if w.data == want {
			exact++
		}
		if math.Abs(off) <= 0.005 {
			close++
		} else {
			t.Logf("%s %s imatrix %s: %d, want %d (%+.3f %%)", r["model"], r["ftype"], r["imatrix"], w.data, want, 100*off)
		}
	}
	t.Logf("%d rows: %d exact, %d within 0.5 %%", len(rows), exact, close)
	if exact != len(rows) {
		t.Errorf("%d of %d rows are not exact", len(rows)-exact, len(rows))
	}
}
