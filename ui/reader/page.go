package reader

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	xansi "github.com/charmbracelet/x/ansi"

	"runlocal/assets"
	"runlocal/catalog"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/ui/pane"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// page is an entry as it is drawn.
type page struct {
	key   pageKey
	lines []string
	plain []string // the same without styles, in small letters, for finding
	links []link
	codes []string // the code blocks
	err   error
}

// pageKey is what a page depends on.
type pageKey struct {
	entry *glossary.Entry
	rig   *sizing.Rig
	width int
	look  int // the theme's generation
}

// pages are those rendered lately. Rendering is done by a command, a moment
// after the cursor has come to rest, so that moving never waits for it.
type pages struct {
	known   map[pageKey]*page
	latest  *page // drawn while the wanted one is not there
	request int
}

const (
	mostPages = 64
	rest      = 60 * time.Millisecond
)

// rested says that the cursor has stayed where it was.
type rested struct{}

// key is what is wanted now.
func (p *Pane) key() pageKey {
	return pageKey{p.entry, p.s.Rig, p.places.pageWidth, p.theme.Generation}
}

// page is the wanted page; while it is being made the last one of the same
// entry; nil when there is none.
func (p *Pane) page() *page {
	if g := p.pages.known[p.key()]; g != nil {
		return g
	}
	if g := p.pages.latest; g != nil && g.key.entry == p.entry {
		return g
	}
	return nil
}

// request asks for the wanted page unless it is there, when the cursor has
// rested or at once. Before the first View the width is not known: a moment
// later it is.
func (p *Pane) request(later bool) tea.Cmd {
	if p.entry == nil || p.pages.known[p.key()] != nil {
		return nil
	}
	p.pages.request++
	id, title := p.pages.request, p.shelf.Title
	if !later && p.places.pageWidth > 0 {
		return p.render(id)
	}
	return tea.Tick(rest, func(time.Time) tea.Msg {
		return pane.Result{Pane: title, Request: id, Body: rested{}}
	})
}

// render is the command that makes the wanted page.
func (p *Pane) render(id int) tea.Cmd {
	m, title := p.maker(), p.shelf.Title
	return func() tea.Msg {
		return pane.Result{Pane: title, Request: id, Body: m.make()}
	}
}

func (p *Pane) maker() maker {
	return maker{key: p.key(), theme: *p.theme, catalog: p.s.Catalog, glossary: p.s.Glossary, sized: p.sized[p.entry]}
}

// take accepts a result; a page is kept whoever asked for it, but only the
// last request goes on to be rendered.
func (p *Pane) take(msg pane.Result) tea.Cmd {
	switch body := msg.Body.(type) {
	case rested:
		if msg.Request == p.pages.request && p.places.pageWidth > 0 && p.pages.known[p.key()] == nil {
			return p.render(msg.Request)
		}
	case *page:
		p.keep(body)
	}
	return nil
}

func (p *Pane) keep(g *page) {
	if len(p.pages.known) >= mostPages {
		clear(p.pages.known)
	}
	p.pages.known[g.key] = g
	if g.key.entry == p.entry {
		p.pages.latest = g
		p.look(false)
	}
}

// maker has all that a page is made of, so that it can be made beside the
// program.
type maker struct {
	key      pageKey
	theme    theme.Theme // a copy: the root restyles the shared one
	catalog  *catalog.Catalog
	glossary *glossary.Glossary
	sized    []question
}

// make renders the page.
func (m *maker) make() *page {
	g := &page{key: m.key}
	markdown, err := m.glossary.Markdown(m.key.entry, m.key.rig)
	if err != nil {
		return m.failed(g, err)
	}
	models := m.sized
	if models == nil {
		models = questionsOf(assets.FS, m.catalog, m.key.entry)
	}
	links, letters := linksOf(m.glossary, m.key.entry, models)
	g.links, g.codes = links, codeBlocks(markdown)
	r, err := renderer(&m.theme, max(1, m.key.width-hanging))
	if err != nil {
		return m.failed(g, err)
	}
	out, err := r.Render(markBlocks(mark(markdown, letters)))
	if err != nil {
		return m.failed(g, err)
	}
	lines := hang(strings.Split(strings.Trim(out, "\n"), "\n"))
	g.lines = append(m.head(), numberBlocks(lines, &m.theme, len(g.codes))...)
	g.lines = append(g.lines, m.foot(g.links)...)
	g.finish()
	return g
}

func (m *maker) failed(g *page, err error) *page {
	g.err = err
	for _, l := range widget.Wrap(fmt.Sprintf("this entry can't be shown: %v", err), m.key.width) {
		g.lines = append(g.lines, m.theme.Error.Render(l))
	}
	g.finish()
	return g
}

// finish finds the links' marks and makes the text for finding.
func (g *page) finish() {
	g.plain = make([]string, len(g.lines))
	for i, s := range g.lines {
		stripped := strings.TrimRight(xansi.Strip(s), " ")
		for j := range g.links {
			l := &g.links[j]
			if at := strings.Index(stripped, hard+"["+l.hint+"]"); at >= 0 && l.to == 0 {
				l.line, l.from = i, xansi.StringWidth(stripped[:at])
				l.to = l.from + 2 + len(l.hint) + 1
			}
		}
		g.plain[i] = strings.ToLower(strings.ReplaceAll(stripped, hard, " "))
		g.lines[i] = strings.ReplaceAll(s, hard, " ")
	}
}
