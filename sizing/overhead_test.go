package sizing

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"runlocal/sizing/units"
)

// TestOverheadTable checks which row counts for a card, and how well it is
// said to be known there.
func TestOverheadTable(t *testing.T) {
	c, e := world(t)
	for _, x := range []struct {
		device   string
		row      string
		low, top int64 // of an empty context, MiB
		label    Label
	}{
		{"nvidia-h100-sxm5-80gb", "cuda-hopper", 518, 518, Measured},
		{"nvidia-geforce-rtx-4060-ti-16gb", "cuda-ada", 107, 107, Measured},
		{"nvidia-rtx-pro-6000-blackwell-workstation-edition", "cuda-blackwell", 555, 555, Measured},
		{"nvidia-geforce-rtx-4090", "cuda-ada", 350, 450, Estimated},
		{"nvidia-geforce-rtx-3090", "cuda", 200, 300, Estimated},
		{"nvidia-a100-sxm4-80gb", "cuda-ampere-data-centre", 380, 470, Estimated},
		{"amd-radeon-rx-7900-xtx", "rocm", 256, 256, Calibrated},
		{"apple-m3-max-40-core-gpu", "metal", 64, 64, Estimated},
	} {
		found := false
		for _, d := range c.Devices {
			if d.ID != x.device {
				continue
			}
			found = true
			g := GPUOf(d)
			row := e.overheadRow(&g)
			label, source := e.overheadKnown(&g)
			if mib := contextOf(row, &g) >> 20; row.ID != x.row || mib < x.low || mib > x.top || label != x.label || source == "" {
				t.Errorf("%s: row %s, context %d MiB, %s; want %s, %d to %d, %s", d.Name, row.ID, mib, label, x.row, x.low, x.top, x.label)
			}
		}
		if !found {
			t.Errorf("no device %q", x.device)
		}
	}
	odd := GPU{Backend: "abacus"}
	if row := e.overheadRow(&odd); row == nil || row.ID != "any" {
		t.Errorf("an unknown backend gets %+v, want the row for any", row)
	}
}

// TestMemoryOnStrixHalo compares with the rise of GPU memory that somebody
// measured on a Radeon 8060S: the whole process, on builds of summer 2025.
func TestMemoryOnStrixHalo(t *testing.T) {
	c, e := world(t)
	f, err := os.Open(filepath.Join("testdata", "public_strix_halo.tsv"))
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
	var errs errorsOf
	for _, cells := range lines[1:] {
		ctx, err1 := strconv.Atoi(cells[2])
		total, err2 := strconv.ParseInt(cells[4], 10, 64)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		s := Defaults(cells[1], ctx)
		s.Build, s.GPULayers = "2025-05", LayersAll
		s.FlashAttn = map[string]FlashAttn{"0": FlashOff, "1": FlashOn}[cells[3]]
		g := BareGPU(128<<30, 0)
		g.Backend, g.ComputeCapability = "rocm", 0
		b := estimate(t, e, modelNamed(t, c, cells[0]), s, &Rig{GPUs: []GPU{g}, Host: Host{Capacity: 1 << 40}})
		got, want := b.Devices[0].Total, total<<20
		errs = append(errs, relative(got, want))
		if limit := max(want/50, 150<<20); got-want > limit || want-got > limit {
			t.Errorf("%s: %s, measured %s", cells, units.Bytes(got), units.Bytes(want))
		}
	}
	t.Logf("%d runs: median %.2f %%, worst %.2f %%", len(errs), 100*errs.quantile(0.5), 100*errs.quantile(1))
}
