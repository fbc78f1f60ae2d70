// Package ondisk joins the model files that lie on this machine with the
// engine: which there are, and what each is as a model. It may import the
// catalog and sizing; the commands and the screen share it.
package ondisk

import (
	"context"
	"maps"
	"strings"
	"unicode"

	"runlocal/catalog"
	"runlocal/catalog/gguf"
	"runlocal/catalog/local"
	"runlocal/sizing"
)

// Sized is what a header says, ready to be asked about: the model, and an
// engine that weighs it by the file's own tensors.
type Sized struct {
	Model  *catalog.Model // its ID is the path, as a runtime wants it
	Engine *sizing.Engine // knows this one model at Quant alone
	Quant  string
	Notes  []string // what a person should know about the file, a line each
}

// Describe turns a header into a model with an engine of its own. The name is
// the file's path, or where it lies on a server.
func Describe(f *gguf.File, name string, c *catalog.Catalog, e *sizing.Engine) (*Sized, error) {
	return describe(f, name, c.Architectures, e)
}

// Guess is Describe for a file whose architecture nothing is known of: its
// layers are taken in the common form.
func Guess(f *gguf.File, name string, c *catalog.Catalog, e *sizing.Engine) (*Sized, error) {
	archs := maps.Clone(c.Architectures)
	if id := f.Architecture(); id != "" && archs[id] == nil {
		archs[id] = &catalog.Architecture{ID: id, Guessed: true}
	}
	return describe(f, name, archs, e)
}

func describe(f *gguf.File, name string, archs map[string]*catalog.Architecture, e *sizing.Engine) (*Sized, error) {
	r, err := gguf.Describe(f, archs)
	if err != nil {
		return nil, err // the callers name the file, each in its way
	}
	r.Model.ID = clean(gguf.FirstPart(name))
	return &Sized{Model: r.Model, Engine: e.ForFile(f, r), Quant: r.Quant, Notes: r.Notes}, nil
}

// File is a model file on this machine. Its texts are free of control
// characters.
type File struct {
	Path    string // of the file, or of the first part of a split model
	Name    string // as the program calls it that keeps it
	Source  string // that program
	Title   string // what the file calls its model; "" where it does not
	Arch    string // llama.cpp's name for the architecture
	Quant   string
	Bytes   int64 // on disk, all parts
	Weights int64 // bytes of the tensors alone

	Sized  *Sized // nil: no figures for it
	Reason string // why not, one line
}

// Find looks for the files and describes each; a file that the engine does not
// know is one all the same. It ends soon after ctx does.
func Find(ctx context.Context, c *catalog.Catalog, e *sizing.Engine, o local.Options) ([]File, []local.Problem) {
	found, problems := local.Find(ctx, o)
	files := make([]File, 0, len(found))
	for i := range found {
		if ctx.Err() != nil {
			break // who asked has gone
		}
		files = append(files, Of(&found[i], c, e))
	}
	return files, problems
}

// Of describes one file that was found.
func Of(f *local.File, c *catalog.Catalog, e *sizing.Engine) File {
	out := File{
		Path: clean(f.Path), Name: clean(f.Name), Source: f.Source, Title: clean(f.Header.Text("general.name")),
		Arch: clean(f.Header.Architecture()), Quant: f.Header.Quant(), Bytes: f.Size, Weights: f.Header.DataBytes(),
	}
	sized, err := Describe(f.Header, f.Path, c, e)
	if err != nil {
		out.Reason = strings.Join(strings.Fields(clean(err.Error())), " ")
		return out
	}
	out.Sized = sized
	return out
}

// clean takes out of a text what could command a terminal. Blanks stay as they
// are: a path may have several in a row.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
