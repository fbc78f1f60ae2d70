package vllm

import (
	"math"
	"strings"
	"testing"

	"runlocal/sizing"
)

// From the memory that a log names, the tokens and requests that it prints
// follow: exactly, but for the memory being rounded to a hundredth of a GiB.
func TestBlocksAreTheLogs(t *testing.T) {
	c := load(t)
	r := New(c)
	for _, x := range []struct {
		say, model, quant, era, kv string
		length, tokens, tp         int
		noPrefix                   bool
		available                  float64 // GiB
		printed                    int64
		times                      float64
	}{
		{"one sort of layer", "llama-3.1-8b", "BF16", "0.28", "", 131072, 0, 1, false, 56.21, 460496, 3.51},
		{"older print", "qwen3-0.6b", "BF16", "0.11", "", 16000, 0, 1, false, 37.42, 350304, 21.89},
		{"tied, on a B200", "qwen3-4b", "BF16", "0.16", "", 4096, 0, 1, false, 80.21, 584096, 142.60},
		{"gated delta net, blocks of 1,056", "qwen3.6-35b-a3b", "BF16", "0.20", "", 131072, 0, 1, true, 47.55, 623040, 18.44},
		{"Mamba-2 with an 8-bit cache, seven groups", "nemotron-3-nano-4b", "BF16", "0.20", "fp8", 49152, 0, 1, true, 103.39, 1934432, 216.94},
		{"two states a sequence", "qwen3.8-27b", "BF16", "0.25", "", 262144, 0, 1, false, 19.54, 313650, 1.20},
		{"the same over two cards", "qwen3.8-27b", "BF16", "0.25", "", 262144, 0, 2, false, 12.93, 415125, 1.58},
		{"16-bit states with 8-bit weights", "nemotron-3-nano-4b", "fp8", "0.11", "fp8", 8192, 0, 1, true, 11.15, 208320, 98.20},
		{"an 8-bit cache with two states", "qwen3.6-35b-a3b", "BF16", "0.22", "fp8", 131072, 8192, 1, false, 5.98, 567978, 4.33},
		{"by requests", "qwen2.5-7b", "BF16", "0.22", "", 8192, 0, 1, false, 11.92, 223152, 27.24},
		{"the first engine", "llama-3.2-3b", "F16", "v0", "", 2048, 0, 1, false, 6.22, 58192, 28.41},
	} {
		m, err := c.Model(x.model)
		if err != nil {
			t.Fatal(err)
		}
		s := r.About().Defaults
		s.Quant, s.Ctx, s.Build = x.quant, x.length, x.era
		s.Serve = sizing.Serve{Tensor: x.tp, Tokens: x.tokens, NoPrefixCache: x.noPrefix}
		if x.kv != "" {
			s.KVTypeK = x.kv
		}
		j, err := r.job(m, s, big(x.tp))
		if err != nil {
			t.Fatal(err)
		}
		low, high := j.with(x.available-0.006), j.with(x.available+0.006)
		if x.printed < low.tokens || x.printed > high.tokens {
			t.Errorf("%s: %d to %d tokens, the log says %d", x.say, low.tokens, high.tokens, x.printed)
		}
		if x.times < low.times-0.01 || x.times > high.times+0.01 {
			t.Errorf("%s: %.2f to %.2f requests, the log says %.2f", x.say, low.times, high.times, x.times)
		}
	}
}

// with plans the cache as if so many GiB were left for it.
func (j *job) with(gib float64) pool {
	for i := range j.stages {
		j.stages[i].available = int64(gib * (1 << 30))
	}
	return j.planBlocks()
}

// big is a machine on which nothing is short.
func big(n int) *sizing.Rig {
	rig := &sizing.Rig{Host: sizing.Host{Capacity: 1 << 40}}
	for range n {
		rig.GPUs = append(rig.GPUs, sizing.GPU{Name: "large", Backend: "cuda", ComputeCapability: 9, Capacity: 1 << 39})
	}
	return rig
}

