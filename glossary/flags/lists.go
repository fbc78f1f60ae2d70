package flags

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// List is what is known of one program, or of several that take the same
// switches.
type List struct {
	Program string   `json:"program"`        // as it is typed: "llama-server", "python -m vllm"
	Also    []string `json:"also,omitempty"` // other names of the program
	OnlyIn  []string `json:"only_in,omitempty"`
	Version string   `json:"version,omitempty"` // of the program or of the commit that was read
	Source  string   `json:"source"`            // where the list was read
	Read    string   `json:"read"`              // year-month-day
	Style   Style    `json:"style,omitzero"`
	Level
}

// Style is how a program reads its switches.
type Style struct {
	Bundles  bool `json:"bundles,omitempty"`   // "-rf" is "-r -f", "-n5" is "-n 5"
	NoEquals bool `json:"no_equals,omitempty"` // "--flag=value" is refused
	Operands bool `json:"operands,omitempty"`  // the first word need not be a subcommand
}

// Level is a program, or a subcommand of one. Switches of a level hold in the
// levels below it as well.
type Level struct {
	Flags       []string          `json:"flags,omitempty"`
	Values      []string          `json:"values,omitempty"`   // of the flags: those that take the next word
	Prefixes    []string          `json:"prefixes,omitempty"` // of switches whose value is attached: "-D"
	Removed     map[string]string `json:"removed,omitempty"`  // earlier switches, and what stands for them now
	Subcommands map[string]*Level `json:"subcommands,omitempty"`
	Wraps       string            `json:"wraps,omitempty"` // what the words behind the switches are; see wraps
	// Images are the container images that a level with "image" may name, and
	// the command that their arguments go to: "" for none.
	Images map[string]string `json:"images,omitempty"`
}

// Environment is the variables that commands may set.
type Environment struct {
	Groups []Group           `json:"groups"`
	Others map[string]string `json:"others"` // single variables, and who reads them
}

// Group is every variable of one program that begins with a prefix.
type Group struct {
	Prefix string   `json:"prefix"`
	Source string   `json:"source"`
	Read   string   `json:"read"`
	Names  []string `json:"names"`
}

// Set is all lists. It does not change after Load.
type Set struct {
	lists     map[string]*List // by name of the program
	only      map[string]map[string]*List
	unchecked map[string]string // programs without a list, and why
	env       Environment
}

// The files that are no list.
const (
	uncheckedFile   = "unchecked.json"
	environmentFile = "environment.json"
)

// Load reads every list of a folder and says all that is wrong.
func Load(folder fs.FS) (*Set, error) {
	s := &Set{lists: map[string]*List{}, only: map[string]map[string]*List{}}
	paths, err := fs.Glob(folder, "*.json")
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("read the lists of flags: %d files: %w", len(paths), err)
	}
	var wrong []error
	for _, file := range paths {
		if err := s.take(folder, file); err != nil {
			wrong = append(wrong, fmt.Errorf("flags/%s: %w", file, err))
		}
	}
	for name := range s.unchecked {
		if s.lists[name] != nil {
			wrong = append(wrong, fmt.Errorf("%s has a list and is called unchecked", name))
		}
	}
	return s, errors.Join(wrong...)
}

// take reads one file.
func (s *Set) take(folder fs.FS, file string) error {
	data, err := fs.ReadFile(folder, file)
	if err != nil {
		return err
	}
	switch path.Base(file) {
	case uncheckedFile:
		return decode(data, &s.unchecked)
	case environmentFile:
		if err := decode(data, &s.env); err != nil {
			return err
		}
		return s.env.check()
	}
	l := &List{}
	if err := decode(data, l); err != nil {
		return err
	}
	if err := l.check(strings.TrimSuffix(path.Base(file), ".json")); err != nil {
		return err
	}
	return s.add(l)
}

// add puts a list under each of its names.
func (s *Set) add(l *List) error {
	for _, name := range append([]string{l.Program}, l.Also...) {
		if len(l.OnlyIn) == 0 {
			if s.lists[name] != nil {
				return fmt.Errorf("the program %q has two lists", name)
			}
			s.lists[name] = l
			continue
		}
		for _, place := range l.OnlyIn {
			if s.only[place] == nil {
				s.only[place] = map[string]*List{}
			}
			if s.only[place][name] != nil {
				return fmt.Errorf("the program %q has two lists in %s", name, place)
			}
			s.only[place][name] = l
		}
	}
	return nil
}

// decode reads strict JSON: no field that is not known, no key twice, nothing
// behind the value.
func decode(data []byte, into any) error {
	if err := twice(json.NewDecoder(bytes.NewReader(data))); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the value")
	}
	return nil
}

// twice finds a key that an object has twice in the next value.
func twice(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[any]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if seen[key] {
				return fmt.Errorf("key %q is given twice", key)
			}
			seen[key] = true
		}
		if err := twice(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
