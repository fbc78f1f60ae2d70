package gguf_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

// split writes a model of three tensors as three files.
func split(t *testing.T, dir string, change func(no int, h *gguftest.Header)) string {
	t.Helper()
	for no := range 3 {
		h := &gguftest.Header{
			Keys:    []gguftest.Key{{Name: "split.no", Value: uint16(no)}, {Name: "split.count", Value: uint16(3)}, {Name: "split.tensors.count", Value: int32(3)}},
			Tensors: []gguftest.Tensor{{Name: fmt.Sprintf("blk.%d.attn_q.weight", no), Type: 8, Shape: []uint64{32, 4}}},
		}
		if no == 0 {
			h.Keys = append(h.Keys, gguftest.Key{Name: "general.architecture", Value: "llama"})
		}
		if change != nil {
			change(no, h)
		}
		write(t, filepath.Join(dir, fmt.Sprintf("m-%05d-of-00003.gguf", no+1)), h.File())
	}
	return filepath.Join(dir, "m-00002-of-00003.gguf")
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenJoinsTheParts(t *testing.T) {
	f, err := gguf.Open(split(t, t.TempDir(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if first := gguf.FirstPart("some/m-00002-of-00003.gguf"); first != "some/m-00001-of-00003.gguf" || gguf.FirstPart("m.gguf") != "m.gguf" {
		t.Errorf("the first part is %s", first)
	}
	if f.Parts != 3 || len(f.Tensors) != 3 || f.DataBytes() != 3*4*34 || f.Architecture() != "llama" || f.Tensor("blk.2.attn_q.weight") == nil || f.Name != "m-00002-of-00003.gguf" || f.Missing != 0 {
		t.Errorf("%d parts, %d tensors of %d bytes, %q, %q, %d missing", f.Parts, len(f.Tensors), f.DataBytes(), f.Architecture(), f.Name, f.Missing)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("zip.gguf"), []byte("PK\x03\x04 and so on"))
	folder := func(name string, change func(no int, h *gguftest.Header), then func(dir string)) string {
		sub := at(name)
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		path := split(t, sub, change)
		if then != nil {
			then(sub)
		}
		return path
	}
	for _, x := range []struct{ path, want string }{
		{at("absent.gguf"), `no file "`},
		{dir, "is a folder"},
		{at("zip.gguf"), `"zip.gguf": not a GGUF file`},
		{os.DevNull, "is no regular file"},
		{folder("missing", nil, func(d string) { os.Remove(filepath.Join(d, "m-00003-of-00003.gguf")) }), `part 3 of 3: no file "` + at("missing/m-00003-of-00003.gguf")},
		{folder("mixed", func(no int, h *gguftest.Header) { h.Keys[0].Value = uint16(2 - no) }, nil), `part 1 of 3: key "split.no": the parts' names are mixed up`},
		{folder("other", func(no int, h *gguftest.Header) { h.Keys[1].Value = uint16(3 + no/2) }, nil), `part 3 of 3: key "split.count": the parts do not belong together`},
		{folder("fewer", func(no int, h *gguftest.Header) { h.Keys[2].Value = int32(4) }, nil), "the parts hold 3 tensors of 4"},
		{folder("many", func(_ int, h *gguftest.Header) { h.Keys[1].Value = uint16(1025) }, nil), "split into 1025 files; the limit is 1024"},
		{folder("twice", func(no int, h *gguftest.Header) { h.Tensors[0].Name = "same" }, nil), `tensor "same": stands there twice`},
		{folder("broken", nil, func(d string) { write(t, filepath.Join(d, "m-00001-of-00003.gguf"), []byte("GGUF")) }), "part 1 of 3: "},
		{strings.Replace(folder("renamed", nil, func(d string) {
			if err := os.Rename(filepath.Join(d, "m-00001-of-00003.gguf"), filepath.Join(d, "model.gguf")); err != nil {
				t.Fatal(err)
			}
		}), "m-00002-of-00003", "model", 1), "its name does not say which"},
	} {
		_, err := gguf.Open(x.path)
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want one line with %q", x.path, err, x.want)
		}
	}
}

// The limit of tensors holds for all parts together, each of which keeps to it.
func TestPartsTogetherHaveTooManyTensors(t *testing.T) {
	if testing.Short() {
		t.Skip("a header of a million tensors")
	}
	path := split(t, t.TempDir(), func(no int, h *gguftest.Header) {
		for i := 0; no == 1 && i < 1<<20-1; i++ {
			h.Tensors = append(h.Tensors, gguftest.Tensor{Name: strconv.Itoa(i), Type: 8, Shape: []uint64{32}})
		}
	})
	if _, err := gguf.Open(path); err == nil || !strings.HasPrefix(err.Error(), "part 2 of 3: more than 1048576 tensors; ") {
		t.Error(err)
	}
}

// TestOnePartAlone reads a part without the others: it can be read, but no
// model comes of it.
func TestOnePartAlone(t *testing.T) {
	b, err := os.ReadFile(split(t, t.TempDir(), nil))
	if err != nil {
		t.Fatal(err)
	}
	f, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gguf.Model(f, theCatalog(t).Architectures); err == nil {
		t.Error("a part is taken for a model")
	}
}
