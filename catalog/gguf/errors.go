package gguf

import (
	"fmt"
	"strconv"
	"strings"
)

// FormatError says in one line why a header can't be used: what, where, and
// what to do.
type FormatError struct {
	Where string // `key "x"`, `tensor "y"`; empty: the file as a whole
	What  string
	Do    string // empty where there is nothing to do
}

func (e *FormatError) Error() string {
	s := e.What
	if e.Where != "" {
		s = e.Where + ": " + s
	}
	if e.Do != "" {
		s += "; " + e.Do
	}
	return s
}

// What to do about a file that can't be read.
const (
	again   = "the file is damaged or not complete: download it again"
	convert = "convert or download it again in today's format"
)

// keyName and tensorName name a place in an error: quoted, so that no control
// character reaches a terminal, and short.
func keyName(name string) string    { return "key " + quoted(name) }
func tensorName(name string) string { return "tensor " + quoted(name) }

func quoted(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.QuoteToGraphic(s)
}

func damaged(where, format string, args ...any) error {
	return &FormatError{Where: where, What: fmt.Sprintf(format, args...), Do: again}
}

func beyond(where, format string, args ...any) error {
	return &FormatError{Where: where, What: fmt.Sprintf(format, args...), Do: "no model has that many; the file is damaged or hostile"}
}
