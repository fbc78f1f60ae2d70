package detect

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHostLimits(t *testing.T) {
	const unlimited = "9223372036854771712\n"
	tests := []struct {
		name             string
		files            tree
		total, available int64
		limit            string
		cpus             float64
	}{
		{"none", tree{}, 64 * gib, 48 * gib, "", 0},
		{"v2 without limit", tree{"/proc/self/cgroup": "0::/user.slice\n", "/sys/fs/cgroup/user.slice/memory.max": "max\n", "/sys/fs/cgroup/user.slice/cpu.max": "max 100000\n"}, 64 * gib, 48 * gib, "", 0},
		{"v2 in a container", tree{
			"/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "8589934592\n", "/sys/fs/cgroup/memory.current": "5368709120\n",
			"/sys/fs/cgroup/memory.stat": "anon 1\ninactive_file 2147483648\nactive_file 1073741824\n", "/sys/fs/cgroup/cpu.max": "250000 100000\n",
		}, 8 * gib, 6 * gib, "cgroup v2 memory.max", 2.5},
		{"v2, the parent is tighter", tree{
			"/proc/self/cgroup":                   "0::/a/b\n",
			"/sys/fs/cgroup/a/b/memory.max":       "34359738368\n",
			"/sys/fs/cgroup/a/b/memory.current":   "0\n",
			"/sys/fs/cgroup/a/memory.max":         "17179869184\n",
			"/sys/fs/cgroup/a/memory.current":     "1073741824\n",
			"/sys/fs/cgroup/memory.max":           "max\n",
			"/sys/fs/cgroup/elsewhere/memory.max": "1\n",
		}, 16 * gib, 15 * gib, "cgroup v2 memory.max", 0},
		{"v1, its path not mounted", tree{
			"/proc/self/cgroup":                            "4:memory:/docker/0123\n3:cpu,cpuacct:/docker/0123\n1:name=systemd:/docker/0123\n",
			"/sys/fs/cgroup/memory/memory.limit_in_bytes":  "4294967296\n",
			"/sys/fs/cgroup/memory/memory.usage_in_bytes":  "2147483648\n",
			"/sys/fs/cgroup/memory/memory.stat":            "total_inactive_file 1073741824\ntotal_active_file 0\n",
			"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":  "150000\n",
			"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
		}, 4 * gib, 3 * gib, "cgroup v1 memory.limit_in_bytes", 1.5},
		{"v1 without limit", tree{
			"/proc/self/cgroup":                           "4:memory:/\n3:cpu:/\n",
			"/sys/fs/cgroup/memory/memory.limit_in_bytes": unlimited, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
		}, 64 * gib, 48 * gib, "", 0},
		{"garbage", tree{"/proc/self/cgroup": "::::\n0::\nx\n0::/../../etc\n", "/sys/fs/cgroup/memory.max": "-7\n", "/sys/fs/cgroup/cpu.max": "a b\n"}, 64 * gib, 48 * gib, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := Run(t.Context(), nil, on(t, desktop().with(tt.files))).Host
			if h.Total != tt.total || h.Available != tt.available || h.Limit != tt.limit || h.CPULimit != tt.cpus {
				t.Errorf("total %d, available %d, limit %q, CPUs %v; want %d, %d, %q, %v", h.Total, h.Available, h.Limit, h.CPULimit, tt.total, tt.available, tt.limit, tt.cpus)
			}
			if h.Installed != 64*gib {
				t.Errorf("installed = %d", h.Installed)
			}
		})
	}
}

func TestHostProcessor(t *testing.T) {
	h := Run(t.Context(), nil, on(t, desktop())).Host
	if h.CPU != "AMD Ryzen 9 7950X 16-Core Processor" || h.Cores != 2 || h.Threads != 3 || h.Sockets != 1 {
		t.Errorf("%+v", h)
	}
	sys := tree{}
	for cpu, core := range map[string]string{"0": "0\n", "1": "0\n", "2": "1\n", "3": "1\n"} {
		d := "/sys/devices/system/cpu/cpu" + cpu + "/topology/"
		sys[d+"core_id"], sys[d+"physical_package_id"] = core, map[bool]string{true: "0\n", false: "1\n"}[cpu < "2"]
	}
	h = Run(t.Context(), nil, on(t, desktop().with(sys).with(tree{"/sys/devices/system/node/node0/meminfo": "", "/sys/devices/system/node/node1/meminfo": ""}))).Host
	if h.Cores != 2 || h.Sockets != 2 || h.NUMANodes != 2 {
		t.Errorf("cores %d, sockets %d, nodes %d; want 2 of each", h.Cores, h.Sockets, h.NUMANodes)
	}
	pi := desktop().with(tree{"/proc/cpuinfo": "processor\t: 0\nBogoMIPS\t: 108.00\n\nprocessor\t: 1\nBogoMIPS\t: 108.00\n\nRevision\t: d04170\nModel\t\t: Raspberry Pi 5 Model B Rev 1.0\n"})
	if h = Run(t.Context(), loadCatalog(t), on(t, pi)).Host; h.CPU != "Raspberry Pi 5 Model B Rev 1.0" || h.Cores != 2 || h.Platform != "raspberry-pi-5" || h.BandwidthGBs < 17 {
		t.Errorf("%+v", h)
	}
}

