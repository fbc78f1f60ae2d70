package sizing

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"runlocal/catalog"
)

// The truth files are llama.cpp v0.5.0's own figures; testdata/README.md says
// how they were made.

var loadOnce = sync.OnceValues(catalog.Load)

// world is what most tests of the engine need.
func world(t testing.TB) (*catalog.Catalog, *Engine) {
	t.Helper()
	c, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return c, NewEngine(c)
}

func modelNamed(t testing.TB, c *catalog.Catalog, id string) *catalog.Model {
	t.Helper()
	for _, m := range c.Models {
		if m.ID == id {
			return m
		}
	}
	t.Fatalf("no model %q", id)
	return nil
}

// truthNames maps the display names of the truth files to catalog ids.
func truthNames(t testing.TB) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "catalog", "testdata", "truth_names.json"))
	if err != nil {
		t.Fatal(err)
	}
	var names map[string]string
	if err := json.Unmarshal(b, &names); err != nil {
		t.Fatal(err)
	}
	return names
}

// row is a line of a truth file by column name.
type row map[string]string

func (r row) num(t testing.TB, col string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(r[col], 10, 64)
	if err != nil {
		t.Fatalf("column %s: %v", col, err)
	}
	return n
}

// truthRows reads a gzipped table of testdata.
func truthRows(t testing.TB, name string) []row {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	var rows []row
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if head == nil {
			head = cells
			continue
		}
		r := make(row, len(head))
		for i, h := range head {
			if i < len(cells) {
				r[h] = cells[i]
			}
		}
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// measuredWithoutBiases names the models whose file was measured without the
// query, key and value biases that the published weights have: its shapes were
// written down from memory and hold 184,320 parameters less than the
// safetensors index counts. The engine is compared on what was measured; the
// catalog keeps what is published.
func measuredWithoutBiases() []string { return []string{"GLM-4-9B-0414"} }

// findMeasured finds the records of the truth files' models as they were
// measured, each always the same record.
func findMeasured(t testing.TB, c *catalog.Catalog) func(name string) *catalog.Model {
	t.Helper()
	ids, found := truthNames(t), map[string]*catalog.Model{}
	return func(name string) *catalog.Model {
		if found[name] == nil {
			found[name] = modelNamed(t, c, ids[name])
			if slices.Contains(measuredWithoutBiases(), name) {
				found[name] = withoutBiases(found[name])
			}
		}
		return found[name]
	}
}

func withoutBiases(m *catalog.Model) *catalog.Model {
	other := *m
	other.Blocks = slices.Clone(m.Blocks)
	for i := range other.Blocks {
		mixer := &other.Blocks[i].Mixer
		mixer.QBias, mixer.KVBias = false, false
	}
	return &other
}
