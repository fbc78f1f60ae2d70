package catalog

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"runlocal/assets"
)

func mustLoad(tb testing.TB) *Catalog {
	tb.Helper()
	c, err := Load()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Nothing was dropped on the way into the house.
func TestEveryRecordIsThere(t *testing.T) {
	c := mustLoad(t)
	p, err := c.Prices()
	if err != nil {
		t.Fatal(err)
	}
	files, err := jsonFiles(assets.FS, "models")
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []struct {
		name string
		got  int
		want int
	}{
		{"model files", len(files), 199},
		{"models", len(c.Models), 984},
		{"devices", len(c.Devices), 561},
		{"memory types", len(c.Hosts.Memory), 50},
		{"CPU platforms", len(c.Hosts.CPUPlatforms), 73},
		{"PCIe generations", len(c.Hosts.PCIe), 7},
		{"links", len(c.Hosts.Links), 33},
		{"storage", len(c.Hosts.Storage), 20},
		{"efficiency", len(c.Hosts.Efficiency), 6},
		{"cloud prices", len(p.Cloud), 397},
		{"API prices", len(p.API), 307},
		{"electricity prices", len(p.Electricity), 91},
		{"power measurements", len(p.Power), 46},
		{"price sources", len(p.Sources), 22},
	} {
		if set.got != set.want {
			t.Errorf("%s: %d, want %d", set.name, set.got, set.want)
		}
	}
}

func TestGradesAreKept(t *testing.T) {
	c := mustLoad(t)
	grades, confidence := map[string]int{}, map[string]int{}
	for _, m := range c.Models {
		grades[m.Grade]++
		if len(m.Sources) == 0 || m.PublishedParamsSource == "" || m.PublishedParams == 0 {
			t.Errorf("%s: a record of the catalog says where its figures were read", m.ID)
		}
	}
	for _, d := range c.Devices {
		confidence[d.Confidence]++
	}
	if want := map[string]int{"config": 66, "library-config": 215, "catalog": 329, "recalled": 374}; !maps.Equal(grades, want) {
		t.Errorf("grades of the models: %v, want %v", grades, want)
	}
	if want := map[string]int{"sourced": 344, "recalled": 217}; !maps.Equal(confidence, want) {
		t.Errorf("confidence of the devices: %v, want %v", confidence, want)
	}
}

// What the loader asks of user records holds for the embedded ones too.
func TestEmbeddedRecordsAreBoundedAndClean(t *testing.T) {
	c := mustLoad(t)
	for _, m := range c.Models {
		if err := m.bounded(); err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
		if cleanString(m.Name+m.Notes+m.Licence) != m.Name+m.Notes+m.Licence {
			t.Errorf("%s: control characters", m.ID)
		}
	}
	for _, d := range c.Devices {
		if err := d.bounded(); err != nil {
			t.Errorf("%s: %v", d.ID, err)
		}
	}
}

// References between records lead somewhere.
func TestReferences(t *testing.T) {
	c := mustLoad(t)
	p, err := c.Prices()
	if err != nil {
		t.Fatal(err)
	}
	devices := map[string]bool{}
	for _, d := range c.Devices {
		devices[d.ID] = true
	}
	for _, d := range c.Devices {
		if id := deref(d.SharesNameWith); id != "" && !devices[id] {
			t.Errorf("%s shares its name with unknown %s", d.ID, id)
		}
	}
	for _, o := range p.Cloud {
		if id := deref(o.DeviceID); id != "" && !devices[id] {
			t.Errorf("cloud price of %s %s: unknown device %s", o.Provider, o.Instance, id)
		}
		if _, ok := p.Sources[o.Source]; !ok {
			t.Errorf("cloud price of %s %s: unknown source %s", o.Provider, o.Instance, o.Source)
		}
	}
	for _, w := range p.Power {
		if id := deref(w.DeviceID); id != "" && !devices[id] {
			t.Errorf("power of %s: unknown device %s", w.System, id)
		}
	}
	for _, m := range c.Models {
		if m.GGUFArch != "" && c.Architectures[m.GGUFArch] == nil {
			t.Errorf("%s: architecture %q is not described", m.ID, m.GGUFArch)
		}
	}
}

func TestQuantsAreBestFirst(t *testing.T) {
	c := mustLoad(t)
	if first, last := c.Quants[0].ID, c.Quants[len(c.Quants)-1].ID; first != "F32" || last != "IQ1_S" {
		t.Errorf("from %s to %s, want F32 to IQ1_S", first, last)
	}
}

const goodModel = `{
	"id": "tiny-1m", "name": "Tiny 1M", "vocab": 1000, "hidden": 64, "tied_embeddings": true, "context": 2048,
	"blocks": [{"count": 2,
		"mixer": {"type": "attention", "heads": 4, "kv_heads": 2, "head_dim": 16},
		"ffn": {"type": "dense", "intermediate": 128, "gated": true}}],
	"published_params": 138000
}`

const goodDevice = `{"id": "maker-card", "name": "Maker Card", "memory_gb": 24, "memory_unit": "GiB", "bandwidth_gbs": 900}`

// with returns a record with one text replaced by another.
func with(tb testing.TB, record, old, new string) string {
	tb.Helper()
	if !strings.Contains(record, old) {
		tb.Fatalf("the record has no %q", old)
	}
	return strings.Replace(record, old, new, 1)
}

func TestRejectedModels(t *testing.T) {
	for _, tt := range []struct{ name, old, new, reason string }{
		{"unknown field", `"vocab"`, `"vocabulary": 1, "vocab"`, `unknown field "vocabulary"`},
		{"text for a number", `"hidden": 64`, `"hidden": "64"`, "hidden: a string does not belong there"},
		{"id with a space", "tiny-1m", "tiny 1m", "lower-case letters and digits"},
		{"no name", `"Tiny 1M"`, `""`, "no name"},
		{"no context", `"context": 2048`, `"context": 0`, "context"},
		{"count far from the published one", "138000", "150000", "the blocks add up to 138048 parameters"},
		{"count just outside 0.1 %", "138000", "138187", "more than the 0.10 %"},
		{"includes a vision part it does not have", `"published_params"`, `"published_includes": ["vision"], "published_params"`, `"vision"`},
		{"unknown mixer", `"attention"`, `"attenton"`, `unknown mixer type "attenton"`},
		{"unknown feed-forward", `"dense"`, `"sparse"`, `unknown feed-forward type "sparse"`},
		{"no KV heads", `"kv_heads": 2`, `"kv_heads": 0`, "mixer attention wants kv_heads"},
		{"recurrence without its taps", `"type": "attention", "heads": 4`, `"type": "rglru", "width": 64, "heads": 4`, "mixer rglru wants conv"},
		{"no layers", `"count": 2`, `"count": 0`, "a count or repeat of 0"},
		{"4,097 layers", `"count": 2`, `"count": 4097`, "a count or repeat of 4097"},
		{"more experts active than there are", `"type": "dense", "intermediate": 128`, `"type": "moe", "experts": 4, "active": 8, "expert_intermediate": 32`, "moe wants"},
		{"pattern with a count", `{"count": 2,`, `{"count": 2, "repeat": 2, "blocks": [],`, "a pattern has repeat and blocks"},
		{"parallel without mixers", `"type": "attention"`, `"type": "parallel"`, "only parallel holds mixers"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{"models/bad.json": {Data: []byte("[" + goodModel + "," + with(t, with(t, goodModel, "tiny-1m", "tiny-2m"), strings.Replace(tt.old, "tiny-1m", "tiny-2m", 1), tt.new) + "]")}}
			_, err := loadSet[Model](fsys, "models")
			wantRecordError(t, err, "models/bad.json", tt.reason)
		})
	}
}

