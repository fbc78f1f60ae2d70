package reader

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	xansi "github.com/charmbracelet/x/ansi"

	"runlocal/ui/pane"
	"runlocal/ui/widget"
)

// find is the search inside the entry.
type find struct {
	field *widget.TextField
	lines []int // of the page, that have it
	at    int   // the one that was gone to
}

// text is what is looked for, in small letters.
func (f *find) text() string { return strings.ToLower(strings.TrimSpace(f.field.Value())) }

func (f *find) clear() {
	f.field.Set("")
	f.field.Blur()
	f.lines, f.at = nil, 0
}

// look finds the lines of the page that have the text; jump goes to the first
// one from where the window stands.
func (p *Pane) look(jump bool) {
	f := &p.find
	f.lines = nil
	g, q := p.page(), f.text()
	if g == nil || q == "" {
		return
	}
	for i, s := range g.plain {
		if strings.Contains(s, q) {
			f.lines = append(f.lines, i)
		}
	}
	if !jump || len(f.lines) == 0 {
		f.at = min(f.at, max(0, len(f.lines)-1))
		return
	}
	f.at = 0
	for i, l := range f.lines {
		if l >= p.scroll().Top() {
			f.at = i
			break
		}
	}
	p.reveal(f.lines[f.at])
}

// reveal scrolls a line into the window, with a little of what stands around
// it.
func (p *Pane) reveal(line int) {
	const around = 2
	p.scroll().Show(line + around)
	p.scroll().Show(max(0, line-around))
}

// next goes to the next place, or the one before, round the ends.
func (p *Pane) next(by int) tea.Cmd {
	f := &p.find
	if n := len(f.lines); n > 0 {
		f.at = (f.at + by + n) % n
		p.reveal(f.lines[f.at])
	}
	return nil
}

func (p *Pane) nothingFound() string {
	switch {
	case p.find.text() == "":
		return "nothing is looked for; / does"
	case len(p.find.lines) == 0:
		return "“" + p.find.text() + "” is not in this entry"
	}
	return ""
}

func (p *Pane) startFind() tea.Cmd {
	p.find.field.Focus()
	return nil
}

func (p *Pane) findKeys() []pane.Binding {
	g := pane.GroupAct
	keep := func() tea.Cmd { p.find.field.Blur(); return nil }
	drop := func() tea.Cmd { p.find.clear(); return nil }
	return []pane.Binding{
		pane.Bind("enter tab", "enter", "keep it (n, N go on)", g, keep).InFooter(),
		pane.Bind("esc", "", "drop it", g, drop).InFooter(),
		pane.Bind("down", "↓", "next place", g, func() tea.Cmd { return p.next(1) }),
		pane.Bind("up", "↑", "the place before", g, func() tea.Cmd { return p.next(-1) }),
	}
}

// markFound draws what was found in a line of the page.
func (p *Pane) markFound(line, plain string) string {
	q := p.find.text()
	if q == "" || !strings.Contains(plain, q) {
		return line
	}
	width := xansi.StringWidth(line)
	stripped := xansi.Strip(line)
	var out strings.Builder
	at := 0
	for from := 0; ; {
		i := strings.Index(plain[from:], q)
		if i < 0 || from+i+len(q) > len(stripped) {
			break
		}
		left := xansi.StringWidth(plain[:from+i])
		right := left + xansi.StringWidth(q)
		out.WriteString(xansi.Cut(line, at, left))
		out.WriteString(p.theme.Match.Render(stripped[from+i : from+i+len(q)]))
		at, from = right, from+i+len(q)
	}
	return out.String() + xansi.Cut(line, at, width)
}
