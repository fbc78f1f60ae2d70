package fix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is read and kept.
const (
	MaxLog  = 200 << 20 // bytes; the rest of a longer log is not read
	maxLine = 4 << 10   // bytes; longer lines are looked at in pieces
	overlap = 256       // bytes that a piece shares with the one before
)

// Read reads a log to its end, or to MaxLog, in bounded memory, and says what
// it finds. The error is the reader's.
func (m *Matcher) Read(r io.Reader) (Diagnosis, error) { return m.read(r, MaxLog) }

// read reads at most so many bytes.
func (m *Matcher) read(r io.Reader, most int64) (Diagnosis, error) {
	limited := &io.LimitedReader{R: r, N: most + 1}
	lines := bufio.NewReaderSize(decoded(bufio.NewReaderSize(limited, 64<<10)), 64<<10)
	x := newReading(m)
	for first := true; ; {
		part, err := lines.ReadSlice('\n')
		if first {
			part, first = bytes.TrimPrefix(part, []byte("\ufeff")), false
		}
		if len(part) > 0 {
			x.line(part)
		}
		switch {
		case err == nil:
			x.ended()
		case errors.Is(err, io.EOF):
			if len(part) > 0 {
				x.ended()
			}
			d := x.diagnose()
			d.Bytes = min(most, most+1-limited.N)
			d.Cut = limited.N <= 0
			return d, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return Diagnosis{}, fmt.Errorf("read the log: %w", err)
		}
	}
}

// line looks at a line, or at a part of a very long one. Progress bars write
// over their own line: each of their states is one.
func (x *reading) line(part []byte) {
	x.bytes += int64(len(part))
	for state := range bytes.SplitSeq(bytes.TrimRight(part, "\r\n"), []byte{'\r'}) {
		for len(state) > maxLine {
			x.piece(state[:maxLine])
			state = state[maxLine-overlap:]
		}
		x.piece(state)
	}
}

func (x *reading) ended() { x.lines++ }
