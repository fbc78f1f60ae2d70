package sizing

import "testing"

// A public log (ggml-org/llama.cpp#27680) of DeepSeek-V4-Flash at 64,000
// tokens and micro-batches of 4,096: the windows of its 43 layers take
// 182.75 MiB. The compressed rows follow llama.cpp's own sizes of them.
func TestCompressedSparseAttention(t *testing.T) {
	c, e := world(t)
	m := modelNamed(t, c, "deepseek-v4-flash")
	s := Defaults("Q4_K_M", 64000)
	s.UBatch, s.Batch = 4096, 4096
	const (
		f16, f32 = 2, 4
		layers   = 43
		csa, hca = 21, 20
		windows  = layers * 4352 * 512 * f16 // 182.75 MiB
		// ⌈64,000/4⌉ = 16,000 rows and ⌈64,000/128⌉ = 500, up to the next 256.
		csaRows = csa * 16128 * (512 + 128) * f16
		hcaRows = hca * 512 * 512 * f16
		csaOpen = csa * 2 * (2 * 4) * (2*512 + 2*128) * f32
		hcaOpen = hca * 2 * 128 * 512 * f32
	)
	if windows != 182.75*(1<<20) {
		t.Fatalf("the log's windows are %d bytes", windows)
	}
	for _, seqs := range []int{1, 4} {
		s.Parallel, s.KVUnified = seqs, seqs > 1
		b, err := e.Estimate(m, s, benchRig(t, c, "nvidia-h200-nvl", "nvidia-h200-nvl"))
		if err != nil {
			t.Fatal(err)
		}
		want := int64(seqs) * (windows + csaRows + hcaRows + csaOpen + hcaOpen)
		if got := b.Totals.KVCache; got != want {
			t.Errorf("%d sequences: the cache takes %d bytes, want %d", seqs, got, want)
		}
	}
}
