package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// openHelp lists the keys of the pane in front, its own first. Enter on a line
// does what the key does.
func (r *Root) openHelp() tea.Cmd {
	var choices []choice
	for _, b := range append(r.here(), r.globals()...) {
		if !b.Enabled() {
			continue
		}
		h := b.Help()
		choices = append(choices, choice{name: h.Desc, kind: b.Group, key: h.Key, why: b.Why(), do: b.Run})
	}
	r.layer = newChooser("Keys of "+r.current().Title(), "type to search",
		"no key does that here; backspace widens the search", choices, len(choices))
	return nil
}

// unbound are actions without a key of their own everywhere.
func (r *Root) unbound(have []choice) []choice {
	again := choice{name: "look for hardware again", kind: pane.GroupGlobal, do: func() tea.Cmd {
		return pane.Say(pane.DetectAgain{})
	}}
	if slices.ContainsFunc(have, func(c choice) bool { return c.name == again.name }) {
		return nil
	}
	return []choice{again}
}

// openPalette finds everything by name: actions, tabs, models, devices, terms.
func (r *Root) openPalette() tea.Cmd {
	choices := r.actions()
	choices = append(choices, r.unbound(choices)...)
	first := len(choices)
	if c := r.s.Catalog; c != nil {
		for _, m := range c.Models {
			choices = append(choices, choice{name: m.Name, kind: "model", do: func() tea.Cmd {
				return pane.Say(pane.OpenModel{ID: m.ID})
			}})
		}
		for _, d := range c.Devices {
			choices = append(choices, choice{name: d.Name, kind: "device", do: func() tea.Cmd {
				return pane.Say(pane.OpenDevice{ID: d.ID})
			}})
		}
	}
	if g := r.s.Glossary; g != nil {
		for _, e := range g.Entries() {
			choices = append(choices, choice{name: e.Title, kind: e.Kind, do: func() tea.Cmd {
				return pane.Say(pane.OpenTerm{ID: e.ID})
			}})
		}
	}
	r.layer = newChooser("Everything by name", "a model, a device, a term, an action",
		"nothing has that name; backspace widens the search", choices, first)
	return nil
}

// actions are the bindings that do something by themselves, with their keys:
// movement is left to the keys.
func (r *Root) actions() []choice {
	var choices []choice
	for _, b := range append(r.here(), r.globals()...) {
		if !b.Enabled() || b.Group == pane.GroupMove {
			continue
		}
		h := b.Help()
		choices = append(choices, choice{name: h.Desc, kind: b.Group, key: h.Key, why: b.Why(), do: b.Run})
	}
	return choices
}
