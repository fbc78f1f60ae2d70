package ui

import (
	"regexp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/glossary"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// peekBox is the overlay that explains one term in a sentence or two.
type peekBox struct {
	entry *glossary.Entry
	text  string
}

// peek opens the lead of the term under the cursor.
func (r *Root) peek() tea.Cmd {
	e, ok := r.s.Glossary.Entry(r.term())
	if !ok {
		r.note = note{"the glossary has no entry for " + r.term(), true}
		return nil
	}
	lead, err := r.s.Glossary.Lead(e, r.s.Rig)
	if err != nil {
		r.note = note{err.Error(), true}
		return nil
	}
	r.layer = &peekBox{e, plainMarkdown(lead)}
	return nil
}

// plainMarkdown takes the marks out of a sentence: links keep their words,
// emphasis and code lose their signs.
func plainMarkdown(s string) string {
	link := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	s = link.ReplaceAllString(s, "$1")
	return strings.NewReplacer("**", "", "`", "", "*", "").Replace(s)
}

// Bindings are the keys of the peek.
func (p *peekBox) Bindings() []pane.Binding {
	g := pane.GroupAct
	open := func() tea.Cmd { return leave(pane.Say(pane.OpenTerm{ID: p.entry.ID})) }
	shut := func() tea.Cmd { return leave(nil) }
	return []pane.Binding{
		pane.Bind("enter", "", "read the whole entry", g, open).InFooter(),
		pane.Bind("esc q K", "esc", "close", g, shut).InFooter(),
	}
}

// Update takes the two keys, and a click anywhere closes.
func (p *peekBox) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		cmd, _ := pane.Dispatch(p.Bindings(), msg)
		return cmd
	case tea.MouseClickMsg:
		return leave(nil)
	}
	return nil
}

// View draws the box at the foot of the pane.
func (p *peekBox) View(t *theme.Theme, width, height int) ([]string, int, int) {
	w := min(76, width-4)
	lines := widget.Wrap(p.text, w-4)
	h := min(len(lines)+2, height-2)
	box := widget.Box(t, widget.Clean(p.entry.Title), "enter: the whole entry", lines, w, h)
	return box, (width - w) / 2, max(0, height-1-h)
}

// Cursor is hidden: nothing is typed here.
func (p *peekBox) Cursor() *tea.Cursor { return nil }
