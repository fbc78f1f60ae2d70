package glossary

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"runlocal/assets"
	"runlocal/catalog"
	"runlocal/sizing"
)

// Glossary is every entry of the guide. It never changes after Load and is
// safe for concurrent use.
type Glossary struct {
	entries []*Entry // by title
	byID    map[string]*Entry
	byName  map[string]*Entry // folded ids, titles and aliases
	figures *figures

	// Built when first asked for.
	backlinks func() map[*Entry][]*Entry
	index     func() *index
}

// Link leads from one entry to another.
type Link struct {
	Text  string // the words that carry it in the prose; the title for the others
	Entry *Entry
	Prose bool // it stands in the text, not only among the related ones
}

// Load reads the guide from the assets. An entry that is wrong is an error:
// the guide is part of the program. Its figures are tied to the engine and the
// catalog when an entry is first shown, and its words are looked at when
// something is first searched, so that loading is cheap.
func Load(engine *sizing.Engine, c *catalog.Catalog) (*Glossary, error) {
	return load(assets.FS, newFigures(engine, c))
}

func load(files fs.FS, figures *figures) (*Glossary, error) {
	g, wrong := read(files, figures)
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return g, nil
}

// read takes in all that can be read, and says all that is wrong.
func read(files fs.FS, figures *figures) (*Glossary, []error) {
	g := &Glossary{byID: make(map[string]*Entry), byName: make(map[string]*Entry), figures: figures}
	paths, err := filesOf(files)
	if err != nil {
		return g, []error{err}
	}
	entries, wrong := make([]*Entry, len(paths)), make([]error, len(paths))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range paths {
		group.Go(func() error {
			data, err := fs.ReadFile(files, file)
			if err != nil {
				wrong[i] = fmt.Errorf("read the guide: %w", err)
				return nil
			}
			entries[i], wrong[i] = parseEntry(file, data)
			return nil
		})
	}
	wrong = append(wrong, group.Wait())
	for _, e := range entries {
		if e != nil {
			wrong = append(wrong, g.add(e))
		}
	}
	g.finish()
	return g, slices.DeleteFunc(wrong, func(err error) bool { return err == nil })
}

// filesOf lists the files of the guide.
func filesOf(files fs.FS) ([]string, error) {
	var paths []string
	err := fs.WalkDir(files, "guide", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(file) == ".md" {
			paths = append(paths, file)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the guide: %w", err)
	}
	return paths, nil
}

// add takes an entry in and refuses a second claim to its id.
func (g *Glossary) add(e *Entry) error {
	if other, taken := g.byID[e.ID]; taken {
		return fmt.Errorf("%s: the id is taken by %s", e.File, other.File)
	}
	g.byID[e.ID] = e
	g.entries = append(g.entries, e)
	return nil
}

// finish orders the entries and builds the tables. Where two entries claim a
// name, ids win over titles and titles over aliases.
func (g *Glossary) finish() {
	slices.SortFunc(g.entries, func(a, b *Entry) int {
		return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	})
	claim := func(name string, e *Entry) {
		if _, taken := g.byName[fold(name)]; !taken {
			g.byName[fold(name)] = e
		}
	}
	for _, e := range g.entries {
		claim(e.ID, e)
	}
	for _, e := range g.entries {
		claim(e.Title, e)
	}
	for _, e := range g.entries {
		for _, a := range e.Aliases {
			claim(a, e)
		}
	}
	g.index = sync.OnceValue(func() *index { return newIndex(g.entries) })
	g.backlinks = sync.OnceValue(g.turnLinks)
}

// turnLinks finds for each entry those that lead to it.
func (g *Glossary) turnLinks() map[*Entry][]*Entry {
	back := make(map[*Entry][]*Entry, len(g.entries))
	for _, e := range g.entries {
		for _, l := range g.Links(e) {
			back[l.Entry] = append(back[l.Entry], e) // Links has each once
		}
	}
	return back
}

// Entries returns every entry, by title. The slice must not be changed.
func (g *Glossary) Entries() []*Entry { return g.entries }

// Entry finds an entry by id, title or alias. Letter case, spaces and
// punctuation don't matter: "q4_k_m" is "Q4 K M".
func (g *Glossary) Entry(name string) (*Entry, bool) {
	if e, ok := g.byID[name]; ok {
		return e, true
	}
	e, ok := g.byName[fold(name)]
	return e, ok
}

// Links returns where an entry leads, each once: in order of appearance in
// the text, then the related entries, then those to see.
func (g *Glossary) Links(e *Entry) []Link {
	var links []Link
	seen := map[string]bool{e.ID: true}
	add := func(id, text string, prose bool) {
		to, ok := g.byID[id]
		if !ok || seen[id] {
			return
		}
		seen[id] = true
		if text == "" {
			text = to.Title
		}
		links = append(links, Link{Text: text, Entry: to, Prose: prose})
	}
	for _, l := range e.body.links {
		add(l.id, l.text, true)
	}
	for _, id := range slices.Concat(e.Related, e.See) {
		add(id, "", false)
	}
	return links
}

// Backlinks returns the entries that lead to e, by title.
func (g *Glossary) Backlinks(e *Entry) []*Entry { return g.backlinks()[e] }

// Markdown returns the text of an entry, without its title, with the figures
// computed for the rig; nil when that is not known. Links stay as [text](id).
func (g *Glossary) Markdown(e *Entry, rig *sizing.Rig) (string, error) {
	if err := g.tie(e); err != nil {
		return "", err
	}
	text, err := show(e, e.body.pieces, rig)
	return text + e.extras(), err
}

// Lead returns the one or two sentences that an entry opens with, as
// Markdown.
func (g *Glossary) Lead(e *Entry, rig *sizing.Rig) (string, error) {
	if err := g.tie(e); err != nil {
		return "", err
	}
	s, err := show(e, e.body.pieces[:e.lead], rig)
	return strings.TrimSpace(s), err
}

// tie makes an entry's figures once.
func (g *Glossary) tie(e *Entry) error {
	e.tying.Do(func() { e.tied = g.figures.tie(e) })
	return e.tied
}

func show(e *Entry, pieces []piece, rig *sizing.Rig) (string, error) {
	var b strings.Builder
	for _, p := range pieces {
		if p.show == nil {
			b.WriteString(p.text)
			continue
		}
		s, err := p.show(rig)
		if err != nil {
			return "", fmt.Errorf("%s:%d: %w", e.File, p.call.line, err)
		}
		b.WriteString(s)
	}
	return strings.TrimLeft(b.String(), "\n"), nil
}
