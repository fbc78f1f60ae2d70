// Package local finds the model files that are already on this machine, where
// the programs that fetch them keep them, and reads their headers.
package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"runlocal/catalog/gguf"
)

// File is a model on disk.
type File struct {
	Path     string     // of the file, or of the first part of a split model
	Source   string     // the program that keeps it: "Ollama", "LM Studio" …
	Name     string     // what that program calls it: a tag, owner/repository, or the file's name
	Size     int64      // bytes, all parts together
	Modified time.Time  // of the first part
	Header   *gguf.File // as read
}

// Problem is a folder or a file that could not be read.
type Problem struct {
	Path string // "" where none is to blame
	Err  error
}

func (p Problem) Error() string {
	if p.Path == "" {
		return p.Err.Error()
	}
	const most = 200
	path := p.Path
	if len(path) > most {
		path = "…" + path[len(path)-most:]
	}
	return strconv.QuoteToGraphic(path) + ": " + p.Err.Error()
}

// Options say where to look. The zero value is this machine; tests put their
// own in.
type Options struct {
	Home   string              // the user's folder; "" = as the system says
	Getenv func(string) string // nil = os.Getenv
	GOOS   string              // "" = runtime.GOOS
	System bool                // look into the folders of the system's services too
	// Remember keeps the headers that were read in the user's cache folder, so
	// that the next search opens only files that have changed.
	Remember bool
	Time     time.Duration // after which what was found is returned; 0 = usualTime
}

// Limits on a search. A home folder can hold anything, on a disk that does
// not answer.
const (
	usualTime  = 20 * time.Second
	maxEntries = 200_000 // looked at, all folders together
	maxFiles   = 2_000   // headers read
	maxDepth   = 8       // folders below a program's own
)

// Find looks where programs keep models: llama.cpp, the Hugging Face hub's
// cache, LM Studio, Ollama, GPT4All, and ~/models. It returns what it found
// by the time that ctx or Options.Time ends, ordered by name; what could not
// be read, and a search that was cut short, is told as a Problem. Files that
// hold no language model (projectors, adapters) are left out.
func Find(ctx context.Context, o Options) ([]File, []Problem) {
	o = o.filled()
	ctx, cancel := context.WithTimeout(ctx, o.Time)
	defer cancel()
	s := &search{seen: map[string]bool{}, memory: o.remember(), files: make(chan File), problems: make(chan Problem), done: ctx.Done()}
	end := make(chan bool, 1) // whether it saw everything
	// A disk that does not answer keeps this goroutine, not the caller.
	go func() {
		complete := true
		for _, p := range o.places() {
			if complete = s.place(p) == nil; !complete {
				break
			}
		}
		_ = s.memory.save(complete) // it only saves time
		end <- complete
	}()
	var files []File
	var problems []Problem
	for {
		select {
		case f := <-s.files:
			files = append(files, f)
		case p := <-s.problems:
			problems = append(problems, p)
		case complete := <-end:
			// The search may have seen the end of ctx before this loop did.
			if err := ctx.Err(); err != nil && !complete {
				problems = append(problems, Problem{Err: cutShort(err)})
			}
			return ordered(files), problems
		case <-ctx.Done():
			return ordered(files), append(problems, Problem{Err: cutShort(ctx.Err())})
		}
	}
}

func cutShort(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("the search took too long; there may be more files")
	}
	return fmt.Errorf("the search was stopped: %w", err)
}

func ordered(files []File) []File {
	slices.SortFunc(files, func(a, b File) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Path, b.Path)) })
	return files
}

func (o Options) filled() Options {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.GOOS == "" {
		o.GOOS = runtime.GOOS
	}
	if o.Home == "" {
		o.Home, _ = os.UserHomeDir() // without one, only the environment tells places
	}
	if o.Time <= 0 {
		o.Time = usualTime
	}
	return o
}

// from joins a path below the value of a variable, or "" where it has none.
func (o Options) from(variable string, parts ...string) string {
	if base := o.Getenv(variable); filepath.IsAbs(base) {
		return filepath.Join(append([]string{base}, parts...)...)
	}
	return ""
}

// home joins a path below the user's folder.
func (o Options) home(parts ...string) string {
	if o.Home == "" {
		return ""
	}
	return filepath.Join(append([]string{o.Home}, parts...)...)
}
