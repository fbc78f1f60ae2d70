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

// h100 is the machine of the measurements.
func h100(t testing.TB, c *catalog.Catalog) *sizing.Rig {
	t.Helper()
	d, err := c.Device("H100 SXM5 80GB")
	if err != nil {
		t.Fatal(err)
	}
	g := sizing.GPUOf(d)
	g.Capacity = 85017493504
	return &sizing.Rig{Name: "H100", GPUs: []sizing.GPU{g}, Host: sizing.Host{Capacity: 126 << 30, BandwidthGBs: 300, Cores: 16}}
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

func TestAccuracyOfInference(t *testing.T) {
	c := load(t)
	r := New(c)
	var alloc, process spread
	groups := map[string]*spread{}
	for _, row := range rows(t, "../testdata/torch_memory.tsv.gz") {
		if row["status"] != "ok" || row["ctx"] == "0" || row["batch"] == "" || row["case"] == "warmup" {
			continue
		}
		m, err := c.Model(truthModels[row["model"]])
		if err != nil {
			t.Fatal(err)
		}
		s := r.About().Defaults
		s.GPULayers = sizing.LayersAll
		s.Quant = map[string]string{"bfloat16": "BF16", "float32": "F32"}[row["dtype"]]
		s.Parallel = int(number(t, row["batch"]))
		s.Ctx = s.Parallel * int(number(t, row["ctx"]))
		if row["logits_kept"] == "full" {
			s.OutputsMax = 0
		}
		if row["case"] == "forward_nocache" {
			s.CacheKind = cacheNone
		}
		b, err := r.Size(m, s, h100(t, c))
		if err != nil {
			t.Fatal(err)
		}
		alloc.add(b.Allocator.Allocated, number(t, row["peak_alloc"]))
		process.add(b.Allocator.Process, number(t, row["nvml_peak"]))
		g := groups[row["model"]+" "+row["dtype"]]
		if g == nil {
			g = &spread{}
			groups[row["model"]+" "+row["dtype"]] = g
		}
		*g = append(*g, alloc[len(alloc)-1])
	}
	for name, g := range groups {
		t.Logf("%-24s allocated %v", name, *g)
	}
	t.Logf("%-24s allocated %v", "all", alloc)
	t.Logf("%-24s process   %v", "all", process)
	if alloc.at(0.5) > 0.05 || alloc.at(0.95) > 0.5 || process.at(0.95) > 4 {
		t.Errorf("allocated %v, process %v", alloc, process)
	}
}
