// Package models is the pane that lists every model with the answer for the
// present rig: does it run, at which precision, how fast. It may import
// session, pane, theme, widget, launch and ondisk, and what they may.
package models

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/ondisk"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// mode is what the pane shows beside or instead of the list.
type mode int

const (
	browse    mode = iota
	reading        // the detail has the keys, and the screen if it is narrow
	filtering      // the panel of facets
	comparing      // the marked models side by side
)

// Pane is the Models pane.
type Pane struct {
	theme *theme.Theme
	s     session.Session

	list   widget.List
	search *widget.TextField
	facets *widget.Facets
	order  order
	mode   mode
	shown  []found // what the filter lets through, in order
	marks  []*catalog.Model

	models  []*catalog.Model // the catalog's, then those of files
	files   []ondisk.File    // on this machine, in the order of their models
	index   *catalog.Catalog // what / searches, by index into models
	find    Finder
	looking looking
	touched bool // by a key or a click: rows that come late leave the cursor alone

	params   []int64          // parameters, by index into models
	ranks    []sizing.Ranking // by index into models
	rankedTo int              // how many of ranks are for the present rig
	rankRig  *sizing.Rig      // what ranks are for
	request  int              // id of the ranking under way

	card   card
	detail widget.Scroll // of the detail
	table  widget.Scroll // of the comparison
	across int           // first model of the comparison that is drawn
	places places
}

// found is a model that the filter lets through.
type found struct {
	index   int   // into models
	matched []int // bytes of the name
}

// New makes the pane; find may be nil: then no files are looked for.
func New(t *theme.Theme, find Finder) *Pane {
	p := &Pane{theme: t, find: find, search: widget.NewTextField("/ ", "")}
	p.list.Columns = columns()
	p.order = order{by: byFit}
	p.list.SortBy = -1
	return p
}

// Title is the tab's name.
func (p *Pane) Title() string { return pane.Models }

// Init begins to rank, and to look for files.
func (p *Pane) Init(s session.Session) tea.Cmd {
	p.s = s
	p.models, p.index = slices.Clone(s.Catalog.Models), s.Catalog
	p.facets = p.newFacets()
	p.ranks = make([]sizing.Ranking, len(p.models))
	p.params = make([]int64, len(p.models))
	for i, m := range p.models {
		p.params[i] = m.Parameters() // walks the layers: once is enough
	}
	p.refresh(nil)
	return tea.Batch(p.rank(), p.readCard(), p.look())
}

// SetSession ranks again when the rig is another one.
func (p *Pane) SetSession(s session.Session) tea.Cmd {
	p.s = s
	return tea.Batch(p.rank(), p.readCard())
}

// Capturing tells whether the filter is being typed.
func (p *Pane) Capturing() bool { return p.search.Focused() }

// Update takes keys, text and the results of the pane's own commands.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pane.Result:
		return p.take(msg)
	case pane.OpenModel:
		return p.open(msg.ID)
	case tea.KeyPressMsg:
		p.touched = true
		if cmd, ok := pane.Dispatch(p.Bindings(), msg); ok {
			return cmd
		}
	}
	if p.search.Focused() && p.search.Update(msg) {
		return p.retype()
	}
	return nil
}

// take accepts a result if it is the one last asked for.
func (p *Pane) take(msg pane.Result) tea.Cmd {
	switch body := msg.Body.(type) {
	case rankChunk:
		if msg.Request == p.request {
			return p.takeRanks(body)
		}
	case card:
		if msg.Request == p.card.request {
			p.card = body
		}
	case filesSlow:
		p.looking.slow = p.looking.stop != nil
	case filesFound:
		return p.takeFiles(body)
	}
	return nil
}

// current is the model under the cursor; nil when the list is empty.
func (p *Pane) current() *catalog.Model {
	if i := p.list.Cursor(); i < len(p.shown) {
		return p.models[p.shown[i].index]
	}
	return nil
}

// open puts the cursor on a model, lifting the filters if they hide it.
func (p *Pane) open(id string) tea.Cmd {
	for i, m := range p.models {
		if m.ID != id {
			continue
		}
		p.mode = browse
		if !p.isShown(i) {
			p.search.Set("")
			p.facets.Reset()
			p.refresh(nil)
		}
		p.moveTo(i)
		return p.moved()
	}
	return pane.Say(pane.Noted{Text: "no model has the id " + id, Bad: true})
}

// moved follows the cursor: another model, another detail.
func (p *Pane) moved() tea.Cmd {
	p.detail.Reset()
	return p.readCard()
}

// choose hands the model to the calculator at the best settings found for it.
func (p *Pane) choose() tea.Cmd {
	m := p.current()
	if m == nil {
		return nil
	}
	if why := p.unsized(); why != "" {
		return pane.Say(pane.Noted{Text: why, Bad: true})
	}
	return pane.Say(pane.ModelChosen{Model: m, File: p.sessionFile(), Settings: p.settingsFor(p.shown[p.list.Cursor()].index), Show: true})
}

// settingsFor are the session's settings moved to the best precision and
// context for the rig. A model that does not run keeps the smallest of both, so
// that the calculator shows what is missing.
func (p *Pane) settingsFor(i int) *sizing.Settings {
	m, r := p.models[i], p.ranks[i]
	quant, ctx := r.Quant, r.Ctx
	if f := p.file(i); f != nil {
		quant = f.Quant // the only one that it has
	}
	if quant == "" {
		quant = p.s.Settings.Quant
	}
	if ctx == 0 {
		ctx = min(defaultCtx, max(m.Context, 1))
	}
	s := sizing.Defaults(quant, ctx)
	if p.s.Settings.Runtime != "" {
		s.Runtime = p.s.Settings.Runtime
	}
	return &s
}

const defaultCtx = 8192

// Term is the glossary term for what the list is sorted by, which is the
// column that the eye is on.
func (p *Pane) Term() string { return p.order.by.term() }
