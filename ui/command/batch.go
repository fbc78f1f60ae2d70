package command

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"runlocal/sizing/request"
)

// maxLine is the longest request line, bytes. A longer one is answered with an
// error and skipped without being kept.
const maxLine = 1 << 20

// batch answers requests, one JSON object a line, in order. It holds one line
// at a time. Answers are passed on as soon as the input pauses.
func (a *App) batch(file string, defaults *request.Request) error {
	in, done, err := a.open(file)
	if err != nil {
		return err
	}
	defer done()
	w, err := a.load()
	if err != nil {
		return err
	}
	lines := bufio.NewReaderSize(in, maxLine)
	out := bufio.NewWriter(a.Out)
	for {
		line, tooLong, err := readLine(lines)
		if ended := err != nil && len(line) == 0 && !tooLong; ended {
			return errors.Join(flush(out), readFailed(file, err))
		}
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			if err := writeJSON(out, w.answerLine(line, tooLong, defaults)); err != nil {
				return err
			}
		}
		if lines.Buffered() == 0 {
			if err := flush(out); err != nil {
				return err
			}
		}
	}
}

func flush(out *bufio.Writer) error {
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the answers: %w", err)
	}
	return nil
}

// readFailed is nil at the end of the file.
func readFailed(file string, err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("read %s: %w", file, err)
}

// open opens the file, or standard input for "-".
func (a *App) open(file string) (io.Reader, func(), error) {
	if file == "-" {
		return a.In, func() {}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, badf("batch file: %w", err)
	}
	return f, func() { _ = f.Close() }, nil
}

// readLine returns the next line, valid until the next call. A line that does
// not fit the reader's buffer is dropped while it is read.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	line, err = r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		line, err = r.ReadSlice('\n')
	}
	if tooLong {
		return nil, true, err
	}
	return bytes.TrimRight(line, "\r\n"), false, err
}

// lineError is the answer to a line that can't be answered.
type lineError struct {
	Error string `json:"error"`
}

func (w *world) answerLine(line []byte, tooLong bool, defaults *request.Request) any {
	if tooLong {
		return lineError{fmt.Sprintf("the line is longer than %d bytes", maxLine)}
	}
	r, err := request.ParseJSON(line)
	if err != nil {
		return lineError{oneLine(err.Error())}
	}
	r.Default(defaults)
	a, err := w.answer(r)
	if err != nil {
		return lineError{oneLine(err.Error())}
	}
	return a
}
