package glossary

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"runlocal/assets"
	"runlocal/catalog"
	"runlocal/sizing"
)

// Glossary is every entry of the guide. It never changes after Load and is
// safe for concurrent use.
type Glossary struct {
	entries   []*Entry // by title
	byID      map[string]*Entry
	byName    map[string]*Entry // folded ids, titles and aliases
	backlinks map[*Entry][]*Entry
	figures   *figures

	index func() *index // built when something is first searched
}

// Link leads from one entry to another.
type Link struct {
	Text  string // the words that carry it in the prose; the title for the others
	Entry *Entry
	Prose bool // it stands in the text, not only among the related ones
}

// Load reads the guide from the assets and ties its figures to the engine and
// the catalog. An entry that is wrong is an error: the guide is part of the
// program.
func Load(engine *sizing.Engine, c *catalog.Catalog) (*Glossary, error) {
	return load(assets.FS, newFigures(engine, c))
}

func load(files fs.FS, figures *figures) (*Glossary, error) {
	g := &Glossary{byID: make(map[string]*Entry), byName: make(map[string]*Entry), backlinks: make(map[*Entry][]*Entry), figures: figures}
	var wrong []error
	err := fs.WalkDir(files, "guide", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".md" {
			return err
		}
		data, err := fs.ReadFile(files, file)
		if err != nil {
			return fmt.Errorf("read the guide: %w", err)
		}
		e, err := parseEntry(file, data)
		if err == nil {
			err = errors.Join(figures.tie(e), g.add(e))
		}
		if err != nil {
			wrong = append(wrong, err) // all of them at once
		}
		return nil
	})
	if err := errors.Join(append(wrong, err)...); err != nil {
		return nil, err
	}
	g.finish()
	return g, nil
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
	for _, e := range g.entries {
		for _, l := range g.Links(e) {
			if !slices.Contains(g.backlinks[l.Entry], e) {
				g.backlinks[l.Entry] = append(g.backlinks[l.Entry], e)
			}
		}
	}
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
func (g *Glossary) Backlinks(e *Entry) []*Entry { return g.backlinks[e] }

// Markdown returns the text of an entry, without its title, with the figures
// computed for the rig; nil when that is not known. Links stay as [text](id).
func (g *Glossary) Markdown(e *Entry, rig *sizing.Rig) (string, error) {
	text, err := show(e, e.body.pieces, rig)
	return text + e.extras(), err
}

// Lead returns the one or two sentences that an entry opens with, as
// Markdown.
func (g *Glossary) Lead(e *Entry, rig *sizing.Rig) (string, error) {
	s, err := show(e, e.body.pieces[:e.lead], rig)
	return strings.TrimSpace(s), err
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
