package command

import (
	"fmt"
	"strings"

	"charm.land/glamour/v2"
	"github.com/spf13/cobra"

	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

type glossaryFlags struct{ json, plain bool }

func (a *App) glossaryCommand() *cobra.Command {
	var f glossaryFlags
	cmd := &cobra.Command{
		Use:     "glossary [TERM]",
		Short:   "Explain a term, with figures for a machine",
		Long:    "glossary prints the guide's entry for a term. Its figures are computed; those about\nyour machine are for this one, or the one that --gpu and --ram describe.",
		Example: "  runlocal glossary \"kv cache\"\n  runlocal glossary q4_k_m --plain",
		Args:    arguments(1, "at most one term"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return a.termIDs(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readRequest(cmd)
			if err != nil {
				return err
			}
			return a.glossary(f, r, strings.Join(args, " "))
		},
	}
	a.addRequestFlags(cmd, "gpu", "ram", "compute_capability")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON: one object, or an array of all without a term")
	cmd.Flags().BoolVar(&f.plain, "plain", false, "print the Markdown as it is")
	return cmd
}

// termIDs completes the first word; without a guide it stays silent.
func (a *App) termIDs(args []string) []string {
	w, err := a.load()
	if err != nil || len(args) > 0 {
		return nil
	}
	g, err := w.glossary()
	if err != nil {
		return nil
	}
	return names(g.Entries(), func(e *glossary.Entry) string { return e.ID })
}

func (a *App) glossary(f glossaryFlags, r *request.Request, term string) error {
	w, err := a.load()
	if err != nil {
		return err
	}
	g, err := w.glossary()
	if err != nil {
		return err
	}
	if strings.TrimSpace(term) == "" {
		return a.writeTerms(g, f)
	}
	e, err := findTerm(g, term)
	if err != nil {
		return err
	}
	rig, err := w.rig(r)
	if err != nil {
		return err
	}
	if f.json {
		return a.writeTermJSON(g, e, rig)
	}
	return a.writeTerm(g, e, rig, f.plain)
}

// findTerm takes a name, or what a search is sure of.
func findTerm(g *glossary.Glossary, term string) (*glossary.Entry, error) {
	if e, ok := g.Entry(term); ok {
		return e, nil
	}
	hits := g.Search(term)
	if len(hits) > 0 && hits[0].Sure() && (len(hits) == 1 || hits[0].Score > hits[1].Score) {
		return hits[0].Entry, nil
	}
	if len(hits) == 0 {
		near := request.Nearest(term, names(g.Entries(), func(e *glossary.Entry) string { return e.Title }))
		return nil, badf("no term matches %q; nearest: %s", term, near)
	}
	const most = 3
	near := names(hits[:min(most, len(hits))], func(h glossary.Hit) string { return h.Entry.ID })
	return nil, badf("no term is called %q; nearest: %s", term, strings.Join(near, ", "))
}

// termJSON is an entry for programs.
type termJSON struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Kind      string   `json:"kind"`
	Category  string   `json:"category"`
	Aliases   []string `json:"aliases"`
	Lead      string   `json:"lead"`
	Markdown  string   `json:"markdown,omitempty"`
	Links     []string `json:"links"`     // ids that it leads to
	Backlinks []string `json:"backlinks"` // ids that lead to it
	Sources   []string `json:"sources"`
	Reviewed  string   `json:"reviewed"`
}

func describe(g *glossary.Glossary, e *glossary.Entry, rig *sizing.Rig) (termJSON, error) {
	lead, err := g.Lead(e, rig)
	if err != nil {
		return termJSON{}, fmt.Errorf("the entry's figures: %w", err)
	}
	return termJSON{
		ID: e.ID, Title: e.Title, Kind: e.Kind, Category: e.Category,
		Aliases: append([]string{}, e.Aliases...), Lead: lead,
		Links:     names(g.Links(e), func(l glossary.Link) string { return l.Entry.ID }),
		Backlinks: names(g.Backlinks(e), func(e *glossary.Entry) string { return e.ID }),
		Sources:   append([]string{}, e.Sources...), Reviewed: e.Reviewed,
	}, nil
}

func (a *App) writeTermJSON(g *glossary.Glossary, e *glossary.Entry, rig *sizing.Rig) error {
	t, err := describe(g, e, rig)
	if err != nil {
		return err
	}
	if t.Markdown, err = g.Markdown(e, rig); err != nil {
		return fmt.Errorf("the entry's figures: %w", err)
	}
	return writeJSON(a.Out, t)
}

// writeTerms lists the guide by title.
func (a *App) writeTerms(g *glossary.Glossary, f glossaryFlags) error {
	if f.json {
		all := make([]termJSON, 0, len(g.Entries()))
		for _, e := range g.Entries() {
			t, err := describe(g, e, nil)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return writeJSON(a.Out, all)
	}
	t := a.theme()
	list := table{columns: []column{{"term", false}, {"category", false}, {"id", false}}}
	for _, e := range g.Entries() {
		list.add(e.Title, e.Category, t.Dim.Render(e.ID))
	}
	var p page
	p.lines(list.lines(t.Dim))
	return p.writeTo(a.Out)
}

func (a *App) writeTerm(g *glossary.Glossary, e *glossary.Entry, rig *sizing.Rig, plain bool) error {
	text, err := g.Markdown(e, rig)
	if err != nil {
		return fmt.Errorf("the entry's figures: %w", err)
	}
	return a.writeMarkdown("# "+e.Title+"\n\n"+text+ending(g, e), plain)
}

// writeMarkdown lays a text out for a terminal; elsewhere, or if that is
// wanted, it stays as it is.
func (a *App) writeMarkdown(text string, plain bool) error {
	if a.Tty && !plain {
		var err error
		if text, err = a.render(text); err != nil {
			return err
		}
	}
	var p page
	p.line(strings.TrimRight(text, "\n"))
	return p.writeTo(a.Out)
}

// ending lists where an entry leads, and where its facts can be checked.
func ending(g *glossary.Glossary, e *glossary.Entry) string {
	var b strings.Builder
	var related []string
	for _, l := range g.Links(e) {
		if !l.Prose {
			related = append(related, l.Entry.Title+" (`"+l.Entry.ID+"`)")
		}
	}
	if len(related) > 0 {
		fmt.Fprintf(&b, "\n\nRelated: %s.\n", strings.Join(related, ", "))
	}
	if len(e.Sources) > 0 {
		fmt.Fprintf(&b, "\nSources, reviewed %s:\n\n", e.Reviewed)
		for _, s := range e.Sources {
			fmt.Fprintf(&b, "- %s\n", s)
		}
	}
	return b.String()
}

// widest is the most cells that a line of prose gets: longer ones are hard to
// read.
const widest = 100

// render lays Markdown out for the terminal. This is the one command that asks
// the terminal for its background, because prose in the wrong grey can't be
// read.
func (a *App) render(text string) (string, error) {
	style := "light"
	if a.darkBackground() {
		style = "dark"
	}
	r, err := glamour.NewTermRenderer(glamour.WithStandardStyle(style), glamour.WithWordWrap(a.width()))
	if err != nil {
		return "", fmt.Errorf("lay the entry out: %w", err)
	}
	out, err := r.Render(text)
	if err != nil {
		return "", fmt.Errorf("lay the entry out: %w", err)
	}
	return out, nil
}
