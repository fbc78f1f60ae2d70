package request_test

import (
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

func TestApplyChangesOneSetting(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Model("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	start := sizing.Defaults("Q4_K_M", 8192)
	start.Parallel = 3
	got, err := request.Apply(start, "kv_type", "q8_0", m, c)
	if err != nil || got.KVTypeK != "q8_0" || got.KVTypeV != "q8_0" || got.Parallel != 3 || got.Quant != "Q4_K_M" {
		t.Errorf("kv_type q8_0 made %+v, %v", got, err)
	}
	if got, err = request.Apply(start, "ctx", "max", m, c); err != nil || got.Ctx != m.Context {
		t.Errorf("ctx max made %d, %v", got.Ctx, err)
	}
	for _, bad := range []struct{ key, value, says string }{
		{"quant", "Q99", "no such precision"},
		{"qant", "Q8_0", "unknown key"},
		{"model", "qwen3-8b", "is no setting"},
	} {
		same, err := request.Apply(start, bad.key, bad.value, m, c)
		if err == nil || !strings.Contains(err.Error(), bad.says) || same.Quant != start.Quant {
			t.Errorf("%s=%s: %v, want %q and nothing changed", bad.key, bad.value, err, bad.says)
		}
	}
}
