package calculator

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"runlocal/ui/pane"
)

// copyCommand copies the command that starts it so.
func (p *Pane) copyCommand() tea.Cmd {
	if why := p.noBudget(); why != "" {
		return pane.Say(pane.Noted{Text: why, Bad: true})
	}
	return pane.Say(pane.Copied{Text: p.now.command().Text()})
}

// textWidth is how wide the panel is when it is copied as text.
const textWidth = 100

// copyPanel copies everything the pane says, as plain text.
func (p *Pane) copyPanel() tea.Cmd {
	return pane.Say(pane.Copied{Text: p.text()})
}

// text is the pane without colours and without the room at the right.
func (p *Pane) text() string {
	var out []string
	if p.work != nil {
		out = p.workLines(textWidth)
	} else {
		for _, l := range p.lines(textWidth) {
			out = append(out, l.text)
		}
	}
	for i, s := range out {
		out[i] = strings.TrimRight(ansi.Strip(s), " ")
	}
	return strings.TrimSpace(strings.Join(out, "\n")) + "\n"
}
