// Package logs is the Fix pane: the errors and symptoms of the guide to be
// searched and read, and the answer to a log that is pasted here or read from a
// file. It shows both through package reader, and may import what panes may.
package logs

import (
	"context"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"

	"runlocal/glossary"
	"runlocal/glossary/fix"
	"runlocal/ui/logpage"
	"runlocal/ui/pane"
	"runlocal/ui/reader"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// Pane is the shelf of errors and symptoms, and the page of the last log.
type Pane struct {
	*reader.Pane
	theme     *theme.Theme
	s         session.Session
	clipboard func() (string, error) // nil: the terminal is asked

	file    *widget.TextField
	matcher func() (*fix.Matcher, error) // made when first asked for
	of      *glossary.Glossary           // whose patterns it has

	reads, answers int                // request ids
	busy           string             // what is being read; empty for nothing
	stop           context.CancelFunc // ends that
	logs           int                // that were read
	last           *logpage.Answer    // of the latest
	page           *glossary.Entry    // that shows it
	fileAt         int                // line of the field; -1: it is not drawn
}

// New makes the pane. It does no work. clipboard reads the system's clipboard;
// nil leaves that to the terminal.
func New(t *theme.Theme, clipboard func() (string, error)) *Pane {
	shelf := reader.Shelf{
		Title: pane.Fix, Kinds: []string{"error", "symptom"},
		Asks: "find, or paste a log",
	}
	return &Pane{
		Pane: reader.New(t, shelf), theme: t, clipboard: clipboard, fileAt: -1,
		file: widget.NewTextField("log file: ", "its path"),
	}
}

// Init takes the first session.
func (p *Pane) Init(s session.Session) tea.Cmd {
	p.take(s)
	return p.Pane.Init(s)
}

// SetSession takes a new one. Figures that are for the reader's machine are
// computed again if that has changed.
func (p *Pane) SetSession(s session.Session) tea.Cmd {
	before := p.s.Rig
	p.take(s)
	cmd := p.Pane.SetSession(s)
	if p.last == nil || before == s.Rig || p.last.Advice != nil && p.last.Advice.OfLog {
		return cmd
	}
	return tea.Batch(cmd, p.answer(p.last.Diagnosis, p.logs))
}

func (p *Pane) take(s session.Session) {
	p.s = s
	if g := s.Glossary; g != nil && g != p.of {
		p.of = g
		p.matcher = sync.OnceValues(func() (*fix.Matcher, error) { return fix.New(g) })
	}
}

// Update takes what is pasted, what was found out, and keys.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return p.pasted(msg)
	case tea.ClipboardMsg:
		return p.pasted(tea.PasteMsg{Content: msg.Content})
	case pane.Result:
		if cmd, ok := p.took(msg); ok {
			return cmd
		}
	case tea.KeyPressMsg:
		if cmd, ok := p.press(msg); ok {
			return cmd
		}
	}
	return p.Pane.Update(msg)
}

// press is Update for the keys that are not the reader's.
func (p *Pane) press(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	if p.file.Focused() {
		if cmd, ok := pane.Dispatch(p.fileKeys(), msg); ok {
			return cmd, true
		}
		p.file.Update(msg)
		return nil, true
	}
	if p.Pane.Capturing() {
		return nil, false
	}
	return pane.Dispatch(p.own(), msg)
}

// pasted takes a log. A line that is typed takes what is one line itself.
func (p *Pane) pasted(msg tea.PasteMsg) tea.Cmd {
	text := strings.TrimSpace(msg.Content)
	oneLine := !strings.ContainsAny(text, "\r\n")
	switch {
	case text == "":
		return pane.Say(pane.Noted{Text: "there is no text to paste", Bad: true})
	case oneLine && p.file.Focused():
		p.file.Update(tea.PasteMsg{Content: text})
		return nil
	case oneLine && p.Pane.Capturing():
		return p.Pane.Update(msg)
	}
	p.file.Blur()
	return p.read("what was pasted", fromText(msg.Content))
}

// Capturing tells whether text is being typed.
func (p *Pane) Capturing() bool { return p.file.Focused() || p.Pane.Capturing() }

// Close ends what is being read.
func (p *Pane) Close() {
	if p.stop != nil {
		p.stop()
	}
}
