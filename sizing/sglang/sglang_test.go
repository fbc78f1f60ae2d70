package sglang

import (
	"math"
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/sizing"
)

func load(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rig(t testing.TB, c *catalog.Catalog, n int, name string) *sizing.Rig {
	t.Helper()
	d, err := c.Device(name)
	if err != nil {
		t.Fatal(err)
	}
	r := &sizing.Rig{Host: sizing.Host{Capacity: 1 << 38}}
	for range n {
		r.GPUs = append(r.GPUs, sizing.GPUOf(d))
	}
	return r
}

// Start logs of SGLang: the tokens of its cache.
func TestCacheTokensAreTheLogs(t *testing.T) {
	c := load(t)
	r := New(c)
	for _, x := range []struct {
		source, model, quant, gpu string
		gpus                      int
		share                     float64
		tokens                    int64
	}{
		{"vllm-project/vllm#21348 (July 2025)", "qwen3-235b-a22b", "fp8", "H100 SXM5 80GB", 4, 0.93, 367404},
		{"public file, Llama-3.1-8B on an H100 (January 2025, the share was 0.88 then)", "llama-3.1-8b", "BF16", "H100 SXM5 80GB", 1, 0.88, 444500},
	} {
		m, err := c.Model(x.model)
		if err != nil {
			t.Fatal(err)
		}
		s := r.About().Defaults
		s.Quant, s.Ctx, s.Serve.Utilization = x.quant, 40960, x.share
		b, err := r.Size(m, s, rig(t, c, x.gpus, x.gpu))
		if err != nil {
			t.Fatal(err)
		}
		e := 100 * (float64(b.Serving.KVTokens)/float64(x.tokens) - 1)
		t.Logf("%s: %d tokens (%d) %+.2f %%", x.model, b.Serving.KVTokens, x.tokens, e)
		if math.Abs(e) > 3 {
			t.Errorf("%s: %d tokens, the log says %d", x.source, b.Serving.KVTokens, x.tokens)
		}
	}
}

// What the server leaves free by itself, as its source has it: of an H100 of
// 81,559 MiB 13,440 (512 + 1.5 × 8,192 + 2 × 256 + 128), of an RTX 4090 of
// 24,564 it is 3,760, of a T4 of 15,360 3,728.
func TestShareByTheCard(t *testing.T) {
	c := load(t)
	r := New(c)
	m, err := c.Model("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		gpu   string
		share float64
		chunk int
	}{{"H100 SXM5 80GB", 0.835, 8192}, {"RTX 4090", 0.847, 2048}, {"T4", 0.757, 2048}} {
		s := r.About().Defaults
		s.Ctx = 4096
		b, err := r.Size(m, s, rig(t, c, 1, x.gpu))
		if err != nil {
			t.Fatal(err)
		}
		if v := b.Serving; math.Abs(v.Utilization-x.share) > 0.002 || v.Tokens != x.chunk {
			t.Errorf("%s: share %g, chunk %d, want %g and %d", x.gpu, v.Utilization, v.Tokens, x.share, x.chunk)
		}
	}
}

func TestStepsSumToTheTotals(t *testing.T) {
	c := load(t)
	r := New(c)
	for _, m := range c.Models {
		ids := r.Precisions(m)
		if len(ids) == 0 {
			continue
		}
		s := r.About().Defaults
		s.Ctx, s.Quant = 8192, ids[len(m.ID)%len(ids)]
		machine := rig(t, c, len(m.ID)%5, "H100 SXM5 80GB")
		b, err := r.Size(m, s, machine)
		if err != nil {
			t.Fatalf("%s: %v", m.ID, err)
		}
		steps, err := r.Explain(m, s, machine)
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, st := range steps {
			sum += st.Bytes
		}
		if sum != b.Totals.Total {
			t.Errorf("%s: steps sum to %d, total %d", m.ID, sum, b.Totals.Total)
		}
	}
}

func TestBadRequestsAreRefusedByName(t *testing.T) {
	c := load(t)
	r := New(c)
	m, err := c.Model("llama-3.1-8b")
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*sizing.Settings){
		"context":         func(s *sizing.Settings) { s.Ctx = -1 },
		"mem-fraction":    func(s *sizing.Settings) { s.Serve.Utilization = math.NaN() },
		"do not divide":   func(s *sizing.Settings) { s.Serve.Tensor = 7 },
		"does not load":   func(s *sizing.Settings) { s.Quant = "Q4_K_M" },
		"auto or fp8":     func(s *sizing.Settings) { s.KVTypeK = "q8_0" },
		"are too many":    func(s *sizing.Settings) { s.Serve.Pipeline = 100 },
		"max-num-seqs":    func(s *sizing.Settings) { s.Serve.Seqs = 1 << 30 },
		"no era \"next\"": func(s *sizing.Settings) { s.Build = "next" },
	} {
		s := r.About().Defaults
		s.Ctx = 4096
		change(&s)
		_, err := r.Size(m, s, rig(t, c, 1, "RTX 4090"))
		if want == "context" {
			want = "ctx -1"
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
