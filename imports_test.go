package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// goPackage is what "go list" says of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// room is the part of the house that a package belongs to, and its floor:
// imports lead to lower floors only.
func room(path string) (string, int) {
	floors := []string{"assets", "catalog", "sizing", "glossary", "ui"}
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "runlocal/"), "/")
	if path == "runlocal" {
		return "main", len(floors)
	}
	return name, slices.Index(floors, name)
}

func TestImportsLeadDownTheHouse(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < 8 {
		t.Fatalf("go list finds only %d packages", len(packages))
	}
	for _, p := range packages {
		from, floor := room(p.ImportPath)
		if floor < 0 {
			t.Errorf("%s: %q is no room of the house", p.ImportPath, from)
		}
		for _, i := range p.Imports {
			if i != "runlocal" && !strings.HasPrefix(i, "runlocal/") {
				continue
			}
			if to, below := room(i); below > floor || to == "main" {
				t.Errorf("%s imports %s: arrows point from main down to assets", p.ImportPath, i)
			}
		}
	}
}

// The engine is pure, and data has no code.
func TestImportsThatAreForbidden(t *testing.T) {
	forbidden := map[string][]string{
		"runlocal/sizing":         {"os", "net", "time", "io/fs", "os/exec", "net/http", "syscall", "math/rand", "math/rand/v2", "runlocal/assets"},
		"runlocal/assets":         {"runlocal/catalog", "encoding/json", "os"},
		"runlocal/catalog/detect": {"runlocal/sizing"},
		"runlocal/glossary":       {"os", "net", "net/http", "os/exec"},
	}
	seen := 0
	for _, p := range listPackages(t) {
		for owner, list := range forbidden {
			if p.ImportPath != owner && !strings.HasPrefix(p.ImportPath, owner+"/") {
				continue
			}
			seen++
			for _, i := range p.Imports {
				if slices.Contains(list, i) {
					t.Errorf("%s imports %s", p.ImportPath, i)
				}
			}
		}
	}
	if seen < len(forbidden) {
		t.Errorf("only %d of the packages with rules were found", seen)
	}
}

// Only the command and main know the root of the screen, and panes do not
// know each other.
func TestPanesDoNotKnowEachOther(t *testing.T) {
	panes := []string{"runlocal/ui/models", "runlocal/ui/hardware", "runlocal/ui/calculator", "runlocal/ui/reader"}
	for _, p := range listPackages(t) {
		for _, i := range p.Imports {
			if i == "runlocal/ui" && p.ImportPath != "runlocal" {
				t.Errorf("%s imports the root of the screen", p.ImportPath)
			}
			if slices.Contains(panes, p.ImportPath) && slices.Contains(panes, i) {
				t.Errorf("%s imports %s: a pane knows another", p.ImportPath, i)
			}
		}
	}
}

// A runtime is a folder below sizing that knows the engine and no other
// runtime; only package runtimes knows them all, and the engine none. Units
// and the division of a model over GPUs are open to all.
func TestRuntimesDoNotKnowEachOther(t *testing.T) {
	const below = "runlocal/sizing/"
	open := []string{below + "units", below + "shard"}
	wiring := []string{below + "runtimes", below + "request"}
	found := false
	for _, p := range listPackages(t) {
		own, inside := strings.CutPrefix(p.ImportPath, below)
		own, _, _ = strings.Cut(own, "/")
		found = found || p.ImportPath == wiring[0]
		for _, i := range p.Imports {
			other, isOther := strings.CutPrefix(i, below)
			other, _, _ = strings.Cut(other, "/")
			switch {
			case !isOther || slices.Contains(open, i):
			case p.ImportPath == "runlocal/sizing":
				t.Errorf("the engine imports %s: it is told its runtimes", i)
			case inside && own != other && !slices.Contains(wiring, p.ImportPath):
				t.Errorf("%s imports %s: a runtime knows another", p.ImportPath, i)
			}
		}
	}
	if !found {
		t.Errorf("no package %s", wiring[0])
	}
}

// No package is a drawer for what has no place.
func TestNoDrawers(t *testing.T) {
	for _, p := range listPackages(t) {
		for part := range strings.SplitSeq(p.ImportPath, "/") {
			if slices.Contains([]string{"util", "utils", "common", "helpers", "types", "base", "misc"}, part) {
				t.Errorf("%s: %q says nothing", p.ImportPath, part)
			}
		}
	}
}
