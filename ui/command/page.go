package command

import (
	"fmt"
	"io"
	"strings"
)

// page collects the lines of an answer and writes them at once.
type page struct{ b strings.Builder }

func (p *page) line(parts ...string) {
	p.b.WriteString(strings.Join(parts, ""))
	p.b.WriteByte('\n')
}

func (p *page) lines(lines []string) {
	for _, l := range lines {
		p.line(l)
	}
}

// named writes "name    text", the names under each other. Further lines of
// the text stand below its first.
func (p *page) named(name, text string) {
	const width = 11
	for i, l := range strings.Split(text, "\n") {
		if i > 0 {
			name = ""
		}
		p.line(fmt.Sprintf("%-*s", width, name), l)
	}
}

func (p *page) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}
