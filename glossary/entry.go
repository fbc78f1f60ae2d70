package glossary

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Entry is one page of the guide.
type Entry struct {
	ID       string // kebab-case, the file's name
	File     string // path inside assets, for messages
	Title    string
	Kind     string // one of Kinds
	Category string
	Aliases  []string // other names it is known by
	Related  []string // ids
	See      []string // ids, longer reading
	Sources  []string // where its facts can be checked
	Reviewed string   // year-month-day

	// What its kind has of its own; nil for all other kinds.
	Fault  *Fault // error and symptom
	Tool   *Tool
	Lesson *Lesson
	Answer *Answer
	Kit    *Kit
	Method *Method
	News   *News

	body body
	lead int // pieces of body before the first heading

	tying sync.Once // of the figures, before they are first shown
	tied  error
}

// Kinds are the kinds of entry; each has its directory under assets/guide.
func Kinds() []string {
	return []string{"term", "error", "symptom", "tool", "guide", "lesson", "answer", "kit", "method", "news"}
}

const (
	maxFrontMatter = 16 << 10 // bytes
	maxEntry       = 1 << 20  // bytes
)

// parseEntry reads one file. The error joins everything that is wrong in it,
// each with the file and where possible the line; what could be read is in the
// entry all the same, so that links to it are not called dead. The figures are
// parsed but not yet tied to models and devices.
func parseEntry(file string, data []byte) (*Entry, error) {
	e := &Entry{ID: strings.TrimSuffix(path.Base(file), ".md"), File: file, Kind: path.Base(path.Dir(file))}
	p := &problems{file: file}
	if err := printable(data); err != nil {
		p.whole("%w", err)
		return e, p.err()
	}
	if !isID(e.ID) {
		p.whole("the file's name is no id: want small letters, digits and single dashes")
	}
	head, rest, line, err := splitFrontMatter(data)
	if err != nil {
		p.whole("%w", err)
		return e, p.err()
	}
	p.head = string(head)
	e.readFront(head, p)
	e.body = parseBody(rest, line, p)
	e.lead = e.body.leadPieces()
	return e, p.err()
}

// printable refuses what could move a terminal's cursor.
func printable(data []byte) error {
	if len(data) > maxEntry {
		return fmt.Errorf("larger than %d bytes", maxEntry)
	}
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	line := 1
	for _, r := range string(data) {
		switch {
		case r == '\n':
			line++
		case r >= ' ' && r < 0x7f: // nearly all of it
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return fmt.Errorf("control character %U in line %d: write a space", r, line)
		}
	}
	return nil
}

// splitFrontMatter cuts the file at its two lines of dashes. line is the
// number of the body's first line.
func splitFrontMatter(data []byte) (head, body []byte, line int, err error) {
	const fence = "---\n"
	rest, ok := bytes.CutPrefix(data, []byte(fence))
	if !ok {
		return nil, nil, 0, errors.New("no front matter: the first line must be ---")
	}
	head, body, ok = bytes.Cut(rest, []byte("\n"+fence))
	if !ok {
		return nil, nil, 0, errors.New("the front matter does not end: no second line of ---")
	}
	if len(head) > maxFrontMatter {
		return nil, nil, 0, fmt.Errorf("front matter larger than %d bytes", maxFrontMatter)
	}
	return head, body, bytes.Count(head, []byte("\n")) + 4, nil
}

// isID tells whether s is kebab-case: small letters, digits, single dashes.
func isID(s string) bool {
	dash := true
	for _, r := range s {
		if r == '-' && dash || r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
		dash = r == '-'
	}
	return !dash
}
