package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"runlocal/catalog"
	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/remote"
	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
	"runlocal/ui/ondisk"
)

// subject is what a request is about: a model, with the engine that knows it.
type subject struct {
	model  *catalog.Model
	engine *sizing.Engine
	quant  string   // of a file, whose precision is not asked for
	notes  []string // about a file
}

// subject finds the model that a request names, in the catalog or in a file.
func (w *world) subject(r *request.Request) (subject, error) {
	if !r.Has("gguf") {
		m, err := r.Model(w.catalog)
		return subject{model: m, engine: w.engine}, bad(err)
	}
	switch {
	case strings.TrimSpace(r.Get("model")) != "":
		return subject{}, badf("both a model (%q) and a file (%q) are named; leave one out", r.Get("model"), r.Get("gguf"))
	case r.Has("quant"):
		return subject{}, badf("a file has its precision already; leave quant out, or name the model instead of %q", r.Get("gguf"))
	}
	guess, err := r.Guesses()
	if err != nil {
		return subject{}, bad(err)
	}
	return w.files.get(r.Get("gguf"), guess)
}

// shelf keeps the files that requests named, read: a batch may ask for one
// many times.
type shelf struct {
	catalog *catalog.Catalog
	engine  *sizing.Engine
	getenv  func(string) string
	tell    io.Writer // a terminal for the progress of what takes long; nil for none

	mu   sync.Mutex
	read map[string]subject
}

// keptFiles is how many read files are remembered.
const keptFiles = 64

func (a *App) newShelf(c *catalog.Catalog, e *sizing.Engine) *shelf {
	s := &shelf{catalog: c, engine: e, getenv: a.getenv, read: map[string]subject{}}
	if a.Tty {
		s.tell = a.Err
	}
	return s
}

// getenv is a variable of the environment that the commands were given.
func (a *App) getenv(name string) string {
	value := ""
	for _, kv := range a.Environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v // the last one counts
		}
	}
	return value
}

// get reads a file on disk, or one on a server for "hf:owner/repo/file.gguf".
func (s *shelf) get(name string, guess bool) (subject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, describe := name, ondisk.Describe
	if guess {
		key, describe = name+"\x00guess", ondisk.Guess
	}
	if x, ok := s.read[key]; ok {
		return x, nil
	}
	f, err := s.header(name)
	if err != nil {
		return subject{}, badf("gguf: %w", err)
	}
	sized, err := describe(f, name, s.catalog, s.engine)
	if err != nil {
		return subject{}, badf("gguf: %q %w", shorten(name), err)
	}
	x := subject{model: sized.Model, engine: sized.Engine, quant: sized.Quant, notes: sized.Notes}
	if len(s.read) >= keptFiles {
		clear(s.read)
	}
	s.read[key] = x
	return x, nil
}

func (s *shelf) header(name string) (*gguf.File, error) {
	if strings.TrimSpace(name) == "" {
		return nil, errors.New("no file named")
	}
	if !strings.HasPrefix(name, remote.Scheme) {
		return gguf.Open(name)
	}
	r, err := remote.Parse(name)
	if err != nil {
		return nil, err
	}
	o := remote.Options{Getenv: s.getenv}
	if s.tell != nil {
		o.Progress = func(n int64) { fmt.Fprintf(s.tell, "\r\x1b[Kreading the header: %s", units.Bytes(n)) }
		defer fmt.Fprint(s.tell, "\r\x1b[K")
	}
	return remote.Read(context.Background(), r, o)
}

// shorten keeps the end of a long name, where a file's own name is.
func shorten(name string) string {
	const most = 120
	if len(name) > most {
		return "…" + strings.ToValidUTF8(name[len(name)-most:], "")
	}
	return name
}
