package command

import (
	"fmt"

	"runlocal/glossary/fix"
	"runlocal/sizing"
	"runlocal/ui/logpage"
)

// fixJSON is the answer to a log for programs.
type fixJSON struct {
	Confidence fix.Confidence `json:"confidence"`
	Entry      *termJSON      `json:"entry"` // null when it is not known
	Found      *foundJSON     `json:"found"` // what speaks for the entry
	Others     []foundJSON    `json:"others"`
	Facts      fix.Facts      `json:"facts"`
	Advice     *adviceJSON    `json:"advice"` // null when the engine has none
	Log        logJSON        `json:"log"`
}

type foundJSON struct {
	ID    string     `json:"id"`
	Title string     `json:"title"`
	Score float64    `json:"score"`
	Why   string     `json:"why"`
	Lines []fix.Line `json:"lines"`
}

type logJSON struct {
	Lines int64 `json:"lines"`
	Bytes int64 `json:"bytes"`
	Cut   bool  `json:"cut"` // longer than what is read
}

type adviceJSON struct {
	Device  string       `json:"device"`
	OfLog   bool         `json:"of_log"` // the device is the log's, else the asker's
	Started startedJSON  `json:"started"`
	Options []optionJSON `json:"options"`
	Notes   []string     `json:"notes"`
}

// startedJSON is a model with settings and what they come to.
type startedJSON struct {
	Model   string         `json:"model"`
	Quant   string         `json:"quant"`
	Ctx     int            `json:"ctx"`
	KVType  string         `json:"kv_type"`
	Runtime string         `json:"runtime"`
	Total   int64          `json:"total"`
	Verdict sizing.Verdict `json:"verdict"`
	Reason  string         `json:"reason"`
}

type optionJSON struct {
	Change string `json:"change"`
	startedJSON
	Command string `json:"command"`
}

func (a *App) writeFixJSON(w *world, x *logpage.Answer) error {
	out := fixJSON{
		Confidence: x.Confidence, Facts: x.Facts, Others: []foundJSON{},
		Log: logJSON{x.Lines, x.Bytes, x.Cut},
	}
	if e := x.Best(); e != nil {
		g, err := w.glossary()
		if err != nil {
			return err
		}
		t, err := describe(g, e, x.Rig)
		if err != nil {
			return err
		}
		if t.Markdown, err = g.Markdown(e, x.Rig); err != nil {
			return fmt.Errorf("the entry's figures: %w", err)
		}
		found := describeFound(x.Findings[0])
		out.Entry, out.Found = &t, &found
	}
	for _, f := range x.Others() {
		out.Others = append(out.Others, describeFound(f))
	}
	if x.Advice != nil {
		out.Advice = describeAdvice(x)
	}
	return writeJSON(a.Out, out)
}

func describeFound(f fix.Finding) foundJSON {
	return foundJSON{f.Entry.ID, f.Entry.Title, f.Score, f.Why, f.Lines}
}

func describeAdvice(x *logpage.Answer) *adviceJSON {
	a := x.Advice
	out := &adviceJSON{
		Device: a.Rig.Name, OfLog: a.OfLog, Started: describeStart(a.Settings, &a.Budget),
		Options: []optionJSON{}, Notes: append([]string{}, a.Notes...),
	}
	for _, o := range a.Options {
		out.Options = append(out.Options, optionJSON{o.Change, describeStart(o.Settings, &o.Budget), x.Command(o)})
	}
	return out
}

func describeStart(s sizing.Settings, b *sizing.Budget) startedJSON {
	return startedJSON{
		Model: b.Model, Quant: b.Quant, Ctx: b.Ctx, KVType: s.KVTypeK, Runtime: b.Runtime,
		Total: b.Totals.Total, Verdict: b.Verdict, Reason: b.Reason,
	}
}
