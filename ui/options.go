// Package ui is the screen: the root model, which owns the session, the tabs
// and the overlays, and hands everything else to the panes. It may import all
// of runlocal but ui/command, and nothing imports it but main.
package ui

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/atotto/clipboard"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/catalog/local"
	"runlocal/glossary"
	"runlocal/sizing"
	"runlocal/ui/models"
	"runlocal/ui/ondisk"
	"runlocal/ui/pane"
	"runlocal/ui/state"
	"runlocal/ui/theme"
)

// Options is what the screen needs from outside. The zero value of each field
// is replaced by the real thing; tests put their own in.
type Options struct {
	Version string
	Fresh   bool // ignore what the last session left
	NoMouse bool // leave the mouse to the terminal

	LoadCatalog  func() (*catalog.Catalog, error)
	LoadGlossary func(*sizing.Engine, *catalog.Catalog) (*glossary.Glossary, error)
	Detect       func(context.Context, *catalog.Catalog) detect.Report
	FindModels   models.Finder // model files on this machine
	Panes        func(*theme.Theme) []pane.Pane
	Store        Store                  // where the last session is kept
	Copy         func(string) error     // the system's clipboard; nil over SSH
	Paste        func() (string, error) // the same; nil asks the terminal
	Environ      []string

	Input  io.Reader // nil = the terminal
	Output io.Writer
	Now    func() time.Time
}

// Store keeps the last session.
type Store interface {
	// Load gives the last session; the note says what was wrong with it.
	Load() (s state.State, note string)
	Save(state.State) error
}

// withDefaults fills in the real world.
func (o Options) withDefaults() Options {
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.LoadCatalog == nil {
		o.LoadCatalog = func() (*catalog.Catalog, error) { return catalog.LoadWithUser(catalog.UserDir()) }
	}
	if o.LoadGlossary == nil {
		o.LoadGlossary = glossary.Load
	}
	if o.Detect == nil {
		o.Detect = func(ctx context.Context, c *catalog.Catalog) detect.Report {
			return detect.Run(ctx, c, detect.Options{})
		}
	}
	if o.FindModels == nil {
		o.FindModels = o.onDisk
	}
	if o.Panes == nil {
		o.Panes = o.allPanes
	}
	if o.Store == nil {
		o.Store = state.Default()
	}
	if o.Copy == nil && !overSSH(o.Environ) && !clipboard.Unsupported {
		o.Copy = clipboard.WriteAll
	}
	if o.Paste == nil && !overSSH(o.Environ) && !clipboard.Unsupported {
		o.Paste = clipboard.ReadAll
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// onDisk looks for model files where programs keep them. What could not be
// read is left to "models --local", which has room to tell.
func (o Options) onDisk(ctx context.Context, c *catalog.Catalog, e *sizing.Engine) []ondisk.File {
	getenv := func(name string) string { return env(o.Environ, name) }
	files, _ := ondisk.Find(ctx, c, e, local.Options{Home: getenv("HOME"), Getenv: getenv, System: true, Remember: true})
	return files
}

// env looks a variable up; the last one wins, as in a process's environment.
func env(environ []string, name string) string {
	value := ""
	for _, kv := range environ {
		if len(kv) > len(name) && kv[len(name)] == '=' && kv[:len(name)] == name {
			value = kv[len(name)+1:]
		}
	}
	return value
}

func overSSH(environ []string) bool {
	return env(environ, "SSH_TTY") != "" || env(environ, "SSH_CONNECTION") != ""
}
