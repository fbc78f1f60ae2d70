package vllm

import (
	"bufio"
	"math"
	"os"
	"slices"
	"strconv"
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

// rows reads a table of tab-separated rows with a head line.
func rows(t testing.TB, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var head []string
	var list []map[string]string
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		cells := strings.Split(scan.Text(), "\t")
		if head == nil {
			head = cells
			continue
		}
		row := map[string]string{}
		for i, c := range cells {
			row[head[i]] = c
		}
		list = append(list, row)
	}
	return list
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	if s == "" {
		return 0
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// logged is a start as a log describes it.
func logged(t testing.TB, c *catalog.Catalog, r *Runtime, row map[string]string) *job {
	t.Helper()
	m, err := c.Model(row["model"])
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Device(row["gpu"])
	if err != nil {
		t.Fatal(err)
	}
	g := sizing.GPUOf(d)
	if n := number(t, row["capacity_gib"]); n > 0 {
		g.Capacity = int64(n * (1 << 30))
	}
	rig := &sizing.Rig{Name: d.Name, Host: sizing.Host{Capacity: 128 << 30}}
	for range max(1, int(number(t, row["gpus"]))) {
		rig.GPUs = append(rig.GPUs, g)
	}
	s := r.About().Defaults
	s.Quant, s.Build, s.Ctx = row["quant"], row["era"], int(number(t, row["length"]))
	s.Serve.Utilization, s.Serve.Tensor = number(t, row["utilization"]), int(number(t, row["tensor"]))
	s.Serve.Tokens, s.Serve.Seqs = int(number(t, row["tokens"])), int(number(t, row["seqs"]))
	s.Serve.NoPrefixCache, s.Attention = row["prefix_cache"] == "off", row["attention"]
	s.Vision.On = row["vision"] != "off"
	if row["kv_type"] != "" {
		s.KVTypeK = row["kv_type"]
	}
	if n := int(number(t, row["lora"])); n > 0 {
		s.LoRA = []sizing.LoRA{{Rank: n}}
	}
	j, err := r.job(m, s, rig)
	if err != nil {
		t.Fatalf("%s: %v", row["source"], err)
	}
	return j
}

// tokens are the cache's, or the longest request's where the server refused.
func (j *job) printedTokens() int64 {
	if j.refusal() != "" {
		return j.plan.longest
	}
	return j.plan.tokens
}

// Start logs of vLLM: cache tokens within 3 % where a log states every
// setting.
func TestCacheTokensAreTheLogs(t *testing.T) {
	c := load(t)
	r := New(c)
	var stated, others []float64
	for _, row := range rows(t, "testdata/start_logs.tsv") {
		j := logged(t, c, r, row)
		st := &j.stages[0]
		gib := func(n int64) float64 { return float64(n) / (1 << 30) }
		e := 0.0
		if want := number(t, row["kv_tokens"]); want > 0 {
			e = 100 * (float64(j.printedTokens())/want - 1)
			if row["stated"] == "yes" {
				stated = append(stated, math.Abs(e))
			} else {
				others = append(others, math.Abs(e))
			}
		}
		t.Logf("%-22s %-10s %-16s tokens %9d (%9s) %+6.2f %%  weights %.3f (%s) peak %.3f (%s) non-torch %.2f (%s) graphs %.2f (%s) left %.2f (%s)",
			row["model"], row["quant"], row["gpu"], j.printedTokens(), row["kv_tokens"], e,
			gib(st.loaded()), row["weights_gib"], gib(st.peak), row["activation_gib"], gib(st.nonTorch), row["non_torch_gib"], gib(st.graphs), row["graphs_gib"], gib(st.available), row["available_gib"])
		if want := number(t, row["weights_gib"]); want > 0 && math.Abs(gib(st.loaded())/want-1) > 0.02 && row["stated"] == "yes" {
			t.Errorf("%s: %.4f GiB of weights, the log says %.4f", row["source"], gib(st.loaded()), want)
		}
		if row["stated"] == "yes" && math.Abs(e) > 3 {
			t.Errorf("%s: %d tokens, the log says %s: %+.2f %%", row["source"], j.printedTokens(), row["kv_tokens"], e)
		}
	}
	slices.Sort(stated)
	slices.Sort(others)
	t.Logf("stated: n %d, median %.2f %%, most %.2f %%; others: n %d, median %.2f %%, most %.2f %%", len(stated), stated[len(stated)/2], stated[len(stated)-1], len(others), others[len(others)/2], others[len(others)-1])
}

// The bytes of a logit at the sampler's peak are those measured on an H100 with
// PyTorch 2.11 (testdata/sampler.py). Logs of older releases show 0.6 more
// where all rows are sorted at once.
func TestBytesOfALogit(t *testing.T) {
	c := load(t)
	for _, row := range rows(t, "testdata/sampler.tsv") {
		n := number(t, row["rows"])
		old, now := c.VLLM.Era("0.11"), c.VLLM.Era("0.16")
		sorted := old.LogitBytes
		if n > 1 && n < sortsAtOnce {
			sorted = old.LogitFew
		}
		if d := math.Abs(sorted/number(t, row["native"]) - 1); d > 0.02 {
			t.Errorf("%s rows of %s: %g bytes a logit with the sort, measured %s", row["rows"], row["vocabulary"], sorted, row["native"])
		}
		if d := math.Abs(now.LogitBytes/number(t, row["kernel"]) - 1); d > 0.03 {
			t.Errorf("%s rows of %s: %g bytes a logit, measured %s", row["rows"], row["vocabulary"], now.LogitBytes, row["kernel"])
		}
	}
}
