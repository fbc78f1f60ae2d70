package widget

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/theme"
)

// TextField is a one-line text field that uses the terminal's own cursor.
type TextField struct {
	input  textinput.Model
	styled int // generation of the theme that it was styled with
}

// NewTextField makes an empty field without focus.
func NewTextField(prompt, placeholder string) *TextField {
	in := textinput.New()
	in.Prompt, in.Placeholder = prompt, placeholder
	in.CharLimit = 200
	in.SetVirtualCursor(false)
	return &TextField{input: in, styled: -1}
}

// Focus gives the field the keys; Blur takes them away.
func (f *TextField) Focus() { f.input.Focus() }

// Blur takes the keys away and keeps the text.
func (f *TextField) Blur() { f.input.Blur() }

// Focused tells whether the field has the keys.
func (f *TextField) Focused() bool { return f.input.Focused() }

// Value is the text.
func (f *TextField) Value() string { return f.input.Value() }

// Set replaces the text and puts the cursor behind it.
func (f *TextField) Set(s string) {
	f.input.SetValue(Clean(s))
	f.input.CursorEnd()
}

// Update edits the text and tells whether it changed.
func (f *TextField) Update(msg tea.Msg) bool {
	before := f.input.Value()
	f.input, _ = f.input.Update(msg)
	return f.input.Value() != before
}

// View draws the field into width cells.
func (f *TextField) View(t *theme.Theme, width int) string {
	if f.styled != t.Generation {
		f.style(t)
	}
	f.input.SetWidth(max(1, width-len([]rune(f.input.Prompt))-1))
	return Fit(f.input.View(), width)
}

// Cursor is where the terminal's cursor belongs, from the field's left end;
// nil without focus.
func (f *TextField) Cursor() *tea.Cursor {
	if !f.input.Focused() {
		return nil
	}
	return f.input.Cursor()
}

func (f *TextField) style(t *theme.Theme) {
	f.styled = t.Generation
	s := textinput.DefaultStyles(t.Dark)
	s.Focused.Prompt, s.Blurred.Prompt = t.Active, t.Dim
	s.Focused.Text, s.Blurred.Text = t.Plain, t.Plain
	s.Focused.Placeholder, s.Blurred.Placeholder = t.Dim, t.Dim
	s.Cursor.Color, s.Cursor.Blink, s.Cursor.Shape = nil, false, tea.CursorBar
	f.input.SetStyles(s)
}
