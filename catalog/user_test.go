package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// userDir makes a folder with the given files, by their paths in it.
func userDir(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func mustLoadUser(tb testing.TB, dir string) *Catalog {
	tb.Helper()
	c, err := LoadWithUser(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestUserRecordsExtendAndOverride(t *testing.T) {
	c := mustLoadUser(t, userDir(t, map[string]string{
		"models/mine.json":     goodModel, // one record, no array
		"models/other.json":    "[" + with(t, goodModel, "tiny-1m", "llama-3.1-8b") + "]",
		"devices/card.json":    goodDevice,
		"devices/notes.txt":    "no record",
		"devices/.hidden.json": with(t, goodDevice, "maker-card", "maker-card-2"),
	}))
	if len(c.Warnings) != 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	if len(c.Models) != 985 || len(c.Devices) != 563 {
		t.Errorf("%d models, %d devices; want one and two more than embedded", len(c.Models), len(c.Devices))
	}
	if m, err := c.Model("Tiny 1M"); err != nil || m.Layers() != 2 {
		t.Errorf("own model: %v %v", m, err)
	}
	if m, err := c.Model("llama-3.1-8b"); err != nil || m.Name != "Tiny 1M" {
		t.Errorf("overridden model: %v %v", m, err)
	}
	if d, err := c.Device("maker card"); err != nil || d.MemoryBytes() != 24<<30 {
		t.Errorf("own device: %v %v", d, err)
	}
}

func TestNoUserFolder(t *testing.T) {
	c := mustLoadUser(t, filepath.Join(t.TempDir(), "nowhere"))
	if len(c.Warnings) != 0 || len(c.Models) != 984 {
		t.Errorf("%d models, warnings %v", len(c.Models), c.Warnings)
	}
}

// A record that cannot be used costs a warning and nothing else.
func TestBadUserRecordsAreLeftOut(t *testing.T) {
	manyBlocks := `"blocks": [` + strings.Repeat(`{},`, 5000) + `{"count": 2,`
	for _, tt := range []struct{ name, file, record, reason string }{
		{"broken JSON", goodModel[:40], "", "breaks off"},
		{"not JSON", "\x7fELF", "", "invalid character"},
		{"empty file", "", "", "breaks off"},
		{"unknown field", with(t, goodModel, `"vocab"`, `"vocabulary"`), "tiny-1m", `unknown field "vocabulary"`},
		{"wrong type", with(t, goodModel, `"hidden": 64`, `"hidden": {}`), "tiny-1m", "hidden"},
		{"null", "[null]", "record 1", "id"},
		{"negative width", with(t, goodModel, `"hidden": 64`, `"hidden": -64`), "tiny-1m", "hidden"},
		{"width beyond 2^31", with(t, goodModel, `"hidden": 64`, `"hidden": 2147483649`), "tiny-1m", "hidden"},
		{"width beyond 2^64", with(t, goodModel, `"hidden": 64`, `"hidden": 1e30`), "tiny-1m", "hidden"},
		{"inner width beyond the limit", with(t, goodModel, `"intermediate": 128`, `"intermediate": 16777217`), "tiny-1m", "intermediate"},
		{"too many parameters", with(t, with(t, goodModel, `"hidden": 64`, `"hidden": 2147483647`), `"vocab": 1000`, `"vocab": 2147483647`), "tiny-1m", "parameters"},
		{"4,097 layers by nesting", with(t, goodModel, `"blocks": [{"count": 2,`, `"blocks": [{"repeat": 4096, "blocks": [{"count": 1, "mixer": {"type": "none"}, "ffn": {"type": "none"}}]}, {"count": 1,`), "tiny-1m", "more than 4096 layers"},
		{"very many blocks", with(t, goodModel, `"blocks": [{"count": 2,`, manyBlocks), "tiny-1m", ""},
		{"record too long", with(t, goodModel, `"Tiny 1M"`, `"`+strings.Repeat("x", maxUserRecordBytes)+`"`), "tiny-1m", "more than 262144"},
		{"file too long", goodModel + strings.Repeat(" ", maxUserFileBytes), "", "more than 4194304"},
		{"nested deeper than JSON may be", strings.Repeat("[", 20000), "", "depth"},
		{"escape sequence in the id", with(t, goodModel, "tiny-1m", `tiny\u001b[31m`), "tiny[31m", "lower-case"},
		{"same id twice", "[" + goodModel + "," + goodModel + "]", "tiny-1m", "the same id as in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := userDir(t, map[string]string{"models/bad.json": tt.file, "models/good.json": with(t, goodModel, "tiny-1m", "tiny-3m")})
			c := mustLoadUser(t, dir)
			if len(c.Warnings) != 1 {
				t.Fatalf("warnings: %v, want one", c.Warnings)
			}
			w := c.Warnings[0]
			if w.File != filepath.Join(dir, "models", "bad.json") || w.Record != tt.record || !strings.Contains(w.Reason, tt.reason) {
				t.Errorf("%+v: want record %q and %q", w, tt.record, tt.reason)
			}
			if s := w.String(); strings.ContainsAny(s, "\x1b\n") || !strings.HasPrefix(s, w.File+": ") {
				t.Errorf("%q is no clean line", s)
			}
			if _, err := c.Model("tiny-3m"); err != nil {
				t.Errorf("the good record beside it: %v", err)
			}
		})
	}
}

func TestUserTextIsCleaned(t *testing.T) {
	c := mustLoadUser(t, userDir(t, map[string]string{
		"models/m.json": with(t, goodModel, `"Tiny 1M"`, `"Ti\u001b]0;x\u0007ny\u202e 1M\n\u009b"`),
	}))
	m, err := c.Model("tiny-1m")
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "Ti]0;xny 1M " {
		t.Errorf("name %q still holds what a terminal obeys", m.Name)
	}
}

func TestTooManyUserFiles(t *testing.T) {
	files := map[string]string{}
	for i := range maxUserFiles + 1 {
		files[fmt.Sprintf("devices/%04d.json", i)] = with(t, goodDevice, "maker-card", fmt.Sprintf("maker-card-%d", i))
	}
	c := mustLoadUser(t, userDir(t, files))
	if len(c.Devices) != 561+maxUserFiles || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Reason, "more than 1000 files") {
		t.Errorf("%d devices, warnings %v", len(c.Devices), c.Warnings)
	}
}

func TestUserDir(t *testing.T) {
	if dir := UserDir(); filepath.Base(dir) != "runlocal" || !filepath.IsAbs(dir) {
		t.Errorf("user folder %q", dir)
	}
}

// Whatever a user's model file holds, it is used or warned of, and what is
// used can be reckoned with.
func FuzzUserModel(f *testing.F) {
	f.Add([]byte(goodModel))
	f.Add([]byte("[" + goodModel + "]"))
	for _, seed := range []string{`[{"id":"a"}]`, `{`, `[null]`, `{"blocks":[{"repeat":4096,"blocks":[{"repeat":4096}]}]}`} {
		f.Add([]byte(seed))
	}
	for mixer := range wanted {
		f.Add([]byte(strings.Replace(goodModel, `"attention"`, `"`+mixer+`"`, 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		raw, err := splitRecords(data)
		if err != nil {
			return
		}
		for i, r := range raw {
			m, err := decodeUser[Model](r)
			if err != nil {
				if s := (Warning{File: "f", Record: cleanString(recordName(r, i)), Reason: cleanString(err.Error())}).String(); strings.ContainsAny(s, "\x00\x1b\n\r") {
					t.Errorf("warning %q is no clean line", s)
				}
				continue
			}
			if n := m.Parameters(); n < 0 || n > maxParams {
				t.Errorf("%d parameters", n)
			}
			if n := m.Layers(); n < 1 || n > maxLayers {
				t.Errorf("%d layers", n)
			}
			if cleanString(m.Name) != m.Name {
				t.Errorf("name %q", m.Name)
			}
			(&Catalog{Models: []*Model{m}}).SearchModels(m.Name)
		}
	})
}
