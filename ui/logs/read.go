package logs

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/glossary"
	"runlocal/glossary/fix"
	"runlocal/ui/logpage"
	"runlocal/ui/pane"
	"runlocal/ui/reader"
	"runlocal/ui/widget"
)

// opener gives a log to read, and what to do when that is done.
type opener func() (io.Reader, func() error, error)

func fromText(text string) opener {
	return func() (io.Reader, func() error, error) {
		return strings.NewReader(text), func() error { return nil }, nil
	}
}

func fromFile(name string) opener {
	return func() (io.Reader, func() error, error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		return f, f.Close, nil
	}
}

// cleanPath takes off a name what terminals put round it when a file is
// dropped on them, and spells the home folder out.
func cleanPath(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && s[0] == s[n-1] && (s[0] == '\'' || s[0] == '"') {
		s = s[1 : n-1]
	} else if filepath.Separator == '/' {
		s = strings.ReplaceAll(s, `\ `, " ")
	}
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			s = filepath.Join(home, rest)
		}
	}
	return s
}

// diagnosed is what the command of a log found out.
type diagnosed struct {
	d   fix.Diagnosis
	err error
}

// answered is a page that is made; or why it is not.
type answered struct {
	log    int // its number
	answer logpage.Answer
	text   string
	err    error
}

// clip is what the clipboard holds.
type clip string

// read starts to read a log. What was being read before is left.
func (p *Pane) read(what string, open opener) tea.Cmd {
	if why := p.unready(); why != "" {
		return pane.Say(pane.Noted{Text: why, Bad: true})
	}
	p.Close()
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.busy = stop, what
	p.reads++
	id, matcher := p.reads, p.matcher
	return func() tea.Msg {
		d, err := readLog(ctx, matcher, open)
		stop()
		return pane.Result{Pane: pane.Fix, Request: id, Body: diagnosed{d, err}}
	}
}

func readLog(ctx context.Context, matcher func() (*fix.Matcher, error), open opener) (fix.Diagnosis, error) {
	m, err := matcher()
	if err != nil {
		return fix.Diagnosis{}, fmt.Errorf("the guide's patterns: %w", err)
	}
	r, done, err := open()
	if err != nil {
		return fix.Diagnosis{}, err
	}
	d, err := m.Read(untilDone{ctx, r})
	if closed := done(); err == nil {
		err = closed
	}
	return d, err
}

// untilDone is a reader that ends with its context.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// took takes the results of the pane's own commands. Of each kind the latest
// counts.
func (p *Pane) took(msg pane.Result) (tea.Cmd, bool) {
	switch body := msg.Body.(type) {
	case clip:
		return p.pasted(tea.PasteMsg{Content: string(body)}), true
	case diagnosed:
		if msg.Request != p.reads {
			return nil, true
		}
		p.busy = ""
		if body.err != nil {
			return refuse(body.err), true
		}
		p.logs++
		return p.answer(body.d, p.logs), true
	case answered:
		if msg.Request != p.answers {
			return nil, true
		}
		if body.err != nil {
			return refuse(body.err), true
		}
		return p.showAnswer(&body), true
	}
	return nil, false
}

func refuse(err error) tea.Cmd {
	return pane.Say(pane.Noted{Text: "the log: " + widget.Clean(err.Error()), Bad: true})
}

// answer is the command that puts a diagnosis to the engine and writes its
// page.
func (p *Pane) answer(d fix.Diagnosis, log int) tea.Cmd {
	p.answers++
	id, s := p.answers, p.s
	return func() tea.Msg {
		out := answered{log: log, answer: logpage.Ask(d, s.Engine, s.Catalog, s.Rig)}
		out.text, out.err = out.answer.Markdown(s.Glossary)
		return pane.Result{Pane: pane.Fix, Request: id, Body: out}
	}
}

// showAnswer brings the page up; one of the same log, with other figures, takes
// the place of the former. The models of its options can be opened in the
// calculator.
func (p *Pane) showAnswer(a *answered) tea.Cmd {
	page := glossary.NewPage(fmt.Sprint("log-", a.log), a.answer.Title(), "your log", a.text)
	var offers []reader.Sized
	if advice := a.answer.Advice; advice != nil {
		offers = append(offers, reader.Sized{Model: advice.Model, Settings: advice.Settings})
		for _, o := range advice.Options {
			offers = append(offers, reader.Sized{Model: advice.Model, Settings: o.Settings})
		}
	}
	old := p.page
	p.last, p.page = &a.answer, page
	if old != nil && old.ID == page.ID {
		return p.Replace(old, page, offers)
	}
	return p.Read(page, offers)
}
