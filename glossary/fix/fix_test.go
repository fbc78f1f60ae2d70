package fix

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"runlocal/catalog"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
)

// world is the real guide with its matcher, loaded once.
var world = sync.OnceValues(func() (*w, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	e := sizing.NewEngine(c, runtimes.All(c)...)
	g, err := glossary.Load(e, c)
	if err != nil {
		return nil, err
	}
	m, err := New(g)
	return &w{c, e, g, m}, err
})

type w struct {
	catalog *catalog.Catalog
	engine  *sizing.Engine
	guide   *glossary.Glossary
	matcher *Matcher
}

func theWorld(tb testing.TB) *w {
	tb.Helper()
	x, err := world()
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// logCase is an excerpt of a real log and the entry that it is about.
type logCase struct {
	want   string // an entry's id, or unknown
	thread string // where it was read
	log    string
}

// unknownLogs is the file of those that no entry is about.
const unknownLogs = "unknown"

func logCases(tb testing.TB, pattern string) []logCase {
	tb.Helper()
	files, err := filepath.Glob(filepath.FromSlash(pattern))
	if err != nil || len(files) == 0 {
		tb.Fatal(files, err)
	}
	var out []logCase
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for _, f := range a.Files {
			out = append(out, logCase{strings.TrimSuffix(filepath.Base(file), ".txt"), f.Name, string(f.Data)})
		}
	}
	return out
}

// tally counts how a set of logs was answered.
type tally struct{ all, right, sureAndWrong int }

func (n tally) String() string {
	return fmt.Sprintf("%d logs, %d right (%.1f %%), %d wrong and sure (%.1f %%)", n.all, n.right,
		100*float64(n.right)/float64(n.all), n.sureAndWrong, 100*float64(n.sureAndWrong)/float64(n.all))
}

func score(t *testing.T, cases []logCase) tally {
	t.Helper()
	x := theWorld(t)
	var n tally
	for _, c := range cases {
		if _, ok := x.guide.Entry(c.want); !ok && c.want != unknownLogs {
			t.Errorf("%s.txt: the guide has no such entry", c.want)
			continue
		}
		d, err := x.matcher.Read(strings.NewReader(c.log))
		if err != nil {
			t.Fatal(err)
		}
		got := unknownLogs
		if b := d.Best(); b != nil {
			got = b.ID
		}
		n.all++
		if got == c.want {
			n.right++
			continue
		}
		if d.Confidence == Sure {
			n.sureAndWrong++
		}
		t.Logf("%s, %s: got %s (%s)%s", c.want, c.thread, got, d.Confidence, scores(d))
	}
	return n
}

func scores(d Diagnosis) string {
	var b strings.Builder
	for _, f := range d.Findings[:min(4, len(d.Findings))] {
		fmt.Fprintf(&b, "; %s %.2f (%s)", f.Entry.ID, f.Score, f.Why)
	}
	return b.String()
}

// TestFixScore runs every real log of the test set: those that the patterns
// were written with (testdata/logs), and those that were looked for afterwards
// to see what the patterns miss (testdata/blind). The floors are what the set
// reaches; -v prints what missed.
func TestFixScore(t *testing.T) {
	n := score(t, logCases(t, "testdata/*/*.txt"))
	t.Log(n)
	if float64(n.right) < 0.95*float64(n.all) || float64(n.sureAndWrong) > 0.02*float64(n.all) {
		t.Errorf("%v: want 95 %% and at most 2 %%", n)
	}
}
