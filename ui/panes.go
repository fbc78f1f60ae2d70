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
		logs.New(t, o.Paste),
	}
}
