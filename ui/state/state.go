// Package state keeps what the next session should find again: the rig, the
// model, the settings, the tab. It knows ids only and imports nothing of
// runlocal but the engine's settings.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"

	"runlocal/sizing"
)

// State is what is remembered.
type State struct {
	Version  int              `json:"version"`
	Tab      string           `json:"tab,omitempty"`
	Model    string           `json:"model,omitempty"`    // catalog id
	Devices  []string         `json:"devices,omitempty"`  // catalog ids of a simulated rig; none = the detected one
	Settings *sizing.Settings `json:"settings,omitempty"` // nil = never changed
	Light    bool             `json:"light,omitempty"`    // the terminal's background was light
}

// version is the format's; a file of another one is ignored.
const version = 1

// maxSize bounds what is read: a state file has a few hundred bytes.
const maxSize = 1 << 20

// File keeps the state in one JSON file.
type File struct{ Path string }

// Default is the file in the user's state directory.
func Default() File { return File{filepath.Join(xdg.StateHome, "runlocal", "state.json")} }

// Load reads the file. A missing file is an empty state; a broken one is put
// aside as state.json.bad, and the note says so.
func (f File) Load() (State, string) {
	s, err := f.read()
	switch {
	case err == nil:
		return s, ""
	case errors.Is(err, fs.ErrNotExist):
		return State{}, ""
	case errors.Is(err, fs.ErrPermission):
		return State{}, "the last session can't be read: " + err.Error()
	}
	if moved := os.Rename(f.Path, f.Path+".bad"); moved != nil {
		return State{}, fmt.Sprintf("the last session's file is broken and ignored: %v", err)
	}
	return State{}, fmt.Sprintf("the last session's file was broken (%v); kept as %s.bad", err, filepath.Base(f.Path))
}

func (f File) read() (State, error) {
	info, err := os.Stat(f.Path)
	if err != nil {
		return State{}, err
	}
	if info.Size() > maxSize || !info.Mode().IsRegular() {
		return State{}, fmt.Errorf("not a state file: %d bytes, %s", info.Size(), info.Mode().Type())
	}
	b, err := os.ReadFile(f.Path)
	if err != nil {
		return State{}, err
	}
	var s State
	if err := json.Unmarshal(b, &s); err != nil {
		return State{}, err
	}
	if s.Version != version {
		return State{}, fmt.Errorf("format version %d, want %d", s.Version, version)
	}
	return s, nil
}

// Save writes the file whole or not at all.
func (f File) Save(s State) error {
	s.Version = version
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	dir := filepath.Dir(f.Path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the state directory: %w", err)
	}
	tmp, err := os.CreateTemp(dir, "state-*.tmp")
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // does nothing after the rename
	if _, err := tmp.Write(append(b, '\n')); err != nil {
		_ = tmp.Close()
		return fmt.Errorf("write the state: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	if err := os.Rename(tmp.Name(), f.Path); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}
