package widget

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/theme"
)

func numbered() (*List, func(int) Row) {
	l := &List{SortBy: -1, Columns: []Column{{Title: "name", Width: 10, Max: 20}, {Title: "size", Width: 6, Right: true}, {Title: "year", Width: 6}}}
	return l, func(i int) Row {
		return Row{Sign: "●", Cells: []string{fmt.Sprintf("row %d", i), fmt.Sprint(i * 7), "2026"}}
	}
}

func plain(lines []string) string { return ansi.Strip(strings.Join(lines, "\n")) }

func TestListDrawsOnlyWhatIsVisible(t *testing.T) {
	l, row := numbered()
	asked := 0
	lines := l.View(theme.New(true, false), 60, 11, 100_000, true, func(i int) Row { asked++; return row(i) })
	if asked != 10 || len(lines) != 11 {
		t.Fatalf("asked for %d rows, drew %d lines", asked, len(lines))
	}
}

func TestListScrolls(t *testing.T) {
	th := theme.New(true, false)
	for _, c := range []struct {
		cursor, n int
		first     string // row at the top
	}{{0, 100, "row 0"}, {9, 100, "row 0"}, {10, 100, "row 1"}, {99, 100, "row 90"}, {500, 100, "row 90"}, {-3, 100, "row 0"}, {3, 4, "row 0"}} {
		l, row := numbered()
		l.SetCursor(c.cursor, c.n)
		lines := l.View(th, 60, 11, c.n, true, row)
		if got := strings.Fields(strings.TrimLeft(ansi.Strip(lines[1]), "▌ ●")); strings.Join(got[:2], " ") != c.first {
			t.Errorf("cursor %d of %d: %q on top, want %q", c.cursor, c.n, got, c.first)
		}
	}
}

func TestListHidesColumnsAndSaysSo(t *testing.T) {
	l, row := numbered()
	th := theme.New(true, false)
	for _, c := range []struct {
		width  int
		shift  int
		want   []string
		absent string
	}{
		{60, 0, []string{"name", "size", "year"}, "column"},
		{27, 0, []string{"name", "size"}, "year"},
		{36, 1, []string{"name", "←", "year"}, "size"},
	} {
		l.shift = c.shift
		text := plain(l.View(th, c.width, 4, 3, true, row))
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%d wide: no %q in\n%s", c.width, w, text)
			}
		}
		if strings.Contains(text, c.absent) {
			t.Errorf("%d wide: %q in\n%s", c.width, c.absent, text)
		}
	}
	l.shift = 0
	l.Columns[0].Width = 20
	if text := plain(l.View(th, 32, 4, 3, true, row)); !strings.Contains(text, "+1 column →") {
		t.Errorf("nothing says that a column is hidden:\n%s", text)
	}
}

// A match is marked in whole letters, also where the text is cut.
func TestMatchedLettersStayWhole(t *testing.T) {
	l := &List{SortBy: -1, Columns: []Column{{Width: 8}}}
	cells := []string{"Größenordnung"}
	row := func(int) Row { return Row{Cells: cells, Matched: []int{0, 2, 4, 11, 12}} }
	for width := 1; width < 30; width++ {
		for _, mono := range []bool{true, false} {
			got := plain(l.View(theme.New(true, mono), width, 2, 1, false, row))
			if strings.ContainsRune(got, '\uFFFD') || !strings.Contains("▏  Größenordnung  …", strings.TrimRight(strings.Split(got, "\n")[1], " …")) {
				t.Fatalf("%d wide: %q", width, got)
			}
		}
	}
}

func TestListHits(t *testing.T) {
	l, row := numbered()
	l.SetCursor(20, 50)
	l.View(theme.New(true, false), 60, 11, 50, true, row)
	if i, ok := l.HitRow(1); !ok || i != 11 {
		t.Errorf("line 1 is row %d, %v", i, ok)
	}
	if _, ok := l.HitRow(0); ok {
		t.Error("the header is a row")
	}
	if _, ok := l.HitRow(11); ok {
		t.Error("below the list is a row")
	}
	if c, ok := l.HitHeader(27, 0); !ok || c != 1 {
		t.Errorf("column %d, %v", c, ok)
	}
}

func TestCleanTakesEscapesOut(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a\x1b[31mb": "a[31mb", "a\nb": "a b", "a\tb": "a b", "\x07\x00\u009b": "", "日本\u2028語": "日本 語",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
		want  string
	}{{"abc", 5, "abc  "}, {"abcdef", 4, "abc…"}, {"日本語", 4, "日… "}, {"abc", 0, ""}, {"", 2, "  "}, {"abc", -1, ""}, {"ab", 1, "…"}} {
		if got := Fit(c.s, c.width); got != c.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", c.s, c.width, got, c.want)
		}
	}
}

func TestOver(t *testing.T) {
	frame := "aaaaaa\nbbbbbb\ncccccc"
	if got, want := Over(frame, []string{"XX", "YY"}, 2, 1), "aaaaaa\nbbXXbb\nccYYcc"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Over(frame, []string{"XX", "YY"}, 2, 2); strings.Count(got, "\n") != 2 {
		t.Errorf("a box below the edge: %q", got)
	}
}

func TestFacets(t *testing.T) {
	items := []map[string][]string{
		{"use": {"chat", "code"}, "size": {"small"}}, {"use": {"chat"}, "size": {"big"}}, {"use": {"embedding"}, "size": {"small"}},
	}
	f := NewFacets([]FacetGroup{{Name: "use"}, {Name: "size", Values: []string{"small", "big"}}, {Name: "fits", Values: []string{"yes", "no"}, Live: true}},
		len(items), func(i int) map[string][]string { return items[i] })
	check := func(labels ...string) {
		for i := range f.Boxes {
			f.Boxes[i].On = false
			for _, l := range labels {
				f.Boxes[i].On = f.Boxes[i].On || f.Boxes[i].Label == l
			}
		}
		f.Apply()
	}
	for _, c := range []struct {
		on   []string
		pass string
	}{
		{nil, "111"}, {[]string{"chat"}, "110"}, {[]string{"chat", "code"}, "110"}, {[]string{"chat", "small"}, "100"},
		{[]string{"chat", "embedding", "small"}, "101"}, {[]string{"yes"}, "111"}, {[]string{"embedding", "big"}, "000"},
	} {
		check(c.on...)
		got := ""
		for i := range items {
			got += map[bool]string{true: "1", false: "0"}[f.Pass(i)]
		}
		if got != c.pass {
			t.Errorf("%v lets through %s, want %s", c.on, got, c.pass)
		}
	}
	check("yes")
	if f.Wants("fits", "no") || !f.Wants("fits", "yes") {
		t.Error("the live group is not asked")
	}
	if got := f.Summary(); got != "yes" {
		t.Errorf("summary %q", got)
	}
}
