package sizing

import "testing"

// A weight takes 32 bits in F32, whatever else the file holds: a layer that is
// not loaded counts on both sides, and so does nothing twice.
func TestBitsOfAWeight(t *testing.T) {
	c, e := world(t)
	for _, m := range loadable(c) {
		f, err := e.FileOf(m, "F32")
		if err != nil {
			t.Fatal(err)
		}
		if f.Bits > 32.05 {
			t.Errorf("%s: %.2f bits a weight in F32", m.ID, f.Bits)
		}
	}
}

// The cache grows by the same at every token once the windows are full.
func TestCachePerTokenIsTheSlope(t *testing.T) {
	c, e := world(t)
	rig := benchRig(t, c, "nvidia-h100-sxm5-80gb")
	for _, id := range []string{"llama-3.1-8b", "gemma-3-12b", "deepseek-v2-lite", "qwen3-next-80b-a3b", "gpt-oss-20b"} {
		m := modelNamed(t, c, id)
		kv := func(ctx int) int64 {
			b, err := e.Estimate(m, Defaults("Q4_K_M", ctx), rig)
			if err != nil {
				t.Fatal(err)
			}
			return b.Totals.KVCache
		}
		got, err := e.CachePerToken(m, Defaults("Q4_K_M", 4096))
		if err != nil {
			t.Fatal(err)
		}
		if want := (kv(65536) - kv(32768)) / 32768; got != want {
			t.Errorf("%s: %d bytes a token, the cache grows by %d", id, got, want)
		}
	}
}
