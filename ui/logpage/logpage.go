// Package logpage writes the page that answers a log: what it complains of and
// how sure that is, the lines that say so, the numbers in it and what would fit
// instead, the guide's entry, and what else it could be. The command and the
// pane show the same page. It may import the guide, the engine and launch.
package logpage

import (
	"fmt"
	"math"
	"strings"

	"runlocal/catalog"
	"runlocal/glossary"
	"runlocal/glossary/fix"
	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/launch"
)

// Answer is all that is known about a log.
type Answer struct {
	fix.Diagnosis
	Advice *fix.Advice // nil where the engine has none
	Rig    *sizing.Rig // that figures are for: the log's, else the reader's
}

// Ask puts a diagnosis to the engine. rig is the reader's.
func Ask(d fix.Diagnosis, engine *sizing.Engine, c *catalog.Catalog, rig *sizing.Rig) Answer {
	a := Answer{Diagnosis: d, Rig: rig}
	if a.Advice = fix.Advise(&d.Facts, engine, c, rig); a.Advice != nil {
		a.Rig = a.Advice.Rig
	}
	return a
}

// Title is what the page is about.
func (a *Answer) Title() string {
	if e := a.Best(); e != nil {
		return e.Title
	}
	return "Not known"
}

// Markdown is the page without its title. Links stay as [text](id).
func (a *Answer) Markdown(g *glossary.Glossary) (string, error) {
	var b strings.Builder
	b.WriteString(a.opening())
	rest := ""
	if e := a.Best(); e != nil {
		lead, err := g.Lead(e, a.Rig)
		if err != nil {
			return "", fmt.Errorf("the entry's figures: %w", err)
		}
		text, err := g.Markdown(e, a.Rig)
		if err != nil {
			return "", fmt.Errorf("the entry's figures: %w", err)
		}
		writeLines(&b, a.Findings[0].Lines)
		b.WriteString("\n" + lead + "\n")
		rest = strings.TrimPrefix(text, lead)
	}
	a.writeNumbers(&b)
	b.WriteString("\n" + strings.TrimLeft(rest, "\n"))
	a.writeOthers(&b)
	return b.String(), nil
}

// opening says how sure the answer is, and why.
func (a *Answer) opening() string {
	cut := ""
	if a.Cut {
		cut = fmt.Sprintf(" Only its first %s were read.", units.Bytes(a.Bytes))
	}
	size := fmt.Sprintf("%s of log", units.Count(a.Lines)+" "+word(a.Lines, "line"))
	if a.Confidence == fix.Unknown {
		return fmt.Sprintf("Nothing in %s is known well enough to name a cause.%s\n", size, cut) + a.whatToTry()
	}
	best := a.Findings[0]
	return fmt.Sprintf("**%s** (%s: %s), from %s.%s\n", upperFirst(string(a.Confidence)), percent(best.Score), best.Why, size, cut)
}

func (a *Answer) whatToTry() string {
	if a.Lines == 0 {
		return "\nThe log is empty.\n"
	}
	return "\nA log says more when it begins where the program starts and ends behind the error. " +
		"The runtimes tell more with `--verbose` (llama.cpp), `OLLAMA_DEBUG=1` (Ollama) or `VLLM_LOGGING_LEVEL=DEBUG` (vLLM).\n"
}

// writeLines shows lines of the log with their numbers, as a block of code
// that nothing in them can end.
func writeLines(b *strings.Builder, lines []fix.Line) {
	if len(lines) == 0 {
		return
	}
	wide, fence := 0, "```"
	for _, l := range lines {
		wide = max(wide, len(fmt.Sprint(l.Number)))
		for strings.Contains(l.Text, fence) {
			fence += "`"
		}
	}
	b.WriteString("\n" + fence + "text\n")
	for _, l := range lines {
		fmt.Fprintf(b, "%*d  %s\n", wide, l.Number, l.Text)
	}
	b.WriteString(fence + "\n")
}

// writeNumbers says what memory the log speaks of, and what would fit.
func (a *Answer) writeNumbers(b *strings.Builder) {
	lines := a.Facts.Numbers()
	if a.Advice != nil {
		lines = append(lines, a.Advice.Lines()...)
	}
	if len(lines) == 0 {
		return
	}
	b.WriteString("\n## The numbers\n\n" + strings.Join(lines, " ") + "\n")
	if a.Advice == nil || len(a.Advice.Options) == 0 {
		return
	}
	b.WriteString("\nAny one of these makes it run:\n")
	for i, o := range a.Advice.Options {
		fmt.Fprintf(b, "\n%d. %s: %s in all, %s.\n\n", i+1, upperFirst(o.Change), units.Bytes(o.Budget.Totals.Total), o.Budget.Reason)
		fmt.Fprintf(b, "```sh\n%s\n```\n", a.Command(o))
	}
}

// Command is what starts a model with an option.
func (a *Answer) Command(o fix.Option) string {
	return launch.Build(a.Advice.Model, o.Settings, o.Budget.Placement).Text()
}

// mostOthers bounds the other candidates that are named.
const mostOthers = 5

// Others are the candidates beside the best.
func (a *Answer) Others() []fix.Finding {
	all := a.Findings
	if a.Best() != nil {
		all = all[1:]
	}
	return all[:min(len(all), mostOthers)]
}

func (a *Answer) writeOthers(b *strings.Builder) {
	others := a.Others()
	if len(others) == 0 {
		return
	}
	title, lead := "What else it could be", "Less of the log speaks for these:"
	if a.Best() == nil {
		title, lead = "What was near", "Too little of the log speaks for these:"
	}
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", title, lead)
	for _, f := range others {
		fmt.Fprintf(b, "- [%s](%s), %s: %s\n", f.Entry.Title, f.Entry.ID, percent(f.Score), f.Why)
	}
}

func percent(score float64) string { return fmt.Sprintf("%.0f %%", math.Floor(100*score)) }

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func word(n int64, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}
