package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/runtimes"
	"runlocal/ui/session"
	"runlocal/ui/theme"
)

// Screen is what the flags of plain "runlocal" say.
type Screen struct {
	Version string
	Fresh   bool
	NoMouse bool
}

// App is what the commands need from outside. The zero value of each field is
// replaced by the real thing; tests put their own in.
type App struct {
	Version string
	Show    func(context.Context, Screen) error // draws the screen

	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Environ []string
	Tty     bool // Out is a terminal that takes colours and queries

	LoadCatalog func() (*catalog.Catalog, error)
	Detect      func(context.Context, *catalog.Catalog) detect.Report

	load func() (*world, error)
}

// world is the loaded catalog and what is built on it.
type world struct {
	catalog  *catalog.Catalog
	engine   *sizing.Engine
	detected func() detect.Report // looks once, when first asked
	glossary func() (*glossary.Glossary, error)
	files    *shelf
}

// fill puts the real things where nothing else was given.
func (a *App) fill() {
	if a.In == nil {
		a.In = os.Stdin
	}
	if a.Environ == nil {
		a.Environ = os.Environ()
	}
	if a.Out == nil {
		a.Out = colours(os.Stdout, a.Environ)
		a.Tty = term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb"
	}
	if a.Err == nil {
		a.Err = os.Stderr
	}
	if a.LoadCatalog == nil {
		a.LoadCatalog = func() (*catalog.Catalog, error) { return catalog.LoadWithUser(catalog.UserDir()) }
	}
	if a.Detect == nil {
		a.Detect = func(ctx context.Context, c *catalog.Catalog) detect.Report {
			return detect.Run(ctx, c, detect.Options{})
		}
	}
	a.load = sync.OnceValues(a.loadWorld)
}

// colours writes escape sequences only where the terminal takes them. NO_COLOR
// counts whatever its value is, as its convention says; the library reads it
// as a boolean.
func colours(f *os.File, environ []string) io.Writer {
	w := colorprofile.NewWriter(f, environ)
	if os.Getenv("NO_COLOR") != "" && w.Profile > colorprofile.Ascii {
		w.Profile = colorprofile.Ascii
	}
	return w
}

func (a *App) loadWorld() (*world, error) {
	c, err := a.LoadCatalog()
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(a.Err, "warning: %v\n", oneLine(fmt.Sprint(w)))
	}
	engine := sizing.NewEngine(c, runtimes.All(c)...)
	return &world{
		catalog: c, engine: engine, files: a.newShelf(c, engine),
		detected: sync.OnceValue(func() detect.Report { return a.Detect(context.Background(), c) }),
		glossary: sync.OnceValues(func() (*glossary.Glossary, error) { return glossary.Load(engine, c) }),
	}, nil
}

// rig is the machine that a request names, or this one.
func (w *world) rig(r *request.Request) (*sizing.Rig, error) {
	rig, err := r.Rig(w.catalog, func() *sizing.Rig { return session.RigOf(w.detected()) })
	if err != nil {
		return nil, bad(err)
	}
	return rig, nil
}

// theme is the commands' set of styles. The terminal is not asked for its
// background: the styles used here are legible on both.
func (a *App) theme() *theme.Theme { return theme.New(true, false) }
