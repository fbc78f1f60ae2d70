package command

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// endless is a line of so many bytes without an end, made as it is read.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.left -= n
	return n, nil
}

// A line of 200 MB costs the reader's buffer and no more.
func TestLongLineCostsNoMemory(t *testing.T) {
	in := io.MultiReader(strings.NewReader("first\n"), &endless{200 << 20}, strings.NewReader("\nlast"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := bufio.NewReaderSize(in, maxLine)
	var got []string
	for {
		line, tooLong, err := readLine(r)
		if tooLong {
			line = []byte("(too long)")
		}
		if err != nil && len(line) == 0 {
			break
		}
		got = append(got, string(line))
		if err != nil {
			break
		}
	}
	runtime.ReadMemStats(&after)
	if want := "first (too long) last"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 4*maxLine {
		t.Errorf("%d bytes were allocated", spent)
	}
}

func TestLinesAtTheLimit(t *testing.T) {
	for _, c := range []struct {
		name    string
		length  int // of the line, its end not counted
		tooLong bool
	}{{"empty", 0, false}, {"one below", maxLine - 2, false}, {"at the limit, end counted", maxLine - 1, false}, {"one over", maxLine, true}, {"far over", 3 * maxLine, true}} {
		in := bytes.Repeat([]byte("x"), c.length)
		r := bufio.NewReaderSize(bytes.NewReader(append(in, "\nnext\n"...)), maxLine)
		line, tooLong, err := readLine(r)
		if tooLong != c.tooLong || err != nil || !tooLong && len(line) != c.length {
			t.Errorf("%s: %d bytes, too long %v, %v", c.name, len(line), tooLong, err)
		}
		if next, _, _ := readLine(r); string(next) != "next" {
			t.Errorf("%s: the line after it is %.20q", c.name, next)
		}
		if _, _, err := readLine(r); !errors.Is(err, io.EOF) {
			t.Errorf("%s: no end: %v", c.name, err)
		}
	}
}
