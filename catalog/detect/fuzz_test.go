package detect

import (
	"math"
	"strings"
	"testing"
	"unicode"
)

// sane fails when a GPU holds a figure that no device has, or text that a
// terminal would act on.
func sane(t *testing.T, gpus []GPU) {
	t.Helper()
	if len(gpus) > mostGPUs {
		t.Errorf("%d GPUs", len(gpus))
	}
	for _, g := range gpus {
		for _, s := range []string{g.Name, g.UUID, g.Driver, g.GFX} {
			if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) || len([]rune(s)) > longestText {
				t.Errorf("text %q", s)
			}
		}
		m := g.Memory
		if m.Total < 0 || m.Reserved < 0 || m.Reserved > m.Total || m.Capacity() < 0 || m.UsedByOthers() < 0 {
			t.Errorf("memory %+v", m)
		}
		for _, p := range []*float64{g.Load, g.Temperature, g.Watts, g.WattsLimit} {
			if p != nil && (*p < 0 || math.IsNaN(*p) || math.IsInf(*p, 0)) {
				t.Errorf("reading %v", *p)
			}
		}
	}
}

func FuzzSMI(f *testing.F) {
	f.Add([]byte("0, NVIDIA H100 80GB HBM3, GPU-1, 580.159.04, 00000000:00:00.0, 0x233010DE, 0x16C110DE, 81559, 0, 81079, 0, 45, 78.87, 700.00, 345, 1980, 2619, 2619, 5, 5, 16, 16, 480, 9.0, Disabled\n"))
	f.Add([]byte("0, GB10, [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [Unknown Error], Not Supported, N/A\n"))
	f.Add([]byte("GPU-1, 42, /usr/bin/python3, 1100\n"))
	f.Add([]byte("CUDA Version        : 13.0\n"))
	f.Add([]byte("No devices were found\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		gpus := parseSMI(b, smiFull())
		sane(t, gpus)
		addProcesses(gpus, b)
		addInstances(gpus, b)
		sane(t, gpus)
		parseSMIVersion(b)
		if p := smiProblem(string(b)); p != nil && p.state == Found {
			t.Errorf("%q is a problem and %s", b, p.state)
		}
	})
}

func FuzzProfiler(f *testing.F) {
	f.Add([]byte(m4Max))
	f.Add([]byte(`{"SPDisplaysDataType":[{"sppci_model":"AMD Radeon Pro 5500M","spdisplays_vram":"8 GB"}]}`))
	f.Add([]byte(`{"SPDisplaysDataType":[{"_name":null,"sppci_cores":"-1"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		gpus, _ := parseProfiler(b)
		sane(t, gpus)
	})
}

func FuzzInstancesXML(f *testing.F) {
	f.Add([]byte(dividedLog))
	f.Fuzz(func(t *testing.T, b []byte) {
		gpus := []GPU{{UUID: "GPU-1", MIG: &MIG{Enabled: true}}}
		addInstances(gpus, b)
		for _, in := range gpus[0].MIG.Instances {
			sane(t, []GPU{{Name: in.Name, Memory: in.Memory}})
		}
	})
}

func FuzzProcFiles(f *testing.F) {
	for _, text := range desktop() {
		f.Add([]byte(text))
	}
	f.Add([]byte("0::/a/b\n4:memory:/docker/1\n"))
	f.Add([]byte("250000 100000"))
	f.Add([]byte(vmStat))
	f.Add([]byte("simd_count 80\ngfx_target_version 110501\nlocation_id 49920\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		info := parseMeminfo(b)
		for k, v := range info {
			if v < 0 {
				t.Errorf("%s = %d", k, v)
			}
		}
		if a := availableOf(info); a < 0 || a > max(0, info["MemTotal"]) {
			t.Errorf("available %d of %d", a, info["MemTotal"])
		}
		c := parseCPUInfo(b)
		if c.cores > c.threads || c.cores < 0 {
			t.Errorf("%d cores, %d threads", c.cores, c.threads)
		}
		for _, g := range parseCgroups(b) {
			for _, dir := range g.directories() {
				if !strings.HasPrefix(dir, "/sys/fs/cgroup") {
					t.Errorf("%q leads out of the cgroups to %q", g.path, dir)
				}
			}
		}
		if q, p, ok := parseCPUMax(string(b)); ok && (q <= 0 || p <= 0) {
			t.Errorf("quota %d of %d", q, p)
		}
		if used := parseVMStat(b); used < 0 {
			t.Errorf("used %d", used)
		}
		if n, ok := whole(string(b)); ok && n < 0 {
			t.Errorf("whole number %d", n)
		}
	})
}

func FuzzSMBIOS(f *testing.F) {
	f.Add(dimm(16384, 6000, 0x22, "Controller0-ChannelA-DIMM1", "BANK 0"))
	f.Add([]byte{17, 4, 0, 0, 0, 0, 127, 4, 0, 0, 0, 0})
	f.Add([]byte{17, 255, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Host
		h.modulesOf(parseSMBIOS(b))
		if h.MemoryMTps < 0 || h.Channels < 0 {
			t.Errorf("%+v", h)
		}
		countRecords(b)
	})
}
