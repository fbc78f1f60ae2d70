package ui

import (
	"runlocal/ui/calculator"
	"runlocal/ui/hardware"
	"runlocal/ui/logs"
	"runlocal/ui/models"
	"runlocal/ui/pane"
	"runlocal/ui/reader"
	"runlocal/ui/theme"
)

// allPanes are the tabs in their order.
func (o Options) allPanes(t *theme.Theme) []pane.Pane {
	return []pane.Pane{
		models.New(t, o.FindModels),
		hardware.New(t, hardware.Poll),
		calculator.New(t),
		reader.New(t, reader.Shelf{Title: pane.Glossary, Kinds: []string{"term"}, Asks: "find a term"}),
		reader.New(t, reader.Shelf{
			Title: pane.Guide, Asks: "find a guide, lesson or answer",
			Kinds: []string{"guide", "lesson", "answer", "kit", "tool", "method", "news"},
		}),
		logs.New(t, o.Paste),
	}
}
