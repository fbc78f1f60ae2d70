package ui

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/pane"
)

// mouseEvent gives the mouse to what is under the pointer: overlay, header,
// footer, pane. A pane in which the button went down keeps the mouse until it
// is up again, so that a drag may leave the slider's row.
func (r *Root) mouseEvent(msg tea.MouseMsg) tea.Cmd {
	if r.width < minWidth || r.height < minHeight {
		return nil
	}
	if r.layer != nil {
		return r.layer.Update(msg)
	}
	m := msg.Mouse()
	if r.grab {
		_, up := msg.(tea.MouseReleaseMsg)
		r.grab = !up
		return r.mouseToPane(msg, m)
	}
	click, isClick := msg.(tea.MouseClickMsg)
	if isClick && click.Button != tea.MouseLeft {
		return nil
	}
	switch {
	case m.Y == 0 && isClick:
		return r.clickHeader(m.X)
	case m.Y == r.height-1 && isClick:
		return r.clickFooter(m.X)
	case m.Y >= bodyTop && m.Y < r.height-1:
		r.grab = isClick
		if isClick {
			r.note = note{}
		}
		return r.mouseToPane(msg, m)
	}
	return nil
}

func (r *Root) mouseToPane(msg tea.MouseMsg, m tea.Mouse) tea.Cmd {
	p, ok := r.current().(pane.MousePane)
	if !ok || !r.begun() {
		return nil
	}
	cmd, _ := p.Mouse(m.X, m.Y-bodyTop, msg)
	return cmd
}

func (r *Root) clickHeader(x int) tea.Cmd {
	for i, t := range r.places.tabs {
		if x >= t.From && x < t.To {
			return r.show(i)
		}
	}
	if x >= r.places.rigAt {
		return r.show(r.tabOf(pane.Hardware))
	}
	return nil
}

func (r *Root) clickFooter(x int) tea.Cmd {
	for _, h := range r.places.hints {
		if x >= h.From && x < h.To {
			r.note = note{}
			return h.Binding.Run()
		}
	}
	return nil
}
