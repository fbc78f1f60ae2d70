package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/ui/theme"
)

// mark is how a check ended.
type mark string

const (
	markGood mark = "ok"
	markNote mark = "note" // worth knowing, nothing is in the way
	markBad  mark = "bad"  // something that is there cannot be used
)

// check is one thing that doctor looked at.
type check struct {
	Group  string `json:"group"`
	Name   string `json:"name"`
	Mark   mark   `json:"state"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
}

// diagnosis is what doctor prints as JSON.
type diagnosis struct {
	Usable bool    `json:"usable"`
	Checks []check `json:"checks"`
}

func (a *App) doctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Say what was looked for, what is missing and how to mend it",
		Long:    "doctor looks for drivers, devices, permissions, runtimes, the terminal's abilities and the\nfolders that runlocal writes to. It changes nothing. The exit status is 0 when everything\nthat is there can be used, and 1 when something stands in the way.",
		Example: "  runlocal doctor\n  runlocal doctor --json",
		Args:    arguments(0, "no further words"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.doctor(cmd.Context(), a.surroundings(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func (a *App) doctor(ctx context.Context, s surroundings, asJSON bool) error {
	d := a.examine(ctx, s)
	var err error
	if asJSON {
		err = writeJSON(a.Out, d)
	} else {
		err = a.writeDiagnosis(d)
	}
	if err != nil {
		return err
	}
	if !d.Usable {
		return fmt.Errorf("%d of %d checks failed: what they name cannot be used as it is", d.count(markBad), len(d.Checks))
	}
	return nil
}

// examine makes every check. Without a catalog, detection still runs.
func (a *App) examine(ctx context.Context, s surroundings) diagnosis {
	var d diagnosis
	var c *catalog.Catalog
	var r detect.Report
	w, err := a.load()
	if err != nil {
		d.add("Catalog", "records", markBad, err.Error(), "the program or a file of yours is damaged: see the message, or install it anew")
		r = a.Detect(ctx, nil)
	} else {
		c, r = w.catalog, w.detected()
		d.catalog(c)
	}
	d.devices(r)
	d.host(r.Host)
	d.runtimes(s)
	d.folders(s)
	d.terminal(ctx, s)
	d.Usable = d.count(markBad) == 0
	return d
}

func (d *diagnosis) add(group, name string, m mark, detail, fix string) {
	d.Checks = append(d.Checks, check{group, name, m, oneLine(detail), oneLine(fix)})
}

func (d *diagnosis) count(m mark) int {
	n := 0
	for _, c := range d.Checks {
		if c.Mark == m {
			n++
		}
	}
	return n
}

func (a *App) writeDiagnosis(d diagnosis) error {
	t := a.theme()
	wide := 0
	for _, c := range d.Checks {
		wide = max(wide, len([]rune(c.Name)))
	}
	var p page
	group := ""
	for _, c := range d.Checks {
		if c.Group != group {
			if group != "" {
				p.line()
			}
			group = c.Group
			p.line(t.Bold.Render(group))
		}
		p.line("  ", c.Mark.sign(t), " ", pad(c.Name, wide), "  ", c.Detail)
		if c.Fix != "" {
			p.line(strings.Repeat(" ", 4), t.Accent.Render("→ "), c.Fix)
		}
	}
	p.line()
	if d.Usable {
		p.line("Everything that was found can be used.")
	} else {
		p.line(t.Error.Render(fmt.Sprintf("%d in the way; each arrow says how to mend it.", d.count(markBad))))
	}
	return p.writeTo(a.Out)
}

// sign differs in shape as well as in colour.
func (m mark) sign(t *theme.Theme) string {
	switch m {
	case markGood:
		return t.Good.Render("✓")
	case markBad:
		return t.Error.Render("✕")
	default:
		return t.Warn.Render("·")
	}
}
