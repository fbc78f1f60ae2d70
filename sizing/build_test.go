package sizing

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// publicBuild is a line of testdata/public_builds.tsv: what a llama.cpp of a
// known age said in public, MiB.
type publicBuild map[string]string

func publicBuilds(t *testing.T) []publicBuild {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "public_builds.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '\t'
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []publicBuild
	for _, cells := range lines[1:] {
		row := publicBuild{}
		for i, name := range lines[0] {
			row[name] = cells[i]
		}
		out = append(out, row)
	}
	return out
}

func (r publicBuild) num(t *testing.T, col string) float64 {
	t.Helper()
	if r[col] == "" {
		return 0
	}
	n, err := strconv.ParseFloat(r[col], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOlderBuilds compares eras with public logs of their time.
func TestOlderBuilds(t *testing.T) {
	c, e := world(t)
	for _, r := range publicBuilds(t) {
		m := modelNamed(t, c, r["model"])
		s := Defaults(r["quant"], int(r.num(t, "n_ctx")))
		s.Build, s.KVTypeK, s.KVTypeV = r["build"], r["kv_type"], r["kv_type"]
		s.UBatch, s.Parallel, s.GPULayers = int(r.num(t, "n_ubatch")), int(r.num(t, "n_seq")), LayersAll
		s.FlashAttn = map[string]FlashAttn{"0": FlashOff, "1": FlashOn}[r["flash_attn"]]
		s.KVUnified = s.Parallel == 1
		rig := &Rig{GPUs: []GPU{BareGPU(200<<30, 0)}, Host: Host{Capacity: 1 << 40}}
		b := estimate(t, e, m, s, rig)
		mib := func(n int64) float64 { return float64(n) / (1 << 20) }
		output := mib(4 * e.compile(m).vocab * int64(s.Parallel))
		kv, compute, host := mib(b.Devices[0].KVCache), mib(b.Devices[0].Compute), mib(b.Devices[1].Compute)-output
		t.Logf("%s %s at %s, %s: KV %.2f (%s), compute %.2f (%s), host %.2f (%s)", r["build"], r["model"], r["n_ctx"], r["backend"], kv, r["kv"], compute, r["compute"], host, r["host"])
		if math.Abs(kv-r.num(t, "kv")) > 0.01*kv {
			t.Errorf("%s: KV cache %.2f MiB, the log says %s", r["source"], kv, r["kv"])
		}
		if math.Abs(host-r.num(t, "host")) > 0.01*host+0.1 {
			t.Errorf("%s: host compute %.2f MiB, the log says %s", r["source"], host, r["host"])
		}
		if r["backend"] == "cuda" && math.Abs(compute-r.num(t, "compute")) > 0.02*compute {
			t.Errorf("%s: compute %.2f MiB, the log says %s", r["source"], compute, r["compute"])
		}
	}
}

func TestUnknownBuild(t *testing.T) {
	c, e := world(t)
	s := Defaults("Q4_K_M", 4096)
	s.Build = "b1234"
	var bad *RequestError
	if _, err := e.Estimate(modelNamed(t, c, "llama-3.1-8b"), s, &Rig{Host: DefaultHost()}); !errors.As(err, &bad) {
		t.Errorf("an unknown build: %v, want a *RequestError", err)
	}
}
