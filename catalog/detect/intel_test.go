package detect

import (
	"strings"
	"testing"
)

func intelCard(id, address string, more tree) tree {
	d := "/sys/class/drm/card0/device/"
	return tree{
		d + "vendor": "0x8086\n", d + "device": "0x" + id + "\n",
		d + "uevent": "DRIVER=xe\nPCI_ID=8086:" + strings.ToUpper(id) + "\nPCI_SLOT_NAME=" + address + "\n",
	}.with(more)
}

func TestIntel(t *testing.T) {
	tests := []struct {
		name    string
		files   tree
		record  string
		total   int64
		unified bool
		basis   string
	}{
		{"Arc A770 under i915", intelCard("56a0", "0000:03:00.0", tree{"/sys/class/drm/card0/lmem_total_bytes": "17079205888\n"}), "intel-arc-a770-16gb", 17079205888, false, "lmem_total_bytes"},
		{"Arc B580 under xe", intelCard("e20b", "0000:03:00.0", tree{"/sys/class/drm/card0/device/tile0/physical_vram_size_bytes": "12884901888\n"}), "intel-arc-b580", 12 * gib, false, "physical_vram"},
		{"Arc B580, kernel tells nothing", intelCard("e20b", "0000:03:00.0", nil), "intel-arc-b580", 12 * gib, false, "catalog"},
		{"Arc 140V in the processor", intelCard("64a0", "0000:00:02.0", nil), "", 32 * gib, true, ""},
		{"unknown GPU in the processor", intelCard("ffff", "0000:00:02.0", nil), "", 32 * gib, true, "half"},
		{"unknown card", intelCard("fffe", "0000:03:00.0", nil), "", 0, false, ""},
	}
	c := loadCatalog(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := only(t, Run(t.Context(), c, on(t, desktop().with(tt.files))))
			if tt.record != "" && g.RecordID != tt.record {
				t.Errorf("record = %q, want %q", g.RecordID, tt.record)
			}
			m := g.Memory
			if m.Total != tt.total || m.Unified != tt.unified || !strings.Contains(m.Basis, tt.basis) {
				t.Errorf("memory = %+v, want %d, unified %v, by %q", m, tt.total, tt.unified, tt.basis)
			}
			if !tt.unified && m.Used != nil {
				t.Errorf("used = %d, but the driver does not tell", *m.Used)
			}
		})
	}
}

func TestIntelSensors(t *testing.T) {
	files := intelCard("e20b", "0000:03:00.0", tree{
		"/sys/class/drm/card0/device/hwmon/hwmon2/temp2_input": "43000\n",
		"/sys/class/drm/card0/device/tile0/gt0/freq0/act_freq": "2850\n",
	})
	g := only(t, Run(t.Context(), nil, on(t, desktop().with(files))))
	if value(t, "temperature", g.Temperature) != 43 || g.Clocks == nil || g.Clocks.Core != 2850 || g.Load != nil {
		t.Errorf("%+v", g)
	}
}
