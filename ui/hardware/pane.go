// Package hardware is the pane that lists every device, the detected ones on
// top, and puts them into the rig that the numbers are for. It may import
// session, pane, theme and widget, and what they may.
package hardware

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// mode is what has the keys.
type mode int

const (
	browse    mode = iota
	reading        // the list of what fits, in the detail
	filtering      // the panel of facets
)

// Sampler reads the meters of the detected GPUs; detect.Poller is one.
type Sampler interface {
	Sample(context.Context) []detect.Live
	Close() error
}

// Meters opens the sampler of a detection.
type Meters func(detect.Report) Sampler

// Pane is the Hardware pane.
type Pane struct {
	theme *theme.Theme
	s     session.Session

	list   widget.List
	search *widget.TextField
	facets *widget.Facets
	order  order
	mode   mode
	shown  []item
	memory map[int]*catalog.Device // records with the size that was chosen for them, by index

	meters  Meters
	sampler Sampler
	report  *detect.Report // that the sampler belongs to
	live    []detect.Live
	visible bool
	polling bool
	poll    int             // request id of the poll
	ctx     context.Context // of the poll under way
	cancel  context.CancelFunc

	card   card
	work   int // cursor in the list of what fits
	detail widget.Scroll
	places places
}

// item is a row: a detected GPU, or a record of the catalog.
type item struct {
	found   *detect.GPU // nil for a record
	index   int         // into the report's GPUs or the catalog's devices
	device  *catalog.Device
	matched []int
}

// New makes the pane; meters may be nil: then nothing is live.
func New(t *theme.Theme, meters Meters) *Pane {
	p := &Pane{theme: t, meters: meters, search: widget.NewTextField("/ ", ""), memory: map[int]*catalog.Device{}}
	p.list.Columns = columns()
	p.list.SortBy = -1
	return p
}

// Close ends the meters.
func (p *Pane) Close() { p.stop() }

// Poll opens the meters of the real machine.
func Poll(r detect.Report) Sampler { return detect.NewPoller(r, detect.Options{}) }

// Title is the tab's name.
func (p *Pane) Title() string { return pane.Hardware }

// Init lists the devices.
func (p *Pane) Init(s session.Session) tea.Cmd {
	p.s = s
	p.facets = newFacets(s.Catalog)
	p.refresh(nil)
	return p.moved()
}

// SetSession follows a detection that ended and a rig that changed.
func (p *Pane) SetSession(s session.Session) tea.Cmd {
	again, other := s.Detected != p.s.Detected, s.Rig != p.s.Rig
	p.s = s
	if !again {
		if other {
			p.refresh(p.current())
		}
		return p.readCard()
	}
	keep := p.current()
	if p.list.Cursor() == 0 {
		keep = nil // nobody has chosen a row yet: the detected one comes first
	}
	p.refresh(keep)
	return tea.Batch(p.moved(), p.pollSoon())
}

// Capturing tells whether the filter is being typed.
func (p *Pane) Capturing() bool { return p.search.Focused() }

// Update takes keys, text and the results of the pane's own commands.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pane.Result:
		return p.take(msg)
	case pane.OpenDevice:
		return p.open(msg.ID)
	case tea.KeyPressMsg:
		if cmd, ok := pane.Dispatch(p.Bindings(), msg); ok {
			return cmd
		}
	}
	if p.search.Focused() && p.search.Update(msg) {
		p.refresh(nil)
		return p.moved()
	}
	return nil
}

func (p *Pane) take(msg pane.Result) tea.Cmd {
	switch body := msg.Body.(type) {
	case card:
		if msg.Request == p.card.request {
			p.card = body
		}
	case sampled:
		if msg.Request == p.poll {
			return p.takeSample(body)
		}
	case pollDue:
		if msg.Request == p.poll {
			return p.sample()
		}
	}
	return nil
}

// current is the row under the cursor; nil when the list is empty.
func (p *Pane) current() *item {
	if i := p.list.Cursor(); i < len(p.shown) {
		it := p.shown[i]
		return &it
	}
	return nil
}

// open puts the cursor on a device, lifting the filters if they hide it.
func (p *Pane) open(id string) tea.Cmd {
	for i, d := range p.s.Catalog.Devices {
		if d.ID != id {
			continue
		}
		p.mode = browse
		want := &item{index: i, device: d}
		if !p.moveTo(want) {
			p.search.Set("")
			p.facets.Reset()
			p.refresh(want)
		}
		return p.moved()
	}
	return pane.Say(pane.Noted{Text: "no device has the id " + id, Bad: true})
}

// moved follows the cursor: another device, another detail.
func (p *Pane) moved() tea.Cmd {
	p.detail.Reset()
	p.work = 0
	return p.readCard()
}

// Term is the glossary term of what the list is sorted by.
func (p *Pane) Term() string { return p.order.by.term() }
