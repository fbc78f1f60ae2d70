package fix

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostileLogs are units that are repeated to a size.
func hostileLogs(m *Matcher) map[string]string {
	var every, shapes strings.Builder
	for i := range m.patterns {
		for _, choice := range m.patterns[i].needs {
			every.WriteString(m.texts.names[choice[0]] + " ")
			shapes.WriteString(m.texts.names[choice[len(choice)-1]] + " aaaaaaaa 1234 ")
		}
		if i%3 == 0 {
			shapes.WriteByte('\n')
		}
	}
	return map[string]string{
		"no newline":       "cuda out of memory ",
		"only newlines":    "\n",
		"only returns":     "\r",
		"binary":           "\x00\xff\xfe\x1b[31m\x80",
		"every text":       every.String(),
		"every text lined": every.String() + "\n",
		"every text apart": strings.ReplaceAll(every.String(), " ", "\n"),
		"shapes":           shapes.String(),
		"half an escape":   "\x1b]0;",
		"near misses":      "tried to allocate allocating failed out of memory model gguf ctx = = = = \n",
		"one real line":    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 298.00 MiB. GPU 0 has a total capacity of 23.65 GiB of which 98.25 MiB is free.\n",
		"UTF-16":           "\xff\xfeC\x00U\x00D\x00A\x00\x00\xd8",
	}
}

// Logs that are made to hurt cost no more than a tenth of what is allowed: two
// seconds a megabyte.
func TestHostileLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	x := theWorld(t)
	size := 1 << 20
	if underRace {
		size = 1 << 16 // the race detector's own cost is not what is asked
	}
	for name, unit := range hostileLogs(x.matcher) {
		log := bytes.Repeat([]byte(unit), size/len(unit)+1)[:size]
		begin := time.Now()
		if _, err := x.matcher.Read(bytes.NewReader(log)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		took := time.Since(begin)
		t.Logf("%s: %v a MiB", name, took)
		if took > 2*time.Second {
			t.Errorf("%s: %v a MiB", name, took)
		}
	}
}

// What trying expressions costs is bounded whatever the log holds, and whatever
// the machine's speed.
func TestTryingIsBounded(t *testing.T) {
	x := theWorld(t)
	for name, unit := range hostileLogs(x.matcher) {
		const size = 1 << 17
		r := newReading(x.matcher)
		for line := range bytes.Lines(bytes.Repeat([]byte(unit), size/len(unit)+1)[:size]) {
			r.line(line)
			r.ended()
		}
		if most := int64(freeCost + costPerByte*size); r.cost > most {
			t.Errorf("%s: %d spent of %d", name, r.cost, most)
		}
		for i, hits := range r.hits {
			if len(hits) > firstHits+lastHits {
				t.Errorf("%s: %d hits of pattern %d are kept", name, len(hits), i)
			}
		}
	}
}

// endless repeats a line for ever and watches the memory meanwhile.
type endless struct {
	line  string
	given int
	peak  uint64
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		n += copy(b[n:], e.line[(e.given+n)%len(e.line):])
	}
	if e.given>>20 != (e.given+n)>>20 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.peak = max(e.peak, m.HeapAlloc)
	}
	e.given += n
	return n, nil
}

func TestALogThatNeverEndsIsCut(t *testing.T) {
	x := theWorld(t)
	most := int64(12 << 20)
	if underRace {
		most = 1 << 20
	}
	for _, line := range []string{quietDay, "no newline at all, and nothing else "} {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		e := &endless{line: line}
		d, err := x.matcher.read(e, most)
		if err != nil || !d.Cut || d.Bytes != most || d.Best() != nil {
			t.Errorf("%d bytes, cut %v, %v, %v", d.Bytes, d.Cut, d.Best(), err)
		}
		if grown := int64(e.peak) - int64(before.HeapAlloc); grown > 64<<20 {
			t.Errorf("%q: the heap grew by %d MiB", line[:20], grown>>20)
		}
	}
}

// A fault at the end of a long quiet log is found, with the number of its line.
func TestFaultAtTheEndOfALongLog(t *testing.T) {
	x := theWorld(t)
	size := 4 << 20
	if underRace {
		size = 1 << 20
	}
	quiet := strings.Repeat(quietDay, size/len(quietDay))
	d, err := x.matcher.Read(strings.NewReader(quiet + "RuntimeError: CUDA error: device-side assert triggered\n"))
	if err != nil {
		t.Fatal(err)
	}
	if b := d.Best(); b == nil || b.ID != "error-device-side-assert" {
		t.Fatalf("best is %v", scores(d))
	}
	if got, want := d.Findings[0].Lines[0].Number, int64(strings.Count(quiet, "\n")+1); got != want {
		t.Errorf("it is said to be in line %d, and is in %d", got, want)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAReaderThatFails(t *testing.T) {
	_, err := theWorld(t).matcher.Read(failing{})
	if !errors.Is(err, io.ErrClosedPipe) || !strings.Contains(err.Error(), "read the log") {
		t.Errorf("%v", err)
	}
}
