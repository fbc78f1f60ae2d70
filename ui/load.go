package ui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
	"runlocal/ui/pane"
)

// What the root's own commands found out.
type (
	catalogLoaded struct {
		catalog *catalog.Catalog
		engine  *sizing.Engine
		err     error
	}
	glossaryLoaded struct {
		glossary *glossary.Glossary
		err      error
	}
	detected struct {
		report detect.Report
		again  bool // a person asked for it
	}
	ticked  struct{ id int }
	loadDue struct{}
)

// wait is what is being waited for, for the spinner. A wait shorter than
// spinAfter shows none.
type wait struct {
	what  string // "" = nothing
	id    int
	frame int // 0 = too early to show
}

const (
	spinAfter = 150 * time.Millisecond
	spinEvery = 120 * time.Millisecond
)

// waitFor begins a wait, or ends it with "".
func (r *Root) waitFor(what string) tea.Cmd {
	r.wait = wait{what: what, id: r.wait.id + 1}
	if what == "" {
		return nil
	}
	return pane.After(r.ctx, spinAfter, ticked{r.wait.id})
}

// spin moves the spinner on while the same wait lasts.
func (r *Root) spin(id int) tea.Cmd {
	if id != r.wait.id || r.wait.what == "" {
		return nil
	}
	r.wait.frame++
	return pane.After(r.ctx, spinEvery, ticked{id})
}

// spinner is the present frame; blank while it is too early for one.
func (r *Root) spinner() string {
	if r.wait.frame == 0 {
		return " "
	}
	frames := []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}
	return frames[r.wait.frame%len(frames)]
}

func (r *Root) loadCatalog() tea.Cmd {
	load := r.opt.LoadCatalog
	return func() tea.Msg {
		c, err := load()
		if err != nil {
			return catalogLoaded{err: err}
		}
		return catalogLoaded{catalog: c, engine: sizing.NewEngine(c, runtimes.All(c)...)}
	}
}

// catalogCame starts everything that needs the catalog: the active pane,
// detection, the glossary.
func (r *Root) catalogCame(msg catalogLoaded) tea.Cmd {
	if msg.err != nil {
		r.loadErr = fmt.Errorf("read the catalog: %w", msg.err)
		return r.waitFor("")
	}
	r.s.Catalog, r.s.Engine = msg.catalog, msg.engine
	r.s.Detecting = true
	r.recall()
	if n := len(msg.catalog.Warnings); n > 0 {
		r.note = note{fmt.Sprintf("%v", msg.catalog.Warnings[0]), true}
	}
	return tea.Batch(r.show(r.active), r.detect(false), r.loadGlossary())
}

func (r *Root) loadGlossary() tea.Cmd {
	load, e, c := r.opt.LoadGlossary, r.s.Engine, r.s.Catalog
	return func() tea.Msg {
		g, err := load(e, c)
		return glossaryLoaded{g, err}
	}
}

func (r *Root) glossaryCame(msg glossaryLoaded) tea.Cmd {
	if msg.err != nil {
		r.note = note{"the glossary can't be read: " + msg.err.Error(), true}
		return nil
	}
	r.s.Glossary = msg.glossary
	return r.handOut()
}

// detect looks for hardware, off the screen's path.
func (r *Root) detect(again bool) tea.Cmd {
	r.s.Detecting = true
	look, ctx, c := r.opt.Detect, r.ctx, r.s.Catalog
	return tea.Batch(r.waitFor("looking for hardware"), func() tea.Msg {
		return detected{look(ctx, c), again}
	})
}

// detectAgain is detect when a person asks for it.
func (r *Root) detectAgain() tea.Cmd {
	if r.s.Detecting || !r.s.Ready() {
		r.note = note{"already looking for hardware", true}
		return nil
	}
	return r.detect(true)
}

func (r *Root) detectionCame(msg detected) tea.Cmd {
	r.s.Detecting = false
	r.s.Detected = &msg.report
	if !r.s.Rig.Simulated {
		r.s.Rig = r.s.RealRig()
	}
	if msg.again {
		r.note = note{text: "looked again: " + r.s.RealRig().Name}
	}
	return tea.Batch(r.waitFor(""), r.handOut())
}
