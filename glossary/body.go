package glossary

import (
	"fmt"
	"strings"
)

// body is the text of an entry, cut where a figure stands.
type body struct {
	pieces   []piece
	links    []target
	headings []string // of level two, in order
}

// piece is literal Markdown or a figure; call is nil for the former.
type piece struct {
	text string
	call *call
	show figure // set when the call is tied to the catalog
}

// target is a link as written.
type target struct {
	text, id string
	line     int
}

// bodyReader walks over a text once. Code, fenced or between backticks, is
// literal: braces and brackets in it mean what the language says.
type bodyReader struct {
	b       body
	literal strings.Builder
	line    int
	fence   string // the opening fence while inside one
}

// parseBody reads Markdown; its first line has the given number.
func parseBody(data []byte, line int, p *problems) body {
	r := bodyReader{line: line}
	opened := 0
	for text := range strings.Lines(strings.TrimRight(string(data), "\n") + "\n") {
		outside := r.fence == ""
		if err := r.readLine(text); err != nil {
			p.at(r.line, "%w", err)
		}
		if outside && r.fence != "" {
			opened = r.line
		}
		r.line++
	}
	if r.fence != "" {
		p.at(opened, "a code block does not end: close it with %s", r.fence)
	}
	r.flush()
	return r.b
}

func (r *bodyReader) readLine(text string) error {
	if mark := fenceMark(text); mark != "" && (r.fence == "" || strings.HasPrefix(mark, r.fence) && strings.TrimSpace(text) == mark) {
		if r.fence == "" {
			r.fence = mark
		} else {
			r.fence = ""
		}
		r.literal.WriteString(text)
		return nil
	}
	if r.fence != "" {
		r.literal.WriteString(text)
		return nil
	}
	if title, ok := strings.CutPrefix(text, "## "); ok {
		r.flush()
		r.b.headings = append(r.b.headings, strings.TrimSpace(title))
	}
	return r.readProse(text)
}

// fenceMark returns the run of backticks or tildes that opens or closes a
// code block on this line, or "".
func fenceMark(text string) string {
	t := strings.TrimLeft(text, " ")
	for _, c := range []string{"`", "~"} {
		if n := len(t) - len(strings.TrimLeft(t, c)); n >= 3 {
			return t[:n]
		}
	}
	return ""
}

// readProse cuts a line at code spans, figures, links and comments.
func (r *bodyReader) readProse(text string) error {
	for text != "" {
		i := strings.IndexAny(text, "`{[<")
		if i < 0 {
			break
		}
		r.literal.WriteString(text[:i])
		n, err := r.readMark(text[i:])
		if err != nil {
			return err
		}
		text = text[i+n:]
	}
	r.literal.WriteString(text)
	return nil
}

// readMark reads what begins at one of the marks and returns its length.
func (r *bodyReader) readMark(text string) (int, error) {
	switch {
	case text[0] == '`':
		n := codeSpan(text)
		r.literal.WriteString(text[:n])
		return n, nil
	case strings.HasPrefix(text, "{{"):
		inside, _, ok := strings.Cut(text[2:], "}}")
		if !ok {
			return 0, fmt.Errorf("a figure does not end: %.40s", strings.TrimSpace(text))
		}
		c, err := parseCall(inside, r.line)
		if err != nil {
			return 0, err
		}
		r.flush()
		r.b.pieces = append(r.b.pieces, piece{call: c})
		return len(inside) + 4, nil
	case strings.HasPrefix(text, "<!--"):
		inside, _, ok := strings.Cut(text[4:], "-->")
		if !ok {
			return 0, fmt.Errorf("a comment does not end on its line: %.40s", strings.TrimSpace(text))
		}
		return len(inside) + 7, nil
	case text[0] == '[':
		r.readLink(text)
	}
	r.literal.WriteByte(text[0])
	return 1, nil
}

// readLink notes [text](id); the Markdown itself stays as it is.
func (r *bodyReader) readLink(text string) {
	label, rest, ok := strings.Cut(text[1:], "](")
	if !ok || strings.ContainsAny(label, "[]") {
		return
	}
	id, _, ok := strings.Cut(rest, ")")
	if ok && isID(id) {
		r.b.links = append(r.b.links, target{text: label, id: id, line: r.line})
	}
}

// codeSpan is the length of the code between backticks that text begins with,
// or of the backticks alone when they are not closed.
func codeSpan(text string) int {
	ticks := len(text) - len(strings.TrimLeft(text, "`"))
	if end := strings.Index(text[ticks:], text[:ticks]); end >= 0 {
		return ticks + end + ticks
	}
	return ticks
}

// flush ends the piece of literal text.
func (r *bodyReader) flush() {
	if r.literal.Len() > 0 {
		r.b.pieces = append(r.b.pieces, piece{text: r.literal.String()})
		r.literal.Reset()
	}
}

// leadPieces counts the pieces before the first heading of level two.
func (b *body) leadPieces() int {
	for i, p := range b.pieces {
		if strings.HasPrefix(p.text, "## ") {
			return i
		}
	}
	return len(b.pieces)
}
