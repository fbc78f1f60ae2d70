package detect

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

const m4Max = `{"SPDisplaysDataType":[{"_name":"Apple M4 Max","spdisplays_mtlgpufamilysupport":"spdisplays_metal3",
"spdisplays_ndrvs":[{"_name":"Color LCD"}],"spdisplays_vendor":"sppci_vendor_Apple","sppci_bus":"spdisplays_builtin",
"sppci_cores":"32","sppci_device_type":"spdisplays_gpu","sppci_model":"Apple M4 Max"}]}`

// vmStat is a machine that holds 6 GiB: 4 by programs (5 less 1 purgeable),
// 1.5 wired, 0.5 in the compressor, at 16 KiB a page.
const vmStat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               100000.
Pages active:                             900000.
Pages wired down:                          98304.
Pages purgeable:                           65536.
"Translation faults":                  123456789.
Anonymous pages:                          327680.
Pages occupied by compressor:              32768.
`

func mac(memory int64, more string, profiler func() (string, error)) programs {
	return programs{
		"sysctl": func(args []string) (string, error) {
			all := "hw.memsize: " + strconv.FormatInt(memory, 10) + "\nmachdep.cpu.brand_string: Apple M4 Max\nhw.physicalcpu: 14\nhw.logicalcpu: 14\nhw.packages: 1\n" + more
			if !strings.Contains(more, "iogpu") {
				return all, errors.New("exit status 1") // unknown name
			}
			return all, nil
		},
		"vm_stat":         func([]string) (string, error) { return vmStat, nil },
		"system_profiler": func([]string) (string, error) { return profiler() },
	}
}

func TestApple(t *testing.T) {
	profiled := func() (string, error) { return m4Max, nil }
	tests := []struct {
		name     string
		memory   int64
		sysctl   string
		profiler func() (string, error)
		record   string
		total    int64
		free     int64
	}{
		{"36 GB, default share", 36 * gib, "", profiled, "apple-m4-max-32-core-gpu", 27 * gib, 27 * gib},
		{"24 GB, default share", 24 * gib, "iogpu.wired_limit_mb: 0\n", profiled, "apple-m4-max-32-core-gpu", 16 * gib, 16 * gib},
		{"36 GB, limit raised", 36 * gib, "iogpu.wired_limit_mb: 32768\n", profiled, "apple-m4-max-32-core-gpu", 32 * gib, 30 * gib},
		{"limit above the memory", 36 * gib, "iogpu.wired_limit_mb: 999999\n", profiled, "apple-m4-max-32-core-gpu", 36 * gib, 30 * gib},
		// Without the count of cores the memory decides: 36 GB come with 32 cores.
		{"profiler fails", 36 * gib, "", func() (string, error) { return "", errors.New("exit status 1") }, "apple-m4-max-32-core-gpu", 27 * gib, 27 * gib},
		{"profiler talks nonsense", 36 * gib, "", func() (string, error) { return "{\"SPDisplaysDataType\":3}", nil }, "apple-m4-max-32-core-gpu", 27 * gib, 27 * gib},
	}
	c := loadCatalog(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := on(t, tree{})
			o.GOOS, o.Command = "darwin", mac(tt.memory, tt.sysctl, tt.profiler).run
			r := Run(t.Context(), c, o)
			g := only(t, r)
			if g.RecordID != tt.record || g.Backend != "metal" {
				t.Errorf("record %q, backend %q; want %q", g.RecordID, g.Backend, tt.record)
			}
			if g.Memory.Total != tt.total || !g.Memory.Unified || value(t, "free", g.Memory.Free) != tt.free {
				t.Errorf("memory = %+v, want %d in all, %d free", g.Memory, tt.total, tt.free)
			}
			if r.Host.Installed != tt.memory || r.Host.Available != tt.memory-6*gib || r.Host.Cores != 14 {
				t.Errorf("host = %+v", r.Host)
			}
			if r.Host.BandwidthGBs != g.Record.BandwidthGBs {
				t.Errorf("RAM at %v GB/s, the GPU's is %v", r.Host.BandwidthGBs, g.Record.BandwidthGBs)
			}
		})
	}
}

func TestAppleProfilerHangs(t *testing.T) {
	o := on(t, tree{})
	o.GOOS, o.Limit = "darwin", 500*time.Millisecond
	fast := mac(36*gib, "", nil)
	o.Command = func(ctx context.Context, name string, args ...string) ([]byte, error) {
		if name == "system_profiler" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return fast.run(ctx, name, args...)
	}
	r := Run(t.Context(), loadCatalog(t), o)
	if g := only(t, r); g.Name != "Apple M4 Max" {
		t.Errorf("%+v, want the chip's name from sysctl", g)
	}
}

func TestIntelMac(t *testing.T) {
	gpus, err := parseProfiler([]byte(`{"SPDisplaysDataType":[
{"_name":"kHW_IntelUHDGraphics630Item","spdisplays_vendor":"Intel","spdisplays_vram_shared":"1536 MB","sppci_model":"Intel UHD Graphics 630"},
{"_name":"x","spdisplays_vendor":"sppci_vendor_amd","spdisplays_vram":"8 GB","sppci_model":"AMD Radeon Pro 5500M"}]}`))
	if err != nil || len(gpus) != 2 {
		t.Fatal(gpus, err)
	}
	if gpus[0].Vendor != "intel" || !gpus[0].integral || gpus[1].Vendor != "amd" || gpus[1].integral || gpus[1].Memory.Total != 8*gib {
		t.Errorf("%+v", gpus)
	}
}
