package pane

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// The groups of bindings, as help shows them.
const (
	GroupMove   = "Move"
	GroupAct    = "Here"
	GroupView   = "View"
	GroupGlobal = "Everywhere"
)

// Bind makes a binding. Keys are separated by spaces and spelled as Bubble Tea
// spells them ("ctrl+d", "space"); label is how the key is shown ("" = from the
// first key).
func Bind(keys, label, help, group string, do func() tea.Cmd) Binding {
	list := strings.Fields(keys)
	if label == "" {
		label = list[0]
	}
	return Binding{
		Binding: key.NewBinding(key.WithKeys(list...), key.WithHelp(label, help)),
		Group:   group, Do: do,
	}
}

// InFooter marks a binding as important enough for the footer.
func (b Binding) InFooter() Binding {
	b.Footer = true
	return b
}

// Unless gives a binding the question why it can't be used now.
func (b Binding) Unless(why func() string) Binding {
	b.Disabled = why
	return b
}

// Why says why the binding can't be used now; "" when it can.
func (b Binding) Why() string {
	if b.Disabled == nil {
		return ""
	}
	return b.Disabled()
}

// Run does what the binding does, or says why it can't.
func (b Binding) Run() tea.Cmd {
	if why := b.Why(); why != "" {
		return Say(Noted{Text: why, Bad: true})
	}
	if b.Do == nil {
		return nil
	}
	return b.Do()
}

// Dispatch runs the first binding that a key belongs to and tells whether
// there was one.
func Dispatch(bindings []Binding, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	for i := range bindings {
		if key.Matches(msg, bindings[i].Binding) {
			return bindings[i].Run(), true
		}
	}
	return nil, false
}
