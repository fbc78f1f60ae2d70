package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// globals are the keys that work in every pane. Where a pane has parts of its
// own to walk through, tab is the pane's.
func (r *Root) globals() []pane.Binding {
	g := pane.GroupGlobal
	all := []pane.Binding{
		pane.Bind("tab", "", "next tab", g, func() tea.Cmd { return r.step(1) }),
		pane.Bind("shift+tab", "", "previous tab", g, func() tea.Cmd { return r.step(-1) }),
		pane.Bind("]", "", "next tab", g, func() tea.Cmd { return r.step(1) }),
		pane.Bind("[", "", "previous tab", g, func() tea.Cmd { return r.step(-1) }),
		pane.Bind("H", "", r.rigHelp(), g, r.otherRig).InFooter(),
		pane.Bind("K", "", "explain the term under the cursor", g, r.peek).Unless(r.noTerm),
		pane.Bind("u", "", "undo the last change", g, r.goBack).Unless(r.nothingToUndo),
		pane.Bind("M", "", "give the mouse to the terminal, or take it back", g, r.toggleMouse),
		pane.Bind(": ctrl+p", ":", "palette: everything by name", g, r.openPalette),
		pane.Bind("?", "", "keys", g, r.openHelp).InFooter(),
		pane.Bind("q", "", "quit", g, r.quit).InFooter(),
	}
	for i, t := range r.tabs {
		name := t.pane.Title()
		all = append(all, pane.Bind(fmt.Sprint(i+1), "", name, g, func() tea.Cmd { return r.show(i) }))
	}
	all = append(all, r.terminalBindings()...)
	return slices.DeleteFunc(all, func(b pane.Binding) bool { return r.paneOwns(b) })
}

// terminalBindings work even while text is typed.
func (r *Root) terminalBindings() []pane.Binding {
	g := pane.GroupGlobal
	return []pane.Binding{
		pane.Bind("ctrl+z", "", "suspend", g, func() tea.Cmd { return tea.Suspend }),
		pane.Bind("ctrl+l", "", "draw again", g, func() tea.Cmd { return tea.ClearScreen }),
		pane.Bind("ctrl+c", "", "quit at once", g, r.quit),
	}
}

// paneOwns lets a pane have a key of its own before the root: one that walks
// through its parts has tab, the calculator's r is the runtime.
func (r *Root) paneOwns(b pane.Binding) bool {
	if !r.begun() {
		return false
	}
	k := b.Keys()[0]
	return slices.ContainsFunc(r.current().Bindings(), func(p pane.Binding) bool {
		return slices.Contains(p.Keys(), k)
	})
}

// here are the bindings of the pane in front.
func (r *Root) here() []pane.Binding {
	if !r.begun() {
		return nil
	}
	return r.current().Bindings()
}

func (r *Root) step(by int) tea.Cmd {
	n := len(r.tabs)
	return r.show((r.active + by + n) % n)
}

// rigHelp says what H does now.
func (r *Root) rigHelp() string {
	if r.s.Rig.Simulated {
		return "back to your own hardware"
	}
	return "other hardware"
}

// otherRig goes back to the real rig, or opens the list of devices.
func (r *Root) otherRig() tea.Cmd {
	if r.s.Rig.Simulated {
		return r.changeRig(nil)
	}
	return r.show(r.tabOf(pane.Hardware))
}

func (r *Root) nothingToUndo() string {
	if len(r.undo) == 0 {
		return "nothing to undo"
	}
	return ""
}

// toggleMouse gives the mouse to the terminal, so that text can be selected.
func (r *Root) toggleMouse() tea.Cmd {
	r.mouse = !r.mouse
	r.note = note{text: "the mouse is the terminal's: select text with it; M takes it back"}
	if r.mouse {
		r.note = note{text: "the mouse is ours; shift and drag selects text in most terminals"}
	}
	return nil
}

// term is the glossary term under the cursor of the pane in front.
func (r *Root) term() string {
	if p, ok := r.current().(pane.TermPane); ok && r.begun() {
		return strings.TrimSpace(p.Term())
	}
	return ""
}

func (r *Root) noTerm() string {
	switch {
	case r.s.Glossary == nil:
		return "the glossary is not read yet"
	case r.term() == "":
		return "no term under the cursor; : finds every term by name"
	default:
		return ""
	}
}

// ActiveBindings are all bindings that a key could reach now.
func (r *Root) ActiveBindings() []pane.Binding {
	if r.layer != nil {
		return r.layer.Bindings()
	}
	if r.capturing() {
		return append(r.here(), r.terminalBindings()...)
	}
	return append(r.here(), r.globals()...)
}
