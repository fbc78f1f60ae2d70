package reader

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// copyCode copies the entry's code block, or waits for the number of one.
func (p *Pane) copyCode() tea.Cmd {
	codes := p.page().codes
	if len(codes) == 1 {
		return pane.Say(pane.Copied{Text: codes[0]})
	}
	p.waiting = true
	return pane.Say(pane.Noted{Text: "copy which block? 1 to " + strconv.Itoa(len(codes)) + "; y again takes the first"})
}

// copyBlock takes the number that copyCode waits for; any other key leaves.
func (p *Pane) copyBlock(msg tea.KeyPressMsg) tea.Cmd {
	p.waiting = false
	g := p.page()
	if g == nil {
		return nil
	}
	n, err := strconv.Atoi(msg.Text)
	if msg.Text == "y" {
		n, err = 1, nil
	}
	if err != nil || n < 1 || n > len(g.codes) {
		return pane.Say(pane.Noted{Text: "nothing copied"})
	}
	return pane.Say(pane.Copied{Text: g.codes[n-1]})
}

func (p *Pane) noCode() string {
	switch g := p.page(); {
	case g == nil:
		return "the entry is not shown yet"
	case len(g.codes) == 0:
		return "this entry has no command to copy; Y copies its text"
	}
	return ""
}

// copyEntry copies the entry as Markdown, figures filled in.
func (p *Pane) copyEntry() tea.Cmd {
	text, err := p.s.Glossary.Markdown(p.entry, p.s.Rig)
	if err != nil {
		return pane.Say(pane.Noted{Text: "nothing copied: " + err.Error(), Bad: true})
	}
	return pane.Say(pane.Copied{Text: "# " + p.entry.Title + "\n\n" + text})
}
