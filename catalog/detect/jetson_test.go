package detect

import "testing"

func TestJetsonBoards(t *testing.T) {
	c := loadCatalog(t)
	for board, tt := range map[string]struct {
		kib    string
		record string
	}{
		"NVIDIA Jetson AGX Orin Developer Kit":                              {"64349132", "nvidia-jetson-agx-orin-64gb"},
		"NVIDIA Jetson AGX Orin":                                            {"31373636", "nvidia-jetson-agx-orin-32gb"},
		"NVIDIA Jetson Orin NX Engineering Reference Developer Kit":         {"15840060", "nvidia-jetson-orin-nx-16gb"},
		"NVIDIA Jetson Orin Nano Developer Kit":                             {"7802892", "nvidia-jetson-orin-nano-8gb"},
		"NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super": {"7802892", "nvidia-jetson-orin-nano-super-8gb"},
		"NVIDIA Jetson Xavier NX Developer Kit":                             {"7900000", "nvidia-jetson-xavier-nx-8gb"},
		"NVIDIA Jetson Nano Developer Kit":                                  {"4059712", "nvidia-jetson-nano-4gb"},
		"NVIDIA Jetson AGX Thor Developer Kit":                              {"125772000", "nvidia-jetson-agx-thor-t5000"},
	} {
		o := on(t, tree{
			"/proc/meminfo":                    "MemTotal: " + tt.kib + " kB\nMemAvailable: 3000000 kB\n",
			"/proc/device-tree/model":          board + "\x00",
			"/sys/devices/platform/gpu.0/load": "435\n",
		})
		g := only(t, Run(t.Context(), c, o))
		if g.RecordID != tt.record {
			t.Errorf("%s with %s kB is %q, want %q", board, tt.kib, g.RecordID, tt.record)
		}
		if !g.Memory.Unified || value(t, "free", g.Memory.Free) != 3000000<<10 || value(t, "load", g.Load) != 43.5 {
			t.Errorf("%s: %+v", board, g.Memory)
		}
	}
	if r := Run(t.Context(), c, on(t, desktop().with(tree{"/proc/device-tree/model": "Raspberry Pi 5\x00"}))); len(r.GPUs) != 0 {
		t.Errorf("a Raspberry Pi has %+v", r.GPUs)
	}
}
