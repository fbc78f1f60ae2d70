package detect

import (
	"io/fs"
	"strings"
	"testing"
)

// radeon is a Radeon RX 7900 XTX as amdgpu shows it.
func radeon(card string) tree {
	d := "/sys/class/drm/" + card + "/device/"
	return tree{
		d + "vendor": "0x1002\n", d + "device": "0x744c\n", d + "revision": "0xc8\n",
		d + "uevent":              "DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:744C\nPCI_SUBSYS_ID=1EAE:7901\nPCI_SLOT_NAME=0000:03:00.0\n",
		d + "mem_info_vram_total": "25753026560\n", d + "mem_info_vram_used": "1073741824\n",
		d + "mem_info_gtt_total": "33554432000\n", d + "mem_info_gtt_used": "52428800\n",
		d + "gpu_busy_percent": "37\n", d + "product_name": "\n",
		d + "current_link_speed": "16.0 GT/s PCIe\n", d + "max_link_speed": "16.0 GT/s PCIe\n",
		d + "current_link_width": "16\n", d + "max_link_width": "16\n",
		d + "hwmon/hwmon3/name": "amdgpu\n", d + "hwmon/hwmon3/temp1_input": "54000\n",
		d + "hwmon/hwmon3/power1_average": "88000000\n", d + "hwmon/hwmon3/power1_cap": "339000000\n",
		d + "hwmon/hwmon3/freq1_input": "2304000000\n", d + "hwmon/hwmon3/freq2_input": "1249000000\n",
		"/sys/class/drm/" + card + "-DP-1/status": "connected\n",
	}
}

func kfd() tree {
	n := "/sys/class/kfd/kfd/topology/nodes/"
	return tree{
		"/dev/kfd": "", "/dev/dri/renderD128": "",
		n + "0/properties": "cpu_cores_count 32\nsimd_count 0\ngfx_target_version 0\nlocation_id 0\ndomain 0\n",
		n + "1/properties": "cpu_cores_count 0\nsimd_count 192\ngfx_target_version 110000\nlocation_id 768\ndomain 0\n",
	}
}

func TestAMDCard(t *testing.T) {
	r := Run(t.Context(), loadCatalog(t), on(t, desktop().with(radeon("card1")).with(kfd())))
	g := only(t, r)
	if g.RecordID != "amd-radeon-rx-7900-xtx" || g.Name != "AMD Radeon RX 7900 XTX" || g.GFX != "gfx1100" || g.Backend != "rocm" {
		t.Errorf("record %q, name %q, target %q, backend %q", g.RecordID, g.Name, g.GFX, g.Backend)
	}
	if g.Memory.Unified || g.Memory.Total != 25753026560 || value(t, "used", g.Memory.Used) != gib || g.Memory.GTT != nil {
		t.Errorf("memory = %+v", g.Memory)
	}
	if value(t, "load", g.Load) != 37 || value(t, "temperature", g.Temperature) != 54 || value(t, "watts", g.Watts) != 88 || value(t, "cap", g.WattsLimit) != 339 {
		t.Errorf("sensors of %+v", g)
	}
	if g.Clocks.Core != 2304 || g.Clocks.Memory != 1249 || g.Link.Gen != 4 || g.Link.GBs < 31 || g.Link.GBs > 32 {
		t.Errorf("clocks %+v, link %+v", g.Clocks, g.Link)
	}
	if s := source(t, r, "AMD (sysfs)"); s.State != Found || s.Fix != "" {
		t.Errorf("%+v", s)
	}
}

func TestAMDPermissions(t *testing.T) {
	for _, closed := range []string{"/dev/kfd", "/dev/dri/renderD128"} {
		o := on(t, desktop().with(radeon("card0")).with(kfd()))
		o.Access = func(p string) error {
			if p == closed {
				return &fs.PathError{Op: "open", Path: p, Err: fs.ErrPermission}
			}
			return nil
		}
		r := Run(t.Context(), nil, o)
		if s := source(t, r, "AMD (sysfs)"); s.State != Denied || !strings.Contains(s.Fix, "render") {
			t.Errorf("%s closed: %+v, want denied and the groups", closed, s)
		}
		if g := only(t, r); g.Name != "AMD GPU 1002:744c" {
			t.Errorf("name without a catalog = %q", g.Name)
		}
	}
}

