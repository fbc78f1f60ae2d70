package detect

import (
	"context"
	"path"
	"strings"
)

// probeIntel reads what the i915 and xe drivers show in sysfs.
func probeIntel(ctx context.Context, m *machine) finding {
	var gpus []GPU
	for _, dir := range m.drmCards(vendorIntel) {
		if ctx.Err() != nil {
			break
		}
		g := m.intelGPU(dir)
		g.Index = len(gpus)
		gpus = append(gpus, g)
	}
	s := sourceOf("Intel (sysfs)", len(gpus), detailOf(gpus), nil)
	cards := m.displayDevices(vendorIntel)
	switch {
	case len(gpus) > 0 && m.renderDenied():
		s.State, s.Detail = Denied, s.Detail+"; /dev/dri/renderD* is not open to this user"
		s.Fix = "add your user to the groups render and video (sudo usermod -aG render,video $USER, then log in again)"
	case len(gpus) == 0 && len(cards) > 0:
		s.State, s.Detail = Missing, "GPU "+cards[0].ID+" at "+cards[0].Address+", "+kernelDriver(cards[0])
		s.Fix = "load Intel's kernel driver (i915, or xe for Arc B and newer); new GPUs need a new kernel"
	}
	return finding{gpus: gpus, sources: []Source{s}}
}

func (m *machine) intelGPU(dir string) GPU {
	p := m.pciDevice(dir)
	g := GPU{Vendor: "intel", Backend: "vulkan", Source: "Intel (sysfs)", PCI: &p.PCI, device: dir}
	g.Memory.Total, g.Memory.Basis = m.intelMemory(dir)
	// The GPU inside a processor always sits at this place of the bus.
	g.integral = g.Memory.Total == 0 && strings.HasSuffix(p.Address, ":00:02.0")
	if !g.integral {
		g.Link = m.link(dir)
	}
	s := m.intelSensors(dir)
	g.Temperature, g.Clocks = s.temperature, s.clocks
	return g
}

// intelMemory adds up a card's own memory. Kernels differ in what they show;
// where none of it is there, the catalog's figure stands in later.
func (m *machine) intelMemory(dir string) (int64, string) {
	for _, file := range []string{"lmem_total_bytes", "prelim_lmem_total_bytes"} {
		p := path.Join(path.Dir(dir), file) // beside the link named device, not behind it
		if n, ok := m.number(p); ok && n > 0 {
			return n, "i915: " + file
		}
	}
	var sum int64
	for _, file := range m.glob(path.Join(dir, "tile*/physical_vram_size_bytes")) {
		if n, ok := m.number(file); ok && n < 1<<50 {
			sum += n
		}
	}
	if sum > 0 {
		return sum, "xe: physical_vram_size_bytes"
	}
	return 0, ""
}

// intelSensors reads temperature (thousandths of a degree; the first sensor
// that there is) and the present clock, MHz.
func (m *machine) intelSensors(dir string) sensors {
	var s sensors
	for _, file := range m.glob(path.Join(dir, "hwmon/hwmon*/temp*_input")) {
		if n, ok := m.number(file); ok {
			s.temperature = new(float64(n) / 1e3)
			break
		}
	}
	card := path.Dir(dir)
	for _, file := range []string{path.Join(card, "gt_act_freq_mhz"), path.Join(card, "gt/gt0/rps_act_freq_mhz"), path.Join(dir, "tile0/gt0/freq0/act_freq")} {
		if n, ok := m.number(file); ok && n > 0 && n < 1e5 {
			s.clocks = &Clocks{Core: int(n)}
			break
		}
	}
	return s
}
