package command

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

type guideFlags struct {
	json, plain bool
	kind        string
	choice      int
	reply       string
	slots       []string
	model       string
}

// guideKinds are the kinds that the guide lists by itself, in the order of the
// list; terms and errors have commands of their own.
func guideKinds() []string {
	return []string{"guide", "lesson", "answer", "kit", "tool", "method", "news", "symptom"}
}

func (a *App) guideCommand() *cobra.Command {
	var f guideFlags
	cmd := &cobra.Command{
		Use:   "guide [ID]",
		Short: "Read guides, lessons, answers, prompts and methods",
		Long: "guide lists what there is to read, or prints one entry with its figures for this\nmachine, or the one that --gpu and --ram describe. An answer takes --model, --quant\n" +
			"and --ctx; a lesson checks --choose and --reply; a prompt kit is filled by --slot.",
		Example: "  runlocal guide --kind answer\n  runlocal guide answer-how-much-context --model qwen3-8b\n  runlocal guide lesson-07-kv-cache --choose 2",
		Args:    arguments(1, "at most one entry"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return a.termIDs(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readRequest(cmd)
			if err != nil {
				return err
			}
			return a.guide(f, r, strings.Join(args, " "))
		},
	}
	a.addRequestFlags(cmd, "quant", "ctx", "gpu", "ram", "compute_capability")
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print JSON: one object, or an array without an entry")
	flags.BoolVar(&f.plain, "plain", false, "print the Markdown as it is")
	flags.StringVar(&f.kind, "kind", "", "list only "+strings.Join(guideKinds(), ", "))
	flags.StringVar(&f.model, "model", "", "the model that an answer is about")
	flags.IntVar(&f.choice, "choose", 0, "answer a lesson's checkpoint by its number")
	flags.StringVar(&f.reply, "reply", "", "answer a lesson's exercise, such as 6.3GiB")
	flags.StringArrayVar(&f.slots, "slot", nil, "fill a place of a prompt kit: NAME=TEXT; repeatable")
	return cmd
}

func (a *App) guide(f guideFlags, r *request.Request, id string) error {
	w, err := a.load()
	if err != nil {
		return err
	}
	g, err := w.glossary()
	if err != nil {
		return err
	}
	if strings.TrimSpace(id) == "" {
		return a.writeGuide(g, f)
	}
	e, err := findTerm(g, id)
	if err != nil {
		return err
	}
	switch {
	case f.choice != 0 || f.reply != "":
		return a.checkLesson(g, e, f)
	case len(f.slots) > 0:
		return a.fillKit(e, f)
	}
	rig, err := w.rig(r)
	if err != nil {
		return err
	}
	text, err := g.MarkdownFor(e, paramsOf(f, r), rig)
	if err != nil {
		return badf("%v", err)
	}
	if f.json {
		return a.writeGuideJSON(g, e, rig, text)
	}
	return a.writeMarkdown("# "+e.Title+"\n\n"+text+ending(g, e), f.plain)
}

// paramsOf is what the reader set of an answer's parameters.
func paramsOf(f guideFlags, r *request.Request) glossary.Params {
	p := glossary.Params{}
	if f.model != "" {
		p["model"] = f.model
	}
	for _, key := range []string{"quant", "ctx"} {
		if r.Has(key) {
			p[key] = r.Get(key)
		}
	}
	return p
}

func (a *App) writeGuideJSON(g *glossary.Glossary, e *glossary.Entry, rig *sizing.Rig, text string) error {
	t, err := describe(g, e, rig)
	if err != nil {
		return err
	}
	t.Markdown = text
	return writeJSON(a.Out, t)
}

// writeGuide lists the entries kind by kind.
func (a *App) writeGuide(g *glossary.Glossary, f guideFlags) error {
	kinds := guideKinds()
	if f.kind != "" {
		if !strings.Contains(" "+strings.Join(kinds, " ")+" ", " "+f.kind+" ") {
			return badf("no kind is called %q; there are %s", f.kind, strings.Join(kinds, ", "))
		}
		kinds = []string{f.kind}
	}
	entries := g.OfKinds(kinds...)
	if f.json {
		all := make([]termJSON, 0, len(entries))
		for _, e := range entries {
			t, err := describe(g, e, nil)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return writeJSON(a.Out, all)
	}
	t := a.theme()
	list := table{columns: []column{{"entry", false}, {"kind", false}, {"id", false}}}
	for _, e := range entries {
		list.add(e.Title, e.Kind, t.Dim.Render(e.ID))
	}
	var p page
	p.lines(list.lines(t.Dim))
	return p.writeTo(a.Out)
}

// checkLesson grades a checkpoint, an exercise, or both.
func (a *App) checkLesson(g *glossary.Glossary, e *glossary.Entry, f guideFlags) error {
	if e.Lesson == nil {
		return badf("%s is no lesson: it has nothing to check", e.ID)
	}
	var replies []glossary.Reply
	if f.choice != 0 {
		r, err := e.Lesson.CheckChoice(f.choice)
		if err != nil {
			return badf("%v", err)
		}
		replies = append(replies, r)
	}
	if f.reply != "" {
		r, err := g.CheckExercise(e.Lesson, f.reply)
		if err != nil {
			return badf("reply %s: %v", strconv.Quote(f.reply), err)
		}
		replies = append(replies, r)
	}
	if f.json {
		return writeJSON(a.Out, replies)
	}
	var p page
	for _, r := range replies {
		p.line(r.Text)
	}
	return p.writeTo(a.Out)
}

// fillKit prints a kit's prompt with the slots filled in.
func (a *App) fillKit(e *glossary.Entry, f guideFlags) error {
	if e.Kit == nil {
		return badf("%s is no prompt kit: it has no slots", e.ID)
	}
	fill := make(map[string]string, len(f.slots))
	for _, s := range f.slots {
		name, text, ok := strings.Cut(s, "=")
		if !ok {
			return badf("slot %q: want NAME=TEXT", s)
		}
		fill[name] = text
	}
	filled, err := e.Fill(fill)
	if err != nil {
		return badf("%v", err)
	}
	if f.json {
		return writeJSON(a.Out, filled)
	}
	var p page
	if filled.System != "" {
		p.line("System:\n" + filled.System + "\n")
	}
	p.line(filled.Prompt)
	if len(filled.Open) > 0 {
		p.line(fmt.Sprintf("\nStill open: %s.", strings.Join(filled.Open, ", ")))
	}
	p.line(fmt.Sprintf("\nAbout %d tokens (four characters each) of a context of %d.", filled.Tokens, e.Kit.Context))
	return p.writeTo(a.Out)
}