// vllm-project/vllm#27508: 4.54 GiB for one request of 131,072 tokens, half of
// the layers with a window of 128, steps of 1,024 tokens.
func TestRefusalNamesTheLongestRequest(t *testing.T) {
	c := load(t)
	r := New(c)
	m, err := c.Model("gpt-oss-120b")
	if err != nil {
		t.Fatal(err)
	}
	s := r.About().Defaults
	s.Quant, s.Ctx, s.Build, s.Serve = "mxfp4", 131072, "0.11", sizing.Serve{Tokens: 1024, Seqs: 128}
	j, err := r.job(m, s, big(1))
	if err != nil {
		t.Fatal(err)
	}
	j.plan = j.with(1.71)
	want := "To serve at least one request with the models's max seq len (131072), (4.54 GiB KV cache is needed, which is larger than the available KV cache memory (1.71 GiB). Based on the available memory, the estimated maximum model length is "
	if got := j.refusal(); !strings.HasPrefix(got, want) {
		t.Errorf("refusal\n%s\nwant\n%s…", got, want)
	}
	// What it names as the longest does fit, and one token more does not.
	j.length = j.plan.longest
	if p := j.with(1.71); p.needed > p.have || p.times < 1 {
		t.Errorf("%d tokens do not fit: %d of %d bytes", j.length, p.needed, p.have)
	}
	j.length++
	if p := j.with(1.71); p.needed <= p.have {
		t.Errorf("%d tokens fit as well", j.length)
	}
}

// Laws: more of the card, a shorter context, an 8-bit cache and more GPUs never
// make the cache smaller; larger steps and more sequences never make it larger.
func TestMoreNeverHoldsLess(t *testing.T) {
	c := load(t)
	r := New(c)
	for _, name := range []string{"llama-3.1-8b", "qwen3-30b-a3b", "gemma-3-12b", "deepseek-v2-lite", "qwen3.6-27b", "nemotron-3-nano-4b", "gpt-oss-20b"} {
		m, err := c.Model(name)
		if err != nil {
			t.Fatal(err)
		}
		tokens := func(change func(*sizing.Settings), gpus int) int64 {
			s := r.About().Defaults
			s.Ctx = 4096
			if change != nil {
				change(&s)
			}
			rig := big(gpus)
			for i := range rig.GPUs {
				rig.GPUs[i].Capacity = 94 << 30
			}
			b, err := r.Size(m, s, rig)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return b.Serving.KVTokens
		}
		base := tokens(nil, 1)
		for say, x := range map[string]struct{ less, more int64 }{
			"utilisation":  {tokens(func(s *sizing.Settings) { s.Serve.Utilization = 0.8 }, 1), base},
			"8-bit cache":  {base, tokens(func(s *sizing.Settings) { s.KVTypeK = "fp8" }, 1)},
			"two GPUs":     {base, tokens(nil, 2)},
			"larger steps": {tokens(func(s *sizing.Settings) { s.Serve.Tokens = 65536 }, 1), base},
			"sequences":    {tokens(func(s *sizing.Settings) { s.Serve.Seqs = 4096 }, 1), tokens(func(s *sizing.Settings) { s.Serve.Seqs = 8 }, 1)},
			"no graphs":    {base, tokens(func(s *sizing.Settings) { s.Serve.Eager = true }, 1) + base/20},
		} {
			if x.more < x.less || x.more == 0 {
				t.Errorf("%s, %s: %d tokens, with more %d", name, say, x.less, x.more)
			}
		}
	}
}

// The steps of every device sum to what the budget says, and the totals to
// the devices.
func TestStepsSumToTheTotals(t *testing.T) {
	c := load(t)
	r := New(c)
	for _, m := range c.Models {
		ids := r.Precisions(m)
		if len(ids) == 0 {
			continue
		}
		for _, gpus := range []int{0, 1, 2, 8} {
			s := r.About().Defaults
			s.Ctx = 8192
			s.Quant = ids[len(m.ID)%len(ids)]
			rig := big(gpus)
			for i := range rig.GPUs {
				rig.GPUs[i].Capacity = 80 << 30
			}
			b, err := r.Size(m, s, rig)
			if err != nil {
				t.Fatalf("%s on %d: %v", m.ID, gpus, err)
			}
			steps, err := r.Explain(m, s, rig)
			if err != nil {
				t.Fatal(err)
			}
			sum, devices := int64(0), int64(0)
			for _, st := range steps {
				if st.Bytes < 0 {
					t.Errorf("%s: %s has %d bytes", m.ID, st.Term, st.Bytes)
				}
				sum += st.Bytes
			}
			for _, d := range b.Devices {
				devices += d.Total
			}
			if sum != b.Totals.Total || devices != sum {
				t.Errorf("%s on %d GPUs: steps sum to %d, devices to %d, total %d", m.ID, gpus, sum, devices, b.Totals.Total)
			}
		}
	}
}

