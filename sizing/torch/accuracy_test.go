package torch

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/sizing"
)

// rows reads a gzipped table of tab-separated rows with a head line.
func rows(t testing.TB, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	var list []map[string]string
	scan := bufio.NewScanner(z)
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
	if scan.Err() != nil {
		t.Fatal(scan.Err())
	}
	return list
}

func number(t testing.TB, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func load(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// h100 is the card of the measurements.
func h100() *sizing.Rig {
	return &sizing.Rig{
		Name: "H100",
		GPUs: []sizing.GPU{{Name: "H100", Capacity: 85017493504, Backend: "cuda", ComputeCapability: 9.0, BandwidthGBs: 3350, FP16TFLOPS: 989, PCIeGBs: 55}},
		Host: sizing.Host{Capacity: 126 << 30, BandwidthGBs: 300, Cores: 16},
	}
}

// spread is a set of relative errors, percent.
type spread []float64

func (s *spread) add(got, want int64) { *s = append(*s, 100*(float64(got)/float64(want)-1)) }

// at is the absolute error that a share of the set stays below.
func (s spread) at(share float64) float64 {
	list := make([]float64, len(s))
	for i, v := range s {
		list[i] = math.Abs(v)
	}
	slices.Sort(list)
	return list[min(len(list)-1, int(share*float64(len(list))))]
}

func (s spread) String() string {
	return fmt.Sprintf("n %3d  median %.2f %%  95th %.2f %%  most %.2f %%", len(s), s.at(0.5), s.at(0.95), s.at(1))
}

// truthModels maps the names in the tables to the catalog's.
var truthModels = map[string]string{
	"llama-3.2-1b": "llama-3.2-1b", "llama-3.1-8b": "llama-3.1-8b", "qwen3-4b": "qwen3-4b", "qwen3-14b": "qwen3-14b",
	"gemma-3-4b": "gemma-3-4b", "mistral-7b": "mistral-7b-v0.3", "llama-3.2-3b": "llama-3.2-3b",
	"qwen3-30b-a3b": "qwen3-30b-a3b", "gemma-3-12b": "gemma-3-12b",
}

func TestAccuracyTmp(t *testing.T) {
	c := load(t)
	var alloc, reserved spread
	for _, r := range rows(t, "../testdata/torch_memory.tsv.gz") {
		if r["status"] != "ok" || r["ctx"] == "0" || r["batch"] == "" || r["case"] == "warmup" {
			continue
		}
		m, err := c.Model(truthModels[r["model"]])
		if err != nil {
			t.Fatal(err)
		}
		q := map[string]string{"bfloat16": "BF16", "float32": "F32"}[r["dtype"]]
		scheme, _ := c.Scheme(q)
		a := c.HFArchitectures[m.HFArch]
		if a == nil {
			a = &catalog.HFArchitecture{}
		}
		s := shapeOf(m, a)
		p := &pass{s: s, batch: number(t, r["batch"]), seq: number(t, r["ctx"]), width: scheme.DtypeBytes(), attention: "sdpa", cache: "dynamic"}
		all := make([]int, len(s.layers))
		for i := range all {
			all[i] = i
		}
		p.load(s, scheme, all, true, true)
		p.make(useWorkspace, workspaceHopper)
		p.rows = p.batch
		if r["logits_kept"] == "full" {
			p.rows *= p.seq
		}
		if r["case"] == "forward_nocache" {
			p.cache = cacheNone
		}
		p.run()
		alloc.add(p.peakAllocated, number(t, r["peak_alloc"]))
		reserved.add(p.peakReserved, number(t, r["peak_reserved"]))
		t.Logf("%-14s %-9s %-16s b%s %6s %-5s alloc %+.3f%% reserved %+.2f%%  %s W %+d", r["model"], r["dtype"], r["case"], r["batch"], r["ctx"], r["logits_kept"],
			alloc[len(alloc)-1], reserved[len(reserved)-1], p.peakAt, s.weights(scheme)-number(t, r["weights_bytes"]))
	}
	t.Log("alloc   ", alloc)
	t.Log("reserved", reserved)
}