func TestAcceptedCounts(t *testing.T) {
	for _, published := range []string{
		"138048", // exact
		"138186", // 0.1 % off
		"139000", // one off in the third digit
		"140000", // rounded to two digits
		"0",      // none published
	} {
		fsys := fstest.MapFS{"models/good.json": {Data: []byte("[" + with(t, goodModel, "138000", published) + "]")}}
		if _, err := loadSet[Model](fsys, "models"); err != nil {
			t.Errorf("published %s: %v", published, err)
		}
	}
}

func TestRejectedDevices(t *testing.T) {
	for _, tt := range []struct{ name, old, new, reason string }{
		{"no memory", `"memory_gb": 24`, `"memory_gb": 0`, "a device wants memory"},
		{"less than no memory", `"memory_gb": 24`, `"memory_gb": -24`, "a device wants memory"},
		{"no bandwidth", `"bandwidth_gbs": 900`, `"bandwidth_gbs": 0`, "a device wants memory bandwidth"},
		{"unknown unit", `"GiB"`, `"TB"`, "want GiB or GB"},
		{"unknown field", `"memory_gb"`, `"vram": 1, "memory_gb"`, `unknown field "vram"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{"devices/bad.json": {Data: []byte("[" + with(t, goodDevice, tt.old, tt.new) + "]")}}
			_, err := loadSet[Device](fsys, "devices")
			wantRecordError(t, err, "devices/bad.json", tt.reason)
		})
	}
}

func wantRecordError(t *testing.T, err error, file, reason string) {
	t.Helper()
	var bad *RecordError
	if !errors.As(err, &bad) {
		t.Fatalf("%v is no record error", err)
	}
	if bad.File != file || !strings.Contains(bad.Reason, reason) || bad.Record == "" || bad.Record == "tiny-1m" {
		t.Errorf("%q: want file %s, the bad record and %q", bad, file, reason)
	}
}

func TestRepeatedIDs(t *testing.T) {
	fsys := fstest.MapFS{
		"models/a.json": {Data: []byte("[" + goodModel + "]")},
		"models/b.json": {Data: []byte("[" + goodModel + "]")},
	}
	_, err := loadSet[Model](fsys, "models")
	if err == nil || err.Error() != "models/b.json: tiny-1m: the same id as in models/a.json" {
		t.Errorf("got %v", err)
	}
}

func TestBrokenFiles(t *testing.T) {
	for name, data := range map[string]string{
		"cut off":       "[" + goodModel,
		"two values":    "[" + goodModel + "] []",
		"no JSON":       "models: none",
		"empty":         "",
		"null record":   "[null]",
		"array in it":   "[[]]",
		"number record": "[7]",
	} {
		fsys := fstest.MapFS{"models/x.json": {Data: []byte(data)}}
		if _, err := loadSet[Model](fsys, "models"); err == nil || !strings.Contains(err.Error(), "models/x.json") {
			t.Errorf("%s: got %v, want an error that names the file", name, err)
		}
	}
}

func TestPricesAreParsedOnce(t *testing.T) {
	c := mustLoad(t)
	a, errA := c.Prices()
	b, errB := c.Prices()
	if errA != nil || errB != nil || a != b {
		t.Errorf("two parses: %p %v, %p %v", a, errA, b, errB)
	}
	if _, err := (&Catalog{}).Prices(); err == nil {
		t.Error("a catalog that was not loaded has no prices")
	}
}

func TestRunLengths(t *testing.T) {
	nested := func(depth int) []Block {
		blocks := []Block{{Count: 1, Mixer: Mixer{Type: MixerNone}, FFN: FFN{Type: FFNNone}}}
		for range depth {
			blocks = []Block{{Repeat: 2, Blocks: blocks}}
		}
		return blocks
	}
	written := 0
	if n, err := checkBlocks(nested(3), 0, &written); n != 8 || err != nil {
		t.Errorf("three patterns of two: %d layers, %v", n, err)
	}
	if _, err := checkBlocks(nested(maxNesting+1), 0, &written); err == nil {
		t.Error("patterns nested too deep were accepted")
	}
	long := slices.Repeat(nested(0), maxWritten+1)
	if _, err := checkBlocks(long, 0, new(int)); err == nil {
		t.Error("too many blocks were accepted")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}