func TestAMDWithoutComputeDriver(t *testing.T) {
	r := Run(t.Context(), nil, on(t, desktop().with(radeon("card0"))))
	if s := source(t, r, "AMD (sysfs)"); s.State != Found || !strings.Contains(s.Detail, "Vulkan") {
		t.Errorf("%+v", s)
	}
	if g := only(t, r); g.Backend != "vulkan" {
		t.Errorf("backend = %q, want vulkan", g.Backend)
	}
}

func TestAMDCardWithoutDriver(t *testing.T) {
	d := "/sys/bus/pci/devices/0000:03:00.0/"
	r := Run(t.Context(), nil, on(t, desktop().with(tree{d + "class": "0x030000\n", d + "uevent": "PCI_ID=1002:744C\nPCI_SLOT_NAME=0000:03:00.0\n"})))
	if s := source(t, r, "AMD (sysfs)"); s.State != Missing || !strings.Contains(s.Fix, "amdgpu") || !strings.Contains(s.Detail, "no kernel driver") {
		t.Errorf("%+v", s)
	}
}

// strixHalo is a Ryzen AI Max+ 395 with 512 MiB set aside and 60 GiB of RAM
// that the GPU may map.
func strixHalo() tree {
	d := "/sys/class/drm/card0/device/"
	return tree{
		"/proc/cpuinfo": "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD RYZEN AI MAX+ 395 w/ Radeon 8060S\nphysical id\t: 0\ncore id\t: 0\n\n",
		d + "vendor":    "0x1002\n", d + "device": "0x1586\n", d + "revision": "0xc1\n",
		d + "uevent":              "DRIVER=amdgpu\nPCI_ID=1002:1586\nPCI_SLOT_NAME=0000:c3:00.0\n",
		d + "mem_info_vram_total": "536870912\n", d + "mem_info_vram_used": "268435456\n",
		d + "mem_info_gtt_total": "64424509440\n", d + "mem_info_gtt_used": "1073741824\n",
		d + "hwmon/hwmon1/power1_input":                  "9000000\n",
		"/sys/class/kfd/kfd/topology/nodes/1/properties": "simd_count 80\ngfx_target_version 110501\nlocation_id 49920\ndomain 0\n",
	}
}

func TestAPU(t *testing.T) {
	g := only(t, Run(t.Context(), loadCatalog(t), on(t, desktop().with(strixHalo()))))
	if g.RecordID != "amd-ryzen-ai-max-plus-395-radeon-8060s" || g.GFX != "gfx1151" {
		t.Errorf("record %q, target %q", g.RecordID, g.GFX)
	}
	m := g.Memory
	if !m.Unified || m.Total != 536870912+60*gib || value(t, "GTT", m.GTT) != 60*gib {
		t.Errorf("memory = %+v", m)
	}
	// 256 MiB of its own are free, and of the 59 GiB that it may still map
	// only the 48 GiB that the RAM has left.
	if want := int64(256<<20 + 48*gib); value(t, "free", m.Free) != want || value(t, "used", m.Used) != m.Total-want {
		t.Errorf("free = %d, want %d", *m.Free, want)
	}
	if value(t, "watts", g.Watts) != 9 {
		t.Errorf("watts = %v, want the present value where there is no average", *g.Watts)
	}
}

func TestAPUUnknownToTheCatalog(t *testing.T) {
	g := only(t, Run(t.Context(), nil, on(t, desktop().with(strixHalo()))))
	if !g.Memory.Unified || g.Memory.Total != 536870912+60*gib {
		t.Errorf("memory = %+v, want VRAM and GTT together", g.Memory)
	}
	card := only(t, Run(t.Context(), nil, on(t, desktop().with(radeon("card0")))))
	if card.Memory.Unified {
		t.Error("a card with a power limit of its own was taken for an APU")
	}
}

func TestGFXTarget(t *testing.T) {
	for version, want := range map[int64]string{110000: "gfx1100", 110501: "gfx1151", 90010: "gfx90a", 90402: "gfx942", 100306: "gfx1036", 120001: "gfx1201", 0: "", 99: ""} {
		if got := gfxTarget(version); got != want {
			t.Errorf("gfxTarget(%d) = %q, want %q", version, got, want)
		}
	}
	if a := kfdAddress(0, 0xc300); a != "0000:c3:00.0" {
		t.Errorf("address = %q", a)
	}
	if a := kfdAddress(1, 0x3a|0x4100); a != "0001:41:07.2" {
		t.Errorf("address = %q", a)
	}
}
