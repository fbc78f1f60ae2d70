package fix

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzRead(f *testing.F) {
	x := theWorld(f)
	for i, c := range logCases(f, "testdata/*/*.txt") {
		if i%8 == 0 { // each seed is run by every plain test, too
			f.Add([]byte(c.log))
		}
	}
	f.Add([]byte("\x1b[31mCUDA out of memory. Tried to allocate 9e99 GiB\r\n\x00"))
	f.Add([]byte(startedWith))
	f.Fuzz(func(t *testing.T, log []byte) {
		d, err := x.matcher.Read(bytes.NewReader(log))
		if err != nil {
			t.Fatal(err)
		}
		if d.Confidence != Unknown && (d.Best() == nil || d.Findings[0].Score < likelyScore) {
			t.Errorf("%s without proof: %+v", d.Confidence, d.Findings)
		}
		for _, found := range d.Findings {
			for _, l := range found.Lines {
				if strings.ContainsAny(l.Text, "\x1b\n\r\x00") || len(l.Text) > 2*mostShown || l.Number < 1 || l.Number > d.Lines {
					t.Errorf("line %d of %d: %q", l.Number, d.Lines, l.Text)
				}
			}
		}
		a := Advise(&d.Facts, x.engine, x.catalog, nil)
		if a != nil && len(a.Lines()) == 0 {
			t.Error("advice that says nothing")
		}
	})
}