// Divided over GPUs a model takes at least its share on each, and together at
// least as much as on one.
func TestDividingLosesNoWeights(t *testing.T) {
	c := load(t)
	r := New(c)
	for _, name := range []string{"llama-3.1-70b", "qwen3-235b-a22b", "deepseek-v3", "gpt-oss-120b", "mixtral-8x7b"} {
		m, err := c.Model(name)
		if err != nil {
			t.Fatal(err)
		}
		weights := func(v sizing.Serve) (each, all int64) {
			s := r.About().Defaults
			s.Ctx, s.Serve = 4096, v
			n := max(1, v.Tensor) * max(1, v.Pipeline) * max(1, v.Data)
			j, err := r.job(m, s, big(n))
			if err != nil {
				t.Fatalf("%s %+v: %v", name, v, err)
			}
			for d := range n {
				w := j.stages[j.stageOf(d)].weights.Total()
				each, all = max(each, w), all+w
			}
			return each, all
		}
		_, one := weights(sizing.Serve{Tensor: 1})
		for _, v := range []sizing.Serve{{Tensor: 4}, {Tensor: 1, Pipeline: 4}, {Tensor: 2, Pipeline: 2}, {Tensor: 8, Experts: true}} {
			each, all := weights(v)
			if all < one || float64(all) > 1.15*float64(one) {
				t.Errorf("%s %+v: %d bytes in all, on one GPU %d", name, v, all, one)
			}
			if each >= one {
				t.Errorf("%s %+v: one GPU has %d of %d", name, v, each, one)
			}
		}
	}
}

// Whatever is asked for is answered or refused in words, and never overflows.
func FuzzSettings(f *testing.F) {
	c := load(f)
	r := New(c)
	f.Add(0, 8192, 1, 1, 1, 0.9, 256, 2048, int64(24<<30), uint8(1))
	f.Add(7, math.MaxInt, math.MaxInt, -1, 3, math.NaN(), -5, 1<<30, int64(math.MaxInt64), uint8(3))
	f.Add(100, -1, 0, 5, 1024, 2.0, 0, 0, int64(-1), uint8(0))
	f.Fuzz(func(t *testing.T, which, ctx, parallel, tp, pp int, util float64, seqs, tokens int, capacity int64, gpus uint8) {
		m := c.Models[int(uint(which)%uint(len(c.Models)))]
		s := r.About().Defaults
		s.Ctx, s.Parallel = ctx, parallel
		s.Serve = sizing.Serve{Tensor: tp, Pipeline: pp, Utilization: util, Seqs: seqs, Tokens: tokens}
		rig := big(int(gpus % 9))
		for i := range rig.GPUs {
			rig.GPUs[i].Capacity = max(0, capacity) >> 8
		}
		b, err := r.Size(m, s, rig)
		if err != nil {
			return
		}
		for _, d := range b.Devices {
			if d.Total < 0 || d.Weights < 0 || d.KVCache < 0 || d.Compute < 0 {
				t.Errorf("%s: %+v", m.ID, d)
			}
		}
		if v := b.Serving; v.KVTokens < 0 || v.Concurrency < 0 || math.IsNaN(v.Concurrency) {
			t.Errorf("%s: %+v", m.ID, v)
		}
	})
}

func BenchmarkSize(b *testing.B) {
	c := load(b)
	r := New(c)
	m, _ := c.Model("qwen3.6-35b-a3b")
	s := r.About().Defaults
	s.Ctx = 32768
	rig := big(2)
	for b.Loop() {
		if _, err := r.Size(m, s, rig); err != nil {
			b.Fatal(err)
		}
	}
}