func TestHostSurroundings(t *testing.T) {
	tests := []struct {
		name  string
		files tree
		env   map[string]string
		want  string
	}{
		{"bare", nil, nil, "0//"},
		{"WSL 2", tree{"/proc/sys/kernel/osrelease": "5.15.167.4-microsoft-standard-WSL2\n"}, nil, "2//"},
		{"WSL 1", tree{"/proc/sys/kernel/osrelease": "4.4.0-19041-Microsoft\n"}, nil, "1//"},
		{"docker", tree{"/.dockerenv": ""}, nil, "0/docker/"},
		{"podman", tree{"/run/.containerenv": ""}, nil, "0/podman/"},
		{"kubernetes", tree{"/.dockerenv": ""}, map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "0/kubernetes/"},
		{"nspawn", nil, map[string]string{"container": "systemd-nspawn"}, "0/systemd-nspawn/"},
		{"lxc", tree{"/proc/1/cgroup": "1:name=systemd:/lxc/box\n"}, nil, "0/lxc/"},
		{"QEMU", tree{"/sys/class/dmi/id/sys_vendor": "QEMU\n", "/sys/class/dmi/id/product_name": "Standard PC (Q35)\n"}, nil, "0//QEMU Standard PC (Q35)"},
		{"real machine", tree{"/sys/class/dmi/id/sys_vendor": "ASUS\n", "/sys/class/dmi/id/product_name": "System Product Name\n"}, nil, "0//"},
		{"nameless hypervisor", tree{"/proc/cpuinfo": "processor : 0\nflags : " + strings.Repeat("flag ", 100) + "hypervisor\n"}, nil, "0//no maker named"},
	}
	for _, tt := range tests {
		o := on(t, desktop().with(tt.files))
		o.Getenv = func(k string) string { return tt.env[k] }
		h := Run(t.Context(), nil, o).Host
		if got := fmt.Sprintf("%d/%s/%s", h.WSL, h.Container, h.VM); got != tt.want {
			t.Errorf("%s: WSL %d, container %q, VM %q; want %s", tt.name, h.WSL, h.Container, h.VM, tt.want)
		}
	}
}

func TestHostWithoutMeminfo(t *testing.T) {
	r := Run(t.Context(), nil, on(t, tree{}))
	if s := source(t, r, "procfs"); s.State != Failed {
		t.Errorf("%+v, want an error", s)
	}
	old := on(t, tree{"/proc/meminfo": "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 300 kB\nHugePages_Total: 5\n"})
	if h := Run(t.Context(), nil, old).Host; h.Available != 450<<10 {
		t.Errorf("available = %d, want free and caches", h.Available)
	}
}

// dimm builds an SMBIOS memory device.
func dimm(sizeMiB, mtps uint16, kind byte, locator, bank string) []byte {
	s := make([]byte, 0x28)
	s[0], s[1] = smbiosMemoryDevice, byte(len(s))
	binary.LittleEndian.PutUint16(s[deviceSize:], sizeMiB)
	binary.LittleEndian.PutUint16(s[deviceConfigured:], mtps)
	s[deviceType], s[deviceLocator], s[deviceBank] = kind, 1, 2
	return append(s, locator+"\x00"+bank+"\x00\x00"...)
}

func TestMemoryModules(t *testing.T) {
	ddr5 := string(dimm(0x7fff, 0, 0x22, "x", "y")[:4]) // a truncated structure ends the table
	two := string(dimm(16384, 6000, 0x22, "Controller0-ChannelA-DIMM1", "BANK 0")) +
		string(dimm(0, 0, 0x02, "Controller0-ChannelA-DIMM0", "BANK 0")) +
		string(dimm(16384, 5600, 0x22, "Controller1-ChannelA-DIMM1", "BANK 0")) + ddr5
	h := Run(t.Context(), loadCatalog(t), on(t, desktop().with(tree{"/sys/firmware/dmi/tables/DMI": two}))).Host
	if h.MemoryType != "DDR5" || h.MemoryMTps != 5600 || h.Channels != 2 || h.MemoryNote != "" {
		t.Errorf("%+v", h)
	}
	if h.BandwidthGBs != 89.6 || !strings.Contains(h.BandwidthBasis, "DDR5-5600 as it runs") {
		t.Errorf("%v GB/s by %q, want 2 × 8 B × 5600 MT/s", h.BandwidthGBs, h.BandwidthBasis)
	}
	ecc := tree{}
	for _, c := range []string{"0", "1", "2"} {
		d := "/sys/devices/system/edac/mc/mc0/dimm" + c + "/"
		ecc[d+"size"], ecc[d+"dimm_mem_type"], ecc[d+"dimm_location"] = "16384\n", "Registered-DDR4\n", "channel "+c+" slot 0\n"
	}
	ecc["/sys/devices/system/edac/mc/mc0/dimm3/size"] = "0\n"
	h = Run(t.Context(), nil, on(t, desktop().with(ecc))).Host
	if h.MemoryType != "DDR4" || h.Channels != 3 || h.MemoryMTps != 0 {
		t.Errorf("%+v", h)
	}
}

