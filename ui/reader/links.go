package reader

import (
	"regexp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/glossary"
	"runlocal/ui/pane"
	"runlocal/ui/widget"
)

// link is something that a letter opens: an entry, or a model in the
// calculator.
type link struct {
	hint  string
	entry *glossary.Entry
	model *question

	line, from, to int // where its mark stands on the page
}

// hints are the letters for links: those that no key of the pane or of the
// screen around it uses.
const hints = "abcdeimopstvwxzABCDEFIJLOPQRSTUVWXZ"

func (l link) help() string {
	if l.model != nil {
		return "size " + widget.Clean(l.model.model.Name)
	}
	return "open " + widget.Clean(l.entry.Title)
}

// follow opens what a link leads to.
func (p *Pane) follow(l link) tea.Cmd {
	if l.model != nil {
		s := l.model.settings
		return pane.Say(pane.ModelChosen{Model: l.model.model, Settings: &s, Show: true})
	}
	p.leave()
	p.mode = reading
	return p.show(l.entry)
}

// hard is the blank that never breaks a line: it ties a link's mark to its
// text, and tells the mark from brackets of the text.
const hard = "\u00a0"

// linkText finds [text](id) in Markdown.
func linkText() *regexp.Regexp { return regexp.MustCompile(`\[([^\[\]]+)\]\(([a-z0-9-]+)\)`) }

// mark puts the letters behind the links of a Markdown text. An id has one
// letter, however often it is linked; what has none stays plain text.
func mark(markdown string, letters map[string]string) string {
	return outsideCode(markdown, func(s string) string {
		return linkText().ReplaceAllStringFunc(s, func(m string) string {
			parts := linkText().FindStringSubmatch(m)
			hint, ok := letters[parts[2]]
			if !ok {
				return parts[1]
			}
			return "[" + parts[1] + hard + `\[` + hint + `\]` + "](#" + hint + ")"
		})
	})
}

// outsideCode applies f to the prose of a Markdown text and leaves fenced
// blocks as they are.
func outsideCode(markdown string, f func(string) string) string {
	var out strings.Builder
	code := false
	for text := range strings.Lines(markdown) {
		if strings.HasPrefix(strings.TrimSpace(text), "```") {
			code = !code
		} else if !code {
			text = f(text)
		}
		out.WriteString(text)
	}
	return out.String()
}

// linksOf gives every link of an entry its letter, in the order in which the
// text has them, then the related ones, the models that it computes with, and
// the entries that lead here, as far as the letters go.
func linksOf(g *glossary.Glossary, e *glossary.Entry, models []question) (all []link, letters map[string]string) {
	letters = map[string]string{}
	add := func(l link) {
		if len(all) < len(hints) {
			l.hint = hints[len(all) : len(all)+1]
			all = append(all, l)
			if l.entry != nil {
				letters[l.entry.ID] = l.hint
			}
		}
	}
	for _, l := range g.Links(e) {
		add(link{entry: l.Entry})
	}
	for i := range models {
		add(link{model: &models[i]})
	}
	for _, b := range g.Backlinks(e) {
		if letters[b.ID] == "" {
			add(link{entry: b})
		}
	}
	return all, letters
}
