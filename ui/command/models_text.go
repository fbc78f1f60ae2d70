package command

import (
	"fmt"

	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
)

// legend explains the marks of a ranked list.
const legend = "● fits  ◐ fits with little room  ○ runs in RAM or with a part there  ✕ does not fit"

// writeModels prints the list for a person.
func (a *App) writeModels(rows []modelRow, all int, rig *sizing.Rig) error {
	t := a.theme()
	list := table{columns: []column{
		{"", false}, {"model", false}, {"params", true}, {"best here", false}, {"GiB", true}, {"in RAM", true}, {"context", true}, {"tok/s", true}, {"id", false},
	}}
	for _, r := range rows {
		list.add(t.Verdict(r.Verdict).Render(theme.Mark(r.Verdict)), oneLine(r.Name), units.Params(r.Params),
			r.Quant, gib(r.Total), ram(r, rig), contextLength(r.MaxCtx), band(r.Decode), t.Dim.Render(r.ID))
	}
	var p page
	p.line("For ", rigWords(rig))
	p.lines(list.lines(t.Dim))
	if len(rows) < all {
		p.line(t.Dim.Render(fmt.Sprintf("%d of %s models; --limit 0 shows all", len(rows), units.Count(all))))
	}
	if all == 0 {
		p.line("nothing fits: leave --fits out to see what runs with a part in RAM")
	}
	p.line(t.Dim.Render(legend))
	return p.writeTo(a.Out)
}

// ram says how much lies in RAM where there is also a GPU.
func ram(r modelRow, rig *sizing.Rig) string {
	if len(rig.GPUs) == 0 || r.Verdict != sizing.Offload {
		return ""
	}
	return gib(r.Host)
}

func contextLength(tokens int) string {
	if tokens == 0 {
		return ""
	}
	return units.Context(tokens)
}

func band(b sizing.Band) string {
	if b.Mid <= 0 {
		return ""
	}
	return units.Band(b.Low, b.High)
}
