package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"runlocal/catalog/gguf"
)

// search walks the places and hands over what it finds.
type search struct {
	seen     map[string]bool // files by their real path
	memory   *memory
	entries  int
	read     int
	files    chan File
	problems chan Problem
	done     <-chan struct{}
}

// errStopped ends a search: nobody listens any more, or a limit is reached.
var errStopped = errors.New("the search ended")

func (s *search) place(p place) error {
	// A folder may be a link to another disk.
	dir, err := filepath.EvalSymlinks(p.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return s.tell(p.dir, reason(err))
	}
	p.dir = dir
	if p.ollama {
		return s.ollama(p)
	}
	return s.walk(p)
}

// walk looks at every file below the place's folder, by name. Links to files
// are followed, links to folders are not: they can lead in circles.
func (s *search) walk(p place) error {
	return filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if stopped := s.count(path); stopped != nil {
			return stopped
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return s.tell(path, reason(err))
		}
		rel, err := filepath.Rel(p.dir, path)
		if err != nil {
			return s.tell(path, err)
		}
		switch {
		case d.IsDir() && strings.Count(rel, string(filepath.Separator)) >= maxDepth:
			return filepath.SkipDir
		case d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".gguf"):
			return nil
		}
		return s.file(p, path, p.names(rel))
	})
}

// count holds the limit on what is looked at.
func (s *search) count(path string) error {
	select {
	case <-s.done:
		return errStopped
	default:
	}
	if s.entries++; s.entries == maxEntries {
		return errors.Join(s.tell(path, fmt.Errorf("more than %d files and folders; the search stops here", maxEntries)), errStopped)
	}
	return nil
}

// file reads a model's header and hands it over; of a split model, only for
// its first part.
func (s *search) file(p place, path, name string) error {
	if _, no, _, ok := gguf.SplitName(filepath.Base(path)); ok && no > 1 {
		return nil
	}
	info, err := os.Stat(path) // of what a link leads to
	if err != nil {
		return s.tell(path, reason(err))
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		if s.seen[target] {
			return nil
		}
		s.seen[target] = true
	}
	if s.read++; s.read > maxFiles {
		return errors.Join(s.tell(path, fmt.Errorf("more than %d models; the search stops here", maxFiles)), errStopped)
	}
	header, err := s.memory.open(path)
	if err != nil {
		return s.tell(path, err)
	}
	if !isModel(header) {
		return nil
	}
	return s.send(File{Path: path, Source: p.source, Name: clean(name), Size: header.Size, Modified: info.ModTime(), Header: header})
}

// isModel leaves out what lies beside models: projectors, adapters, importance
// matrices.
func isModel(f *gguf.File) bool {
	kind := f.Text("general.type")
	return f.Architecture() != "" && f.Architecture() != "clip" && (kind == "" || kind == "model")
}

func (s *search) send(f File) error {
	select {
	case s.files <- f:
		return nil
	case <-s.done:
		return errStopped
	}
}

// tell hands a problem over; the search goes on.
func (s *search) tell(path string, err error) error {
	select {
	case s.problems <- Problem{Path: path, Err: err}:
		return nil
	case <-s.done:
		return errStopped
	}
}

// reason is an error of the file system without the path.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// clean takes out of a name what could command a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
