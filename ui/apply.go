package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/sizing"
	"runlocal/ui/pane"
)

// apply takes a message that changes the session or the root, and tells
// whether it was one.
func (r *Root) apply(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case pane.Result:
		return r.deliver(msg), true
	case pane.ModelChosen:
		return r.chooseModel(msg), true
	case pane.SettingsChanged:
		r.keep()
		r.s.Settings = msg.Settings
		return r.changed(), true
	case pane.RigChanged:
		return r.changeRig(msg.Rig), true
	case pane.OpenTerm:
		return r.forward(r.tabFor(msg.ID), msg), true
	case pane.OpenDevice:
		return r.forward(pane.Hardware, msg), true
	case pane.OpenModel:
		return r.forward(pane.Models, msg), true
	case pane.Open:
		return r.show(r.tabOf(msg.Tab)), true
	case pane.Copied:
		return r.copy(msg.Text), true
	case pane.Noted:
		r.note = note{msg.Text, msg.Bad}
		return nil, true
	case pane.DetectAgain:
		return r.detectAgain(), true
	}
	return r.applyOwn(msg)
}

// applyOwn is apply for what the root's own commands found out.
func (r *Root) applyOwn(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case loadDue:
		return r.loadCatalog(), true
	case catalogLoaded:
		return r.catalogCame(msg), true
	case glossaryLoaded:
		return r.glossaryCame(msg), true
	case detected:
		return r.detectionCame(msg), true
	case ticked:
		return r.spin(msg.id), true
	case saveDue:
		return r.saveNow(msg), true
	case closeLayer:
		r.layer = nil
		return msg.then, true
	}
	return nil, false
}

// deliver hands a result to the pane that asked for it, shown or not.
func (r *Root) deliver(msg pane.Result) tea.Cmd {
	for _, t := range r.tabs {
		if t.pane.Title() == msg.Pane && t.begun {
			return t.pane.Update(msg)
		}
	}
	return nil
}

// forward brings a pane to the front and gives it a message.
func (r *Root) forward(title string, msg tea.Msg) tea.Cmd {
	i := r.tabOf(title)
	if r.tabs[i].pane.Title() != title {
		r.note = note{"there is no tab " + title, true}
		return nil
	}
	return tea.Batch(r.show(i), r.toPane(msg))
}

// tabFor is the title of the tab that lists an entry; the glossary's if there
// is no such entry, or the guide is not read yet.
func (r *Root) tabFor(id string) string {
	if r.s.Glossary != nil {
		if e, ok := r.s.Glossary.Entry(id); ok {
			return pane.TabOf(e.Kind)
		}
	}
	return pane.Glossary
}

func (r *Root) chooseModel(msg pane.ModelChosen) tea.Cmd {
	if msg.Model == nil {
		return nil
	}
	r.keep()
	r.s.Model, r.s.File = msg.Model, msg.File
	if msg.Settings != nil {
		r.s.Settings = *msg.Settings
	} else if msg.Model.Context > 0 {
		r.s.Settings.Ctx = min(r.s.Settings.Ctx, msg.Model.Context)
	}
	r.s.Settings.Quant = r.knownQuant(r.s.Settings.Quant)
	cmds := []tea.Cmd{r.changed()}
	if msg.Show {
		cmds = append(cmds, r.show(r.tabOf(pane.Calculator)))
	}
	return tea.Batch(cmds...)
}

// changeRig simulates a rig, or goes back to the real one with nil.
func (r *Root) changeRig(rig *sizing.Rig) tea.Cmd {
	r.keep()
	if rig == nil {
		rig = r.s.RealRig()
	}
	r.s.Rig = rig
	return r.changed()
}

// changed hands the new session out and remembers it.
func (r *Root) changed() tea.Cmd { return tea.Batch(r.handOut(), r.saveSoon()) }

// handOut gives the session to every pane that has been shown.
func (r *Root) handOut() tea.Cmd {
	var cmds []tea.Cmd
	for _, t := range r.tabs {
		if t.begun {
			cmds = append(cmds, t.pane.SetSession(r.s))
		}
	}
	return tea.Batch(cmds...)
}

// undoDepth bounds how far back undo goes.
const undoDepth = 200

// keep remembers the session as it is, for undo.
func (r *Root) keep() {
	if len(r.undo) == undoDepth {
		r.undo = r.undo[1:]
	}
	r.undo = append(r.undo, snapshot{r.s.Rig, r.s.Model, r.s.File, r.s.Settings})
}

// goBack undoes the last change of model, settings or rig.
func (r *Root) goBack() tea.Cmd {
	last := r.undo[len(r.undo)-1]
	r.undo = r.undo[:len(r.undo)-1]
	r.s.Rig, r.s.Model, r.s.File, r.s.Settings = last.rig, last.model, last.file, last.settings
	if !r.s.Rig.Simulated {
		r.s.Rig = r.s.RealRig() // detection may have ended since
	}
	r.note = note{text: "undone"}
	return r.changed()
}

// copy goes both ways, because neither says whether it worked: through the
// terminal, which reaches over SSH, and to the system's clipboard.
func (r *Root) copy(text string) tea.Cmd {
	shown := strings.Join(strings.Fields(text), " ")
	r.note = note{text: "copied: " + shown}
	local := r.opt.Copy
	if local == nil {
		return tea.SetClipboard(text)
	}
	return tea.Batch(tea.SetClipboard(text), func() tea.Msg {
		_ = local(text) // the terminal's way may have worked; there is no telling
		return nil
	})
}

type saveDue struct{ request int }

// saveSoon writes the state when nothing else has changed for a while.
func (r *Root) saveSoon() tea.Cmd {
	r.saveAsked++
	return pane.After(r.ctx, saveDelay, saveDue{r.saveAsked})
}

func (r *Root) saveNow(msg saveDue) tea.Cmd {
	if msg.request != r.saveAsked {
		return nil
	}
	s, store := r.state(), r.opt.Store
	return func() tea.Msg {
		if err := store.Save(s); err != nil {
			return pane.Noted{Text: "this session won't be remembered: " + err.Error(), Bad: true}
		}
		return nil
	}
}
