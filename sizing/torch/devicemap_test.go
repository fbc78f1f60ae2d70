package torch

import (
	"encoding/json"
	"fmt"
	"testing"

	"runlocal/catalog"
)

// shapeFor is a model of the catalog as this package sees it.
func shapeFor(t testing.TB, c *catalog.Catalog, name string) *shape {
	t.Helper()
	m, err := c.Model(name)
	if err != nil {
		t.Fatal(err)
	}
	return shapeOf(m, archOf(c.HFArchitectures, m))
}

// Every module lies where accelerate put it.
func TestDeviceMapIsAccelerates(t *testing.T) {
	c := load(t)
	q, _ := c.Scheme("BF16")
	for _, r := range rows(t, "../testdata/device_map.tsv.gz") {
		s := shapeFor(t, c, truthModels[r["model"]])
		root, tied := s.modules(q)
		got := map[string]string{}
		limits := []limit{{"0", number(t, r["max_memory_gpu"])}, {onCPU, number(t, r["max_memory_cpu"])}}
		for _, x := range tidy(inferMap(root, limits, 1, tied)) {
			got[x.module] = x.device
		}
		var raw map[string]any
		if err := json.Unmarshal([]byte(r["map_json"]), &raw); err != nil {
			t.Fatal(err)
		}
		same(t, r["model"]+" "+r["max_memory_gpu"], got, raw)
	}
}

func same(t *testing.T, what string, got map[string]string, want map[string]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d modules, want %d", what, len(got), len(want))
	}
	for module, device := range want {
		if w := fmt.Sprint(device); got[module] != w {
			t.Errorf("%s: %q on %q, want %q", what, module, got[module], w)
		}
	}
}
