//go:build unix

package local_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"runlocal/catalog/local"
)

// remembering are options that keep headers below home.
func remembering(home string) (local.Options, string) {
	o := options(home, nil)
	o.Remember = true
	return o, filepath.Join(home, ".cache", "runlocal", "headers.json")
}

// TestHeadersAreRemembered changes a file behind the search's back: with the
// same size and time it is not read again, with another time it is.
func TestHeadersAreRemembered(t *testing.T) {
	home := t.TempDir()
	path := put(t, model("llama"), home, "models", "a.gguf")
	o, kept := remembering(home)
	first, problems := find(t, o)
	if len(first) != 1 || len(problems) > 0 {
		t.Fatal(first, problems)
	}
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the headers are not kept: %v, %v", info, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(model("llama"))
	copy(other, "not a model")
	put(t, other, path)
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if again, problems := find(t, o); !slices.Equal(again, first) || len(problems) > 0 {
		t.Errorf("remembered %v (%v), want %v", again, problems, first)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if again, problems := find(t, o); len(again) != 0 || len(problems) != 1 {
		t.Errorf("changed: %v, %v; want it read again, and refused", again, problems)
	}
}

// TestDamagedMemoryIsIgnored puts all sorts of things in the memory's place.
func TestDamagedMemoryIsIgnored(t *testing.T) {
	home := t.TempDir()
	put(t, model("llama"), home, "models", "a.gguf")
	o, kept := remembering(home)
	want, _ := find(t, o)
	good, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"nothing":             "",
		"no JSON":             "\x00\xff not JSON",
		"cut off":             string(good[:len(good)/2]),
		"another form":        strings.Replace(string(good), `"version":1`, `"version":99`, 1),
		"no header":           strings.Replace(string(good), `"header":{`, `"header":null,"x":{`, 1),
		"a shape of nothing":  strings.ReplaceAll(string(good), `"s":[32,`, `"s":[0,`),
		"a shape too large":   strings.ReplaceAll(string(good), `"s":[32,8,1,1]`, `"s":[1152921504606846976,1152921504606846976,1,1]`),
		"an unknown type":     strings.ReplaceAll(string(good), `"t":0`, `"t":9999`),
		"a key of no kind":    strings.ReplaceAll(string(good), `"k":8`, `"k":77`),
		"too many dimensions": strings.ReplaceAll(string(good), `"d":2`, `"d":-5`),
		"parts of nothing":    strings.ReplaceAll(string(good), `"parts":1`, `"parts":0`),
		"a negative size":     strings.ReplaceAll(string(good), `"size":`, `"size":-`),
	} {
		if text != "" && text == string(good) {
			t.Errorf("%s: nothing was damaged", what)
		}
		if err := os.WriteFile(kept, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, problems := find(t, o); !slices.Equal(got, want) || len(problems) > 0 {
			t.Errorf("%s: found %v (%v), want %v", what, got, problems, want)
		}
	}
}

// TestMemoryIsOptional checks that nothing is written unless it is asked for,
// and that a folder that can't be written does no harm.
func TestMemoryIsOptional(t *testing.T) {
	home := t.TempDir()
	put(t, model("llama"), home, "models", "a.gguf")
	o, kept := remembering(home)
	o.Remember = false
	want, _ := find(t, o)
	if _, err := os.Stat(filepath.Dir(kept)); err == nil {
		t.Error("something was written though nothing was to be remembered")
	}
	put(t, nil, home, ".cache", "runlocal") // a file where the folder should be
	o.Remember = true
	if got, problems := find(t, o); !slices.Equal(got, want) || len(problems) > 0 {
		t.Errorf("found %v (%v), want %v", got, problems, want)
	}
}
