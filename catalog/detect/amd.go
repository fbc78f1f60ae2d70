package detect

import (
	"context"
	"path"
	"strings"
)

// probeAMD reads what the amdgpu driver shows in sysfs. File names and units
// are those of the kernel's documentation, gpu/amdgpu.
func probeAMD(ctx context.Context, m *machine) finding {
	var gpus []GPU
	kfd := m.kfdNodes()
	for _, dir := range m.drmCards(vendorAMD) {
		if ctx.Err() != nil {
			break
		}
		if g, ok := m.amdGPU(dir); ok {
			g.Index = len(gpus)
			g.GFX = kfd.target(g.PCI)
			if g.GFX == "" {
				g.Backend = "vulkan" // without the compute driver
			}
			gpus = append(gpus, g)
		}
	}
	return finding{gpus: gpus, sources: []Source{m.amdSource(gpus)}}
}

// drmCards lists the device directories of a vendor's cards that a display
// driver has: /sys/class/drm/card0/device, without connectors (card0-HDMI-A-1).
func (m *machine) drmCards(vendor string) []string {
	var dirs []string
	for _, card := range m.glob("/sys/class/drm/card*") {
		if strings.Contains(path.Base(card), "-") {
			continue
		}
		dir := path.Join(card, "device")
		if v, ok := m.number(path.Join(dir, "vendor")); ok && hex(v, 4) == vendor {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func (m *machine) amdGPU(dir string) (GPU, bool) {
	vram, ok := m.number(path.Join(dir, "mem_info_vram_total"))
	if !ok {
		return GPU{}, false // the older radeon driver, which no runtime computes with
	}
	p := m.pciDevice(dir)
	g := GPU{
		Vendor: "amd", Backend: "rocm", Source: "AMD (sysfs)", Name: m.text(path.Join(dir, "product_name")),
		Memory: Memory{Total: vram, Basis: "amdgpu: mem_info_vram_total"},
		PCI:    &p.PCI, Link: m.link(dir), device: dir,
	}
	if used, ok := m.number(path.Join(dir, "mem_info_vram_used")); ok {
		g.Memory.Used, g.Memory.Free = new(min(used, vram)), new(max(0, vram-used))
	}
	if gtt, ok := m.number(path.Join(dir, "mem_info_gtt_total")); ok {
		g.Memory.VRAM, g.Memory.GTT = &vram, &gtt
		g.gttUsed, _ = m.number(path.Join(dir, "mem_info_gtt_used"))
	}
	g.integral = m.looksIntegrated(dir, g.Memory)
	s := m.amdSensors(dir)
	g.Load, g.Temperature, g.Watts, g.WattsLimit, g.Clocks = s.load, s.temperature, s.watts, s.wattsLimit, s.clocks
	return g, true
}

// looksIntegrated decides for devices that the catalog may not know: an APU
// maps more RAM than it has memory of its own, and its power cannot be capped
// through the card.
func (m *machine) looksIntegrated(dir string, mem Memory) bool {
	capped := len(m.glob(path.Join(dir, "hwmon/hwmon*/power1_cap"))) > 0
	return mem.GTT != nil && *mem.GTT >= mem.Total && !capped
}

type sensors struct {
	load, temperature, watts, wattsLimit *float64
	clocks                               *Clocks
}

// amdSensors reads load and the card's hwmon: temperatures in thousandths of
// a degree, power in millionths of a watt, clocks in hertz.
func (m *machine) amdSensors(dir string) sensors {
	var s sensors
	if n, ok := m.number(path.Join(dir, "gpu_busy_percent")); ok && n <= 100 {
		s.load = new(float64(n))
	}
	hwmon := m.glob(path.Join(dir, "hwmon/hwmon*"))
	if len(hwmon) == 0 {
		return s
	}
	read := func(file string, unit float64) *float64 {
		n, ok := m.number(path.Join(hwmon[0], file))
		if !ok {
			return nil
		}
		return new(float64(n) / unit)
	}
	s.temperature = read("temp1_input", 1e3)
	s.wattsLimit = read("power1_cap", 1e6)
	if s.watts = read("power1_average", 1e6); s.watts == nil {
		s.watts = read("power1_input", 1e6) // newer cards tell the present value alone
	}
	var c Clocks
	if hz := read("freq1_input", 1e6); hz != nil {
		c.Core = int(*hz)
	}
	if hz := read("freq2_input", 1e6); hz != nil {
		c.Memory = int(*hz)
	}
	if c != (Clocks{}) {
		s.clocks = &c
	}
	return s
}

// amdSource says how the look at AMD's cards went, and what would keep a
// runtime from using those that were found.
func (m *machine) amdSource(gpus []GPU) Source {
	s := sourceOf("AMD (sysfs)", len(gpus), detailOf(gpus), nil)
	const groups = "add your user to the groups render and video (sudo usermod -aG render,video $USER, then log in again)"
	cards := m.displayDevices(vendorAMD)
	switch {
	case len(gpus) > 0 && m.denied("/dev/kfd"):
		s.State, s.Detail, s.Fix = Denied, s.Detail+"; /dev/kfd is not open to this user, so ROCm will not run", groups
	case len(gpus) > 0 && m.renderDenied():
		s.State, s.Detail, s.Fix = Denied, s.Detail+"; /dev/dri/renderD* is not open to this user", groups
	case len(gpus) > 0 && !m.exists("/dev/kfd"):
		s.Detail += "; no /dev/kfd: Vulkan works, ROCm does not"
		s.Fix = "for ROCm the kernel needs amdgpu with HSA support; in a container pass --device /dev/kfd --device /dev/dri"
	case len(gpus) == 0 && len(cards) > 0:
		s.State, s.Detail = Missing, "card "+cards[0].ID+" at "+cards[0].Address+", "+kernelDriver(cards[0])
		s.Fix = "load the amdgpu driver (sudo modprobe amdgpu); it comes with the kernel, its firmware with linux-firmware"
	}
	return s
}

// renderDenied tells whether there are render nodes and none is open to this
// user.
func (m *machine) renderDenied() bool {
	nodes := m.glob("/dev/dri/renderD*")
	for _, n := range nodes {
		if !m.denied(n) {
			return false
		}
	}
	return len(nodes) > 0
}
