package models

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/launch"
	"runlocal/ui/ondisk"
	"runlocal/ui/pane"
	"runlocal/ui/session"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// Finder looks for model files on this machine. It is called in a command and
// ends soon after the context does.
type Finder func(context.Context, *catalog.Catalog, *sizing.Engine) []ondisk.File

// here marks a file of this machine before its name.
const here = "⌂ "

// slowAfter is how long the search goes on before the pane says so.
const slowAfter = 150 * time.Millisecond

// What the search says: that it takes a while, and its end.
type (
	filesSlow  struct{}
	filesFound struct {
		files []ondisk.File
		index *catalog.Catalog // what / searches: the catalog's models, then the files
	}
)

// looking is the search for files under way.
type looking struct {
	stop context.CancelFunc // nil = none is under way
	slow bool
}

// Close ends the search for files.
func (p *Pane) Close() { p.stopLooking() }

func (p *Pane) stopLooking() {
	if p.looking.stop != nil {
		p.looking.stop()
	}
	p.looking = looking{}
}

// look starts the search for files, off the screen's path.
func (p *Pane) look() tea.Cmd {
	if p.find == nil {
		return nil
	}
	ctx, stop := context.WithCancel(context.Background())
	p.looking = looking{stop: stop}
	find, c, e := p.find, p.s.Catalog, p.s.Engine
	return tea.Batch(
		pane.After(ctx, slowAfter, pane.Result{Pane: pane.Models, Body: filesSlow{}}),
		func() tea.Msg {
			files := find(ctx, c, e)
			if len(files) == 0 {
				return pane.Result{Pane: pane.Models, Body: filesFound{}}
			}
			return pane.Result{Pane: pane.Models, Body: filesFound{files, indexOf(c, files)}}
		},
	)
}

// indexOf makes one index of the catalog and the files, so that a query ranks
// both alike. It is built here, not at the first letter.
func indexOf(c *catalog.Catalog, files []ondisk.File) *catalog.Catalog {
	index := &catalog.Catalog{Models: slices.Clone(c.Models)}
	for i := range files {
		f := &files[i]
		index.Models = append(index.Models, &catalog.Model{
			ID: f.Path, Name: f.Name, Aliases: []string{f.Title, f.Arch, f.Quant, f.Source, "local on disk"},
		})
	}
	index.SearchModels("")
	return index
}

// takeFiles gives the files rows of their own behind the catalog's, and asks
// for their rankings. Where there are none, nothing changes.
func (p *Pane) takeFiles(msg filesFound) tea.Cmd {
	p.stopLooking()
	if len(msg.files) == 0 {
		return nil
	}
	from := len(p.models)
	p.files, p.index = msg.files, msg.index
	for i := range p.files {
		m := recordOf(&p.files[i])
		p.models = append(p.models, m)
		p.params = append(p.params, m.Parameters())
	}
	p.ranks = append(p.ranks, make([]sizing.Ranking, len(p.files))...)
	p.regroup()
	keep := p.cursorModel()
	if p.list.Cursor() == 0 && !p.touched {
		keep = nil
	}
	p.refresh(keep)
	if p.rankRig == nil || p.rankedTo < from {
		return nil // the ranking that is still to come, or under way, takes them along
	}
	return p.rankFrom(from)
}

// recordOf is what a row needs to know of a file, under the name by which the
// list shows it. One that can't be sized has no layers.
func recordOf(f *ondisk.File) *catalog.Model {
	if f.Sized == nil {
		return &catalog.Model{ID: f.Path, Name: f.Name}
	}
	f.Sized.Model.Name = f.Name
	return f.Sized.Model
}

// file is the file behind a row; nil for a record of the catalog.
func (p *Pane) file(i int) *ondisk.File {
	if n := len(p.models) - len(p.files); i >= n {
		return &p.files[i-n]
	}
	return nil
}

// engine is what to ask about a row; nil where nobody knows.
func (p *Pane) engine(i int) *sizing.Engine {
	switch f := p.file(i); {
	case f == nil:
		return p.s.Engine
	case f.Sized == nil:
		return nil
	default:
		return f.Sized.Engine
	}
}

// local is 0 for a file and 1 for a record, to sort by.
func (p *Pane) local(i int) int {
	if p.file(i) != nil {
		return 0
	}
	return 1
}

// currentFile is the file under the cursor; nil for a record.
func (p *Pane) currentFile() *ondisk.File {
	if i := p.cursorModel(); i != nil {
		return p.file(*i)
	}
	return nil
}

// fileLines are all there is to say of a file.
func (p *Pane) fileLines(f *ondisk.File, m *catalog.Model, width int) []string {
	t := p.theme
	lines := []string{t.Title.Render(widget.Fit(f.Name, width))}
	if f.Title != "" && f.Title != f.Name {
		lines = append(lines, p.paragraph(f.Title, width)...)
	}
	lines = append(lines, t.Accent.Render(widget.Fit(here+"on this machine, kept by "+f.Source, width)), "")
	if f.Sized == nil {
		for _, l := range widget.Wrap(theme.Mark(sizing.No)+" can't be sized: "+f.Reason, width) {
			lines = append(lines, t.Verdict(sizing.No).Render(l))
		}
	} else {
		for _, l := range architecture(m) {
			lines = append(lines, widget.Wrap(l, width)...)
		}
		lines = append(append(lines, ""), p.answer(m, width)...)
		lines = append(lines, p.verdictMap(width)...)
	}
	lines = append(lines, "")
	lines = append(lines, widget.Wrap(f.Path, width)...)
	what := fmt.Sprintf("%s on disk, weights %s (%s bytes)", units.Bytes(f.Bytes), units.Bytes(f.Weights), units.Count(int(f.Weights)))
	lines = append(lines, p.paragraph(what, width)...)
	lines = append(lines, p.paragraph("architecture "+f.Arch+" · precision "+f.Quant, width)...)
	if f.Sized != nil {
		for _, n := range f.Sized.Notes {
			lines = append(lines, p.paragraph("· "+n, width)...)
		}
	}
	return lines
}

// unsized says why the row under the cursor has no figures.
func (p *Pane) unsized() string {
	if why := p.nothing(); why != "" {
		return why
	}
	if f := p.currentFile(); f != nil && f.Sized == nil {
		return f.Name + " can't be sized: " + f.Reason
	}
	return ""
}

// sessionFile is what the session keeps of the file under the cursor.
func (p *Pane) sessionFile() *session.File {
	if f := p.currentFile(); f != nil && f.Sized != nil {
		return &session.File{Engine: f.Sized.Engine, Quant: f.Sized.Quant}
	}
	return nil
}

// copyServer copies the command that starts the file under the cursor as it
// was ranked. The plan behind it is worked out in a command.
func (p *Pane) copyServer(f *ondisk.File, index int) tea.Cmd {
	if f.Sized == nil {
		return pane.Say(pane.Noted{Text: p.unsized(), Bad: true})
	}
	sized, rig := *f.Sized, p.s.Rig
	s := *p.settingsFor(index)
	s.Runtime = sizing.LlamaCpp
	return func() tea.Msg {
		b, err := sized.Engine.Estimate(sized.Model, s, rig)
		if err != nil {
			return pane.Noted{Text: err.Error(), Bad: true}
		}
		return pane.Copied{Text: launch.Build(sized.Model, s, b.Placement).Text()}
	}
}
