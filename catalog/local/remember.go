package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"runlocal/catalog/gguf"
)

// Limits on the headers that are remembered.
const (
	keptHeaders = 256      // files
	keptBytes   = 64 << 20 // of the file that holds them
	keptVersion = 1        // of its form
	keptFile    = "headers.json"
)

// memory are the headers that earlier searches read, by path, size and time.
// It only ever saves time: what is wrong with it is as if it were not there.
type memory struct {
	path string

	mu      sync.Mutex
	old     map[string]remembered // as read from disk
	seen    []remembered          // by this search
	changed bool
}

// remembered is a header with what its files looked like when it was read.
type remembered struct {
	Path   string     `json:"path"`
	Size   int64      `json:"size"`     // of all parts, bytes
	MTime  int64      `json:"modified"` // of the newest part, nanoseconds
	Header *gguf.Kept `json:"header"`
}

type keptForm struct {
	Version int          `json:"version"`
	Headers []remembered `json:"headers"`
}

// remember opens the memory of earlier searches; nil where nothing is to be
// remembered.
func (o Options) remember() *memory {
	dir := o.cacheDir("runlocal")
	if !o.Remember || dir == "" {
		return nil
	}
	m := &memory{path: filepath.Join(dir, keptFile), old: map[string]remembered{}}
	form, err := readKept(m.path)
	if err != nil {
		return m // there is none, or it is damaged: the search reads everything
	}
	for _, r := range form.Headers {
		m.old[r.Path] = r
	}
	return m
}

func readKept(path string) (*keptForm, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look at the kept headers: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > keptBytes {
		return nil, errors.New("the kept headers are no regular file of a usual size")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the kept headers: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	var form keptForm
	if err := json.NewDecoder(io.LimitReader(f, keptBytes)).Decode(&form); err != nil {
		return nil, fmt.Errorf("read the kept headers: %w", err)
	}
	if form.Version != keptVersion || len(form.Headers) > keptHeaders {
		return nil, fmt.Errorf("the kept headers have form %d with %d files", form.Version, len(form.Headers))
	}
	return &form, nil
}

// open is gguf.Open, answered from memory where the file has not changed.
func (m *memory) open(path string) (*gguf.File, error) {
	if m == nil {
		return gguf.Open(path)
	}
	size, mtime, ok := looks(path)
	m.mu.Lock()
	old, found := m.old[path]
	m.mu.Unlock()
	if ok && found && old.Size == size && old.MTime == mtime && old.Header != nil {
		if f, err := old.Header.File(); err == nil {
			m.keep(old, false)
			return f, nil
		}
	}
	f, err := gguf.Open(path)
	if err != nil {
		return nil, err
	}
	if ok {
		m.keep(remembered{path, size, mtime, f.Keep()}, true)
	}
	return f, nil
}

// looks is what tells whether a model's files have changed.
func looks(path string) (size, mtime int64, ok bool) {
	parts := []string{path}
	dir, name := filepath.Split(path)
	if base, _, count, split := gguf.SplitName(name); split {
		parts = parts[:0]
		for no := 1; no <= count; no++ {
			parts = append(parts, dir+gguf.PartName(base, no, count))
		}
	}
	for _, p := range parts {
		info, err := os.Stat(p)
		if err != nil || !info.Mode().IsRegular() {
			return 0, 0, false
		}
		size += info.Size()
		mtime = max(mtime, info.ModTime().UnixNano())
	}
	return size, mtime, true
}

func (m *memory) keep(r remembered, isNew bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.seen) < keptHeaders {
		m.seen = append(m.seen, r)
		m.changed = m.changed || isNew
	}
}

// withOld adds what a search that was cut short did not get to.
func (m *memory) withOld(headers []remembered) []remembered {
	seen := map[string]bool{}
	for _, r := range headers {
		seen[r.Path] = true
	}
	for path, r := range m.old {
		if !seen[path] && len(headers) < keptHeaders {
			headers = append(headers, r)
		}
	}
	return headers
}

// save writes down what this search saw, if that is anything new: to a file
// beside the old one, which then takes its place. Failing to is no harm.
func (m *memory) save(complete bool) error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	headers, changed := slices.Clone(m.seen), m.changed
	m.mu.Unlock()
	if !changed {
		return nil
	}
	if !complete {
		headers = m.withOld(headers)
	}
	data, err := json.Marshal(keptForm{keptVersion, headers})
	if err != nil {
		return fmt.Errorf("encode the headers: %w", err)
	}
	if len(data) > keptBytes {
		return fmt.Errorf("%d bytes of headers are more than the %d that are kept", len(data), keptBytes)
	}
	dir := filepath.Dir(m.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of the kept headers: %w", err)
	}
	tmp, err := os.CreateTemp(dir, keptFile+".*")
	if err != nil {
		return fmt.Errorf("make a file for the headers: %w", err)
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), m.path)
	}
	if err != nil {
		return fmt.Errorf("write the headers: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}
