package gguf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// windowBytes is how much of a header is held at a time.
const windowBytes = 64 << 10

// source walks a header from front to back through a window.
type source struct {
	r     io.ReaderAt
	size  int64 // of the file
	at    int64 // the next byte
	order binary.ByteOrder
	place string // what is being read, for errors, and its name
	named string
	kept  int64 // bytes that the caller holds on to

	window []byte
	from   int64 // offset of the window
}

// where names what is being read. Only an error asks, so that a million names
// are not quoted for nothing.
func (s *source) where() string {
	if s.named == "" {
		return s.place
	}
	return s.place + " " + quoted(s.named)
}

// room refuses n more bytes if the file ends before them, or the limit on
// headers does.
func (s *source) room(n uint64) error {
	switch {
	case n > uint64(s.size-s.at):
		return damaged(s.where(), "the header goes on beyond the file's end at %d bytes", s.size)
	case n > uint64(maxHeader-s.at):
		return beyond(s.where(), "the header is longer than %d MiB", maxHeader>>20)
	}
	return nil
}

// take returns the next n bytes, n no more than the window; they are valid
// until the next call.
func (s *source) take(n int) ([]byte, error) {
	if err := s.room(uint64(n)); err != nil {
		return nil, err
	}
	if s.at < s.from || s.at+int64(n) > s.from+int64(len(s.window)) {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	i := int(s.at - s.from)
	s.at += int64(n)
	return s.window[i : i+n], nil
}

// fill moves the window to the next byte.
func (s *source) fill() error {
	n := min(windowBytes, s.size-s.at, maxHeader-s.at)
	if int64(cap(s.window)) < n {
		s.window = make([]byte, n)
	}
	s.window, s.from = s.window[:n], s.at
	if got, err := s.r.ReadAt(s.window, s.at); got < len(s.window) {
		s.window = s.window[:0]
		if err == nil || errors.Is(err, io.EOF) {
			return damaged(s.where(), "the file ended at %d of %d bytes while it was read", s.at+int64(got), s.size)
		}
		return fmt.Errorf("read the header at byte %d: %w", s.at, err)
	}
	return nil
}

// skip passes over n bytes without reading them.
func (s *source) skip(n uint64) error {
	if err := s.room(n); err != nil {
		return err
	}
	s.at += int64(n)
	return nil
}

// keep counts bytes that stay in memory.
func (s *source) keep(n int) error {
	if s.kept += int64(n); s.kept > maxKept {
		return beyond(s.where(), "names and values of more than %d MiB", maxKept>>20)
	}
	return nil
}

func (s *source) u32() (uint32, error) {
	b, err := s.take(4)
	if err != nil {
		return 0, err
	}
	return s.order.Uint32(b), nil
}

func (s *source) u64() (uint64, error) {
	b, err := s.take(8)
	if err != nil {
		return 0, err
	}
	return s.order.Uint64(b), nil
}

// name reads the name of a key or a tensor.
func (s *source) name() (string, error) {
	n, err := s.u64()
	if err != nil {
		return "", err
	}
	if n > maxName {
		return "", beyond(s.where(), "a name of %d bytes; the limit is %d", n, maxName)
	}
	if err := s.keep(int(n)); err != nil {
		return "", err
	}
	b, err := s.take(int(n))
	return string(b), err
}