func TestMemoryModulesDenied(t *testing.T) {
	m := newMachine(on(t, desktop()))
	table := filepath.Join(m.Root, "/sys/firmware/dmi/tables/DMI")
	if err := os.MkdirAll(filepath.Dir(table), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(table, nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Open(table); !os.IsPermission(err) {
		t.Skip("this user may read everything")
	}
	var h Host
	m.memoryModules(&h)
	if !strings.Contains(h.MemoryNote, "root") {
		t.Errorf("note = %q", h.MemoryNote)
	}
}

func TestChannelOf(t *testing.T) {
	for locator, want := range map[string]string{
		"ChannelA-DIMM0 BANK 0": "/A", "ChannelB-DIMM1": "/B", "DIMM_A1 ": "/A", "DIMM B2": "/B", "A1": "/A",
		"P0 CHANNEL C": "P0/C", "CPU1_DIMM_C2": "CPU1/C", "Controller1-ChannelA": "CONTROLLER1/A", "DIMM 0": "", "": "", "BANK 3": "",
	} {
		if got := channelOf(locator); got != want {
			t.Errorf("channelOf(%q) = %q, want %q", locator, got, want)
		}
	}
}

func TestCPUPlatform(t *testing.T) {
	tests := []struct{ cpu, vendor, family, model, want string }{
		{"AMD Ryzen 9 7950X 16-Core Processor", "", "", "", "amd-am5-ryzen-7000"},
		{"AMD Ryzen 7 7800X3D 8-Core Processor", "", "", "", "amd-am5-ryzen-7000"},
		{"AMD Ryzen 7 7840HS w/ Radeon 780M Graphics", "", "", "", "amd-ryzen-7040-8040"},
		{"AMD Ryzen 9 5950X 16-Core Processor", "", "", "", "amd-am4-ryzen-5000"},
		{"AMD Ryzen 5 3600 6-Core Processor", "", "", "", "amd-am4-ryzen-3000"},
		{"AMD Ryzen 7 1700 Eight-Core Processor", "", "", "", "amd-am4-ryzen-1000-2000"},
		{"AMD Ryzen 9 9950X 16-Core Processor", "", "", "", "amd-am5-ryzen-9000"},
		{"AMD Ryzen 7 8700G w/ Radeon 780M Graphics", "", "", "", "amd-am5-ryzen-8000g"},
		{"AMD Ryzen AI 9 HX 370 w/ Radeon 890M", "", "", "", "amd-ryzen-ai-300"},
		{"AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "", "", "", "amd-ryzen-ai-max-300"},
		{"AMD Ryzen Threadripper PRO 7995WX 96-Cores", "", "", "", "amd-threadripper-pro-7000"},
		{"AMD Ryzen Threadripper 3970X 32-Core Processor", "", "", "", "amd-threadripper-3000"},
		{"AMD EPYC 9654 96-Core Processor", "", "", "", "amd-epyc-9004"},
		{"AMD EPYC 9575F 64-Core Processor", "", "", "", "amd-epyc-9005"},
		{"AMD EPYC 7R13 Processor", "AuthenticAMD", "25", "1", "amd-epyc-7003"},
		{"AMD EPYC 7742 64-Core Processor", "", "", "", "amd-epyc-7002"},
		{"AMD EPYC", "AuthenticAMD", "25", "17", "amd-epyc-9004"},
		{"13th Gen Intel(R) Core(TM) i9-13900K", "", "", "", "intel-core-13th-14th-gen"},
		{"Intel(R) Core(TM) i9-14900K", "", "", "", "intel-core-13th-14th-gen"},
		{"12th Gen Intel(R) Core(TM) i7-12700K", "", "", "", "intel-core-12th-gen-ddr5"},
		{"Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "", "", "", "intel-core-8th-9th-gen"},
		{"Intel(R) Core(TM) i7-7700K CPU @ 4.20GHz", "", "", "", "intel-core-7th-gen"},
		{"Intel(R) Core(TM) i9-7980XE CPU @ 2.60GHz", "", "", "", "intel-hedt-x299"},
		{"Intel(R) Core(TM) i7-5960X CPU @ 3.00GHz", "", "", "", "intel-hedt-x99"},
		{"Intel(R) Core(TM) Ultra 7 155H", "", "", "", "intel-core-ultra-100h"},
		{"Intel(R) Core(TM) Ultra 7 258V", "", "", "", "intel-core-ultra-200v"},
		{"Intel(R) Core(TM) Ultra 9 285K", "", "", "", "intel-core-ultra-200s"},
		{"Intel(R) N100", "", "", "", "intel-n100"},
		{"Intel(R) Xeon(R) Platinum 8480C", "", "", "", "intel-xeon-scalable-4"},
		{"Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz", "", "", "", "intel-xeon-scalable-2"},
		{"Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "", "", "", "intel-xeon-e5-v4"},
		{"INTEL(R) XEON(R) PLATINUM 8558", "GenuineIntel", "6", "207", "intel-xeon-scalable-5"},
		{"Intel(R) Xeon(R) Processor @ 2.20GHz", "GenuineIntel", "6", "207", "intel-xeon-scalable-5"},
		{"Intel(R) Xeon(R) w9-3495X", "", "", "", "intel-xeon-w-3400"},
		{"Intel(R) Xeon(R) 6980P", "", "", "", "intel-xeon-6-p"},
		{"Neoverse-N1", "", "", "", ""},
		{"", "", "", "", ""},
	}
	known := map[string]bool{"": true}
	for _, p := range loadCatalog(t).Hosts.CPUPlatforms {
		known[p.ID] = true
	}
	for _, tt := range tests {
		h := Host{CPU: tt.cpu, cpuVendor: tt.vendor, cpuFamily: tt.family, cpuModel: tt.model}
		if got := h.platform(); got != tt.want {
			t.Errorf("%q is of platform %q, want %q", tt.cpu, got, tt.want)
		}
	}
	for line := range strings.Lines(platformTable) {
		if id, _, _ := strings.Cut(line, "\t"); !strings.HasPrefix(line, "#") && !known[id] {
			t.Errorf("the table names platform %q, which the catalog has not got", id)
		}
	}
}

func TestBandwidthIsAnEstimate(t *testing.T) {
	two := desktop().with(tree{"/proc/cpuinfo": "processor : 0\nmodel name : Intel(R) Xeon(R) Platinum 8480C\nphysical id : 0\ncore id : 0\n\nprocessor : 1\nmodel name : Intel(R) Xeon(R) Platinum 8480C\nphysical id : 1\ncore id : 0\n"})
	h := Run(t.Context(), loadCatalog(t), on(t, two)).Host
	if h.BandwidthGBs != 2*307.2 || !strings.HasPrefix(h.BandwidthBasis, "estimate") || !strings.Contains(h.BandwidthBasis, "2 sockets") {
		t.Errorf("%v GB/s by %q", h.BandwidthGBs, h.BandwidthBasis)
	}
	if h = Run(t.Context(), nil, on(t, two)).Host; h.BandwidthGBs != 0 {
		t.Errorf("%v GB/s without a catalog", h.BandwidthGBs)
	}
	ddr4 := Host{CPU: "13th Gen Intel(R) Core(TM) i5-13600K", MemoryType: "DDR4"}
	if got := ddr4.platform(); got != "intel-core-12th-gen-ddr4" {
		t.Errorf("with DDR4: %q", got)
	}
}

// The machine that the truth was measured on: 16 processors of a Xeon of the
// fifth generation in a virtual machine, 92 GB/s copying, 117 reading.
func TestBandwidthOfAVirtualMachine(t *testing.T) {
	for cores, want := range map[int][2]float64{16: {85, 120}, 1: {23, 23}, 64: {358, 359}} {
		var cpus strings.Builder
		for i := range cores {
			fmt.Fprintf(&cpus, "processor : %d\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 207\nmodel name : Intel(R) Xeon(R) Processor\nphysical id : 0\ncore id : %d\nflags : fpu hypervisor\n\n", i, i)
		}
		h := Run(t.Context(), loadCatalog(t), on(t, desktop().with(tree{"/proc/cpuinfo": cpus.String()}))).Host
		if h.BandwidthGBs < want[0] || h.BandwidthGBs > want[1] || !strings.HasPrefix(h.BandwidthBasis, "estimate") {
			t.Errorf("%d cores: %v GB/s (%s), want %v", cores, h.BandwidthGBs, h.BandwidthBasis, want)
		}
	}
}
