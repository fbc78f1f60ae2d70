package calculator

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/ui/pane"
	"runlocal/ui/widget"
)

// edit is a value being typed in place of a slider's.
type edit struct {
	key   string
	field *widget.TextField
	wrong string // why the last enter was refused
	x, y  int    // where the field was drawn
}

// begin opens the field of the focused slider with a first text.
func (p *Pane) begin(text string) tea.Cmd {
	f := widget.NewTextField("", "")
	f.Set(text)
	f.Focus()
	p.edit = &edit{key: p.focus, field: f}
	return nil
}

// typed opens the field when a digit comes that nothing else is bound to.
func (p *Pane) typed(msg tea.KeyPressMsg) tea.Cmd {
	if p.now == nil || p.work != nil || len(msg.Text) != 1 || !unicode.IsDigit(rune(msg.Text[0])) {
		return nil
	}
	return p.begin(msg.Text)
}

// editKey gives a key to the field. Enter and tab take the value; what is no
// value stays in the field with the reason beside it.
func (p *Pane) editKey(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "esc":
		p.edit = nil
		return nil
	case "enter", "tab":
		return p.take()
	}
	p.edit.wrong = ""
	p.edit.field.Update(msg)
	return nil
}

// take reads the typed value in the words of the commands: "32k", "131072",
// "max", "q4_k_m", "auto".
func (p *Pane) take() tea.Cmd {
	key, text := p.edit.key, strings.TrimSpace(p.edit.field.Value())
	if text == "" {
		p.edit = nil
		return nil
	}
	next, err := p.now.read(key, text)
	if err == nil {
		_, err = p.now.estimate(next)
	}
	if err != nil {
		p.edit.wrong = strings.TrimPrefix(err.Error(), key+" ")
		return pane.Say(pane.Noted{Text: err.Error(), Bad: true})
	}
	p.edit = nil
	return p.change(key, next)
}

// read is the present settings with one of them read from text. What is typed
// as a context is each sequence's.
func (z *sized) read(key, text string) (sizing.Settings, error) {
	next, err := request.Apply(z.settings, key, text, z.model, z.catalog)
	switch {
	case err != nil:
	case key == keyContext:
		next.Ctx *= max(1, next.Parallel)
	case key == keyParallel:
		next.Ctx = z.each() * next.Parallel
	}
	return next, err
}

// Cursor is the cursor of the field.
func (p *Pane) Cursor() *tea.Cursor {
	if p.edit == nil {
		return nil
	}
	c := p.edit.field.Cursor()
	if c == nil {
		return nil
	}
	c.X += p.edit.x
	c.Y += p.edit.y
	return c
}
