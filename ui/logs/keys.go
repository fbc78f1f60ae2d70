package logs

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// Bindings are the reader's and the pane's own.
func (p *Pane) Bindings() []pane.Binding {
	if p.file.Focused() {
		return p.fileKeys()
	}
	all := p.Pane.Bindings()
	if p.Pane.Capturing() || all == nil {
		return all
	}
	return append(all, p.own()...)
}

// own are the keys that the reader does not have.
func (p *Pane) own() []pane.Binding {
	a := pane.GroupAct
	return []pane.Binding{
		pane.Bind("r", "", "read a log file", a, p.ask).InFooter().Unless(p.unready),
		pane.Bind("ctrl+v", "", "paste a log", a, p.paste).Unless(p.unready),
	}
}

func (p *Pane) fileKeys() []pane.Binding {
	a := pane.GroupAct
	return []pane.Binding{
		pane.Bind("enter", "", "read it", a, p.open).InFooter(),
		pane.Bind("esc", "", "leave it", a, func() tea.Cmd { p.file.Blur(); return nil }).InFooter(),
	}
}

// ask opens the field for a file's name.
func (p *Pane) ask() tea.Cmd {
	p.file.Focus()
	return nil
}

// open reads the file that is named.
func (p *Pane) open() tea.Cmd {
	name := cleanPath(p.file.Value())
	if name == "" {
		return pane.Say(pane.Noted{Text: "no file named", Bad: true})
	}
	p.file.Blur()
	return p.read(name, fromFile(name))
}

// paste asks for the clipboard: the system's, or over a distance the
// terminal's, which answers with a message or not at all.
func (p *Pane) paste() tea.Cmd {
	get := p.clipboard
	if get == nil {
		return tea.ReadClipboard
	}
	return func() tea.Msg {
		text, err := get()
		if err != nil {
			return pane.Noted{Text: "the clipboard can't be read: " + err.Error() + "; paste with the terminal's own key", Bad: true}
		}
		return pane.Result{Pane: pane.Fix, Body: clip(text)}
	}
}

func (p *Pane) unready() string {
	if p.s.Glossary == nil {
		return "the guide is not read yet"
	}
	return ""
}
