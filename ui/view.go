package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// The smallest screen that the panes are drawn on.
const (
	minWidth  = 60
	minHeight = 20
)

// bodyTop is the line where the pane begins; below it stands the footer.
const bodyTop = 1

// View draws the frame: header, pane, footer, and the overlay over them.
func (r *Root) View() tea.View {
	v := tea.NewView(r.frame())
	v.AltScreen, v.ReportFocus = true, true
	v.WindowTitle = r.title()
	v.Cursor = r.cursor()
	if r.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

func (r *Root) title() string {
	if r.s.Model == nil {
		return "runlocal"
	}
	return "runlocal: " + widget.Clean(r.s.Model.Name)
}

func (r *Root) frame() string {
	w, h := r.width, r.height
	if w <= 0 || h <= 0 {
		return ""
	}
	if w < minWidth || h < minHeight {
		return r.tiny(w, h)
	}
	frame := r.header(w) + "\n" + r.body(w, h-2) + "\n" + r.footer(w)
	if r.layer == nil {
		return frame
	}
	box, x, y := r.layer.View(r.theme, w, h)
	return widget.Over(frame, box, x, y)
}

// body is the pane, or what the screen waits for.
func (r *Root) body(w, h int) string {
	if r.begun() {
		return r.current().View(w, h)
	}
	line := "  " + r.spinner() + " " + r.wait.what
	if r.loadErr != nil {
		return widget.Block(append([]string{""}, r.errorLines(w)...), w, h)
	}
	return widget.Block([]string{"", r.theme.Dim.Render(line)}, w, h)
}

func (r *Root) errorLines(w int) []string {
	lines := widget.Wrap(r.loadErr.Error(), w-4)
	for i, l := range lines {
		lines[i] = "  " + r.theme.Error.Render(l)
	}
	return append(lines, "", "  "+r.theme.Dim.Render("q quits"))
}

// header is the name, the tabs and the rig.
func (r *Root) header(w int) string {
	names := make([]string, len(r.tabs))
	for i, t := range r.tabs {
		names[i] = t.pane.Title()
	}
	name, rig := r.fitHeader(names, w)
	rigWidth, off := ansi.StringWidth(rig), ansi.StringWidth(name)
	tabs, places := widget.Tabs(r.theme, names, r.active, w-rigWidth-off-2)
	for i := range places {
		places[i].From += off
		places[i].To += off
	}
	r.places.tabs, r.places.rigAt = places, w-rigWidth-1
	style := r.theme.Plain
	if r.s.Rig.Simulated {
		style = r.theme.Changed
	}
	right := style.Render(rig) + " "
	return widget.Spread(r.theme.Bold.Render(name)+tabs, right, w)
}

// fitHeader chooses how much of the name and of the rig there is room for: the
// tabs' names come first, then the rig's details, then our own name.
func (r *Root) fitHeader(tabs []string, w int) (name, rig string) {
	const own = " runlocal "
	lines := r.rigLines()
	need := widget.TabsWidth(tabs) + 2
	for _, line := range lines {
		rw := ansi.StringWidth(line)
		if need+len(own)+rw <= w {
			return own, line
		}
		if need+rw <= w {
			return "", line
		}
	}
	last := lines[len(lines)-1]
	return "", ansi.Truncate(last, max(0, w/2), "…")
}

// rigLines say what the numbers are for, or that it is not known yet, from the
// longest to the shortest way.
func (r *Root) rigLines() []string {
	if r.wait.what != "" && r.wait.frame > 0 && r.s.Ready() && !r.s.Rig.Simulated {
		return []string{r.spinner() + " " + r.wait.what}
	}
	if !r.s.RigKnown() {
		return []string{""}
	}
	lines := session.Labels(r.s.Rig)
	for i := range lines {
		lines[i] = widget.Clean(lines[i])
	}
	return lines
}

// footer is the note of the moment, or the keys that matter here.
func (r *Root) footer(w int) string {
	r.places.hints = nil
	if r.note.text != "" {
		style := r.theme.Good
		if r.note.bad {
			style = r.theme.Warn
		}
		return widget.Fit(" "+style.Render(ansi.Truncate(widget.Clean(r.note.text), w-2, "…")), w)
	}
	var bindings []pane.Binding
	if r.layer != nil {
		bindings = r.layer.Bindings()
	} else {
		bindings = r.ActiveBindings()
	}
	right := ""
	if !r.mouse && !r.opt.NoMouse {
		right = r.theme.Dim.Render("mouse: terminal (M) ")
	}
	const keep = 2 // help and quit stay
	line, hints := widget.Hints(r.theme, bindings, w-ansi.StringWidth(right), keep)
	r.places.hints = hints
	return widget.Spread(line, right, w)
}

// tiny is the screen of a window too small for panes: the verdict alone.
func (r *Root) tiny(w, h int) string {
	lines := []string{fmt.Sprintf("needs %d×%d, this is %d×%d", minWidth, minHeight, w, h)}
	if verdict := r.verdictLine(); verdict != "" {
		lines = append([]string{verdict}, lines...)
	}
	return widget.Block(lines[:min(len(lines), max(1, h))], w, h)
}

// verdictLine is the answer for the chosen model in one line.
func (r *Root) verdictLine() string {
	if r.s.Model == nil || !r.s.Ready() || !r.s.RigKnown() {
		return ""
	}
	b, err := r.s.ModelEngine().Estimate(r.s.Model, r.s.Settings, r.s.Rig)
	if err != nil {
		return ""
	}
	mark := r.theme.Verdict(b.Verdict).Render(theme.Mark(b.Verdict) + " " + theme.Word(b.Verdict))
	return mark + " " + widget.Clean(r.s.Model.Name)
}

// cursor is where text is being typed; nil hides the terminal's cursor.
func (r *Root) cursor() *tea.Cursor {
	if r.width < minWidth || r.height < minHeight {
		return nil
	}
	if r.layer != nil {
		return r.layer.Cursor()
	}
	p, ok := r.current().(pane.CursorPane)
	if !ok || !r.begun() {
		return nil
	}
	c := p.Cursor()
	if c == nil {
		return nil
	}
	moved := *c
	moved.Y += bodyTop
	if moved.X < 0 || moved.X >= r.width || moved.Y < 0 || moved.Y >= r.height {
		return nil
	}
	return &moved
}
