package state_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runlocal/sizing"
	"runlocal/ui/state"
)

func TestRoundTrip(t *testing.T) {
	f := state.File{Path: filepath.Join(t.TempDir(), "deep", "state.json")}
	settings := sizing.Defaults("Q6_K", 32768)
	want := state.State{Version: 1, Tab: "Hardware", Model: "llama-3.1-8b", Devices: []string{"a", "a"}, Settings: &settings, Light: true}
	if err := f.Save(want); err != nil {
		t.Fatal(err)
	}
	got, note := f.Load()
	if note != "" {
		t.Fatal(note)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(f.Path), "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Fatalf("temporary files left: %v %v", left, err)
	}
}

func TestMissingIsEmpty(t *testing.T) {
	got, note := state.File{Path: filepath.Join(t.TempDir(), "state.json")}.Load()
	if note != "" || got.Model != "" {
		t.Fatalf("%+v, %q", got, note)
	}
}

func TestBrokenIsPutAside(t *testing.T) {
	for name, content := range map[string]string{
		"cut off": `{"version":1,"tab":"Mod`, "not JSON": "hello", "empty": "", "another version": `{"version":99}`,
		"wrong types": `{"version":1,"devices":7}`, "invalid UTF-8": "\xff\xfe{}", "huge": strings.Repeat(" ", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			f := state.File{Path: filepath.Join(t.TempDir(), "state.json")}
			if err := os.WriteFile(f.Path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, note := f.Load()
			if note == "" || strings.Contains(note, "\n") {
				t.Fatalf("note %q", note)
			}
			if d := cmp.Diff(state.State{}, got); d != "" {
				t.Fatal(d)
			}
			aside, err := os.ReadFile(f.Path + ".bad")
			if err != nil || string(aside) != content {
				t.Fatalf("not kept aside: %v", err)
			}
			if _, note := f.Load(); note != "" {
				t.Fatalf("said again: %s", note)
			}
		})
	}
}

// A home that can't be written gives an error to show, never a panic, and
// leaves the old file whole.
func TestReadOnlyHome(t *testing.T) {
	if os.Getuid() == 0 {
		// Root may write everywhere; a file in the way of the directory stops
		// everyone.
		blocked := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		f := state.File{Path: filepath.Join(blocked, "runlocal", "state.json")}
		if err := f.Save(state.State{}); err == nil {
			t.Fatal("saved below a file")
		}
		if _, note := f.Load(); note == "" {
			t.Fatal("read below a file")
		}
		return
	}
	dir := t.TempDir()
	f := state.File{Path: filepath.Join(dir, "state.json")}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(state.State{}); err == nil {
		t.Fatal("saved in a read-only directory")
	}
}
