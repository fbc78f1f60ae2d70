package logs

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/widget"
)

// View is the reader's; the field for a file, or what is being read, stands in
// its last line.
func (p *Pane) View(width, height int) string {
	p.fileAt = -1
	bottom := ""
	switch {
	case p.file.Focused():
		bottom = p.file.View(p.theme, width)
	case p.busy != "":
		bottom = p.theme.Dim.Render("reading " + widget.Clean(p.busy) + " …")
	}
	if bottom == "" || height < 1 {
		return p.Pane.View(width, height)
	}
	if p.file.Focused() {
		p.fileAt = height - 1
	}
	lines := strings.Split(p.Pane.View(width, height-1), "\n")
	if height == 1 {
		lines = nil
	}
	return widget.Block(append(lines, bottom), width, height)
}

// Cursor is in the field that has the keys.
func (p *Pane) Cursor() *tea.Cursor {
	if p.fileAt < 0 {
		return p.Pane.Cursor()
	}
	c := p.file.Cursor()
	if c == nil {
		return nil
	}
	moved := *c
	moved.Y += p.fileAt
	return &moved
}
