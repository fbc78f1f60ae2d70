package glossary

import (
	"errors"
	"fmt"
	"strings"
)

// problems are what is wrong in one file, all of it: a writer who mends the
// first should not have to wait for the second.
type problems struct {
	file string
	head string // the front matter, which begins in line 2
	list []error
}

// whole notes what concerns the file as a whole.
func (p *problems) whole(format string, args ...any) {
	p.list = append(p.list, fmt.Errorf("%s: %w", p.file, fmt.Errorf(format, args...)))
}

// at notes what is wrong in a line.
func (p *problems) at(line int, format string, args ...any) {
	p.list = append(p.list, fmt.Errorf("%s:%d: %w", p.file, line, fmt.Errorf(format, args...)))
}

// key notes what is wrong with the front matter, in the first line that holds
// the text: a key, or a value that only stands there.
func (p *problems) key(text, format string, args ...any) {
	line := 2
	for l := range strings.Lines(p.head) {
		if strings.Contains(l, text) {
			p.at(line, format, args...)
			return
		}
		line++
	}
	p.whole("front matter: %w", fmt.Errorf(format, args...))
}

func (p *problems) err() error { return errors.Join(p.list...) }
