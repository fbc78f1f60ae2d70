package detect

import (
	"context"
	"strings"
)

// probeNVIDIA asks NVML, then nvidia-smi where NVML cannot be had, then the
// device tree, which names a Jetson even without either. What is missing is
// explained by what the PCI bus shows.
func probeNVIDIA(ctx context.Context, m *machine) finding {
	var f finding
	if d := m.NVIDIA(); d != nil {
		gpus, err := readAll(ctx, d)
		s := sourceOf(d.Name(), len(gpus), detailOf(gpus), err)
		f.sources, f.gpus = append(f.sources, s), gpus
		m.nameBoard(f.gpus)
		if s.State != Missing {
			return f.explained(m)
		}
	}
	smi := smiDriver{m}
	gpus, err := smi.GPUs(ctx)
	f.sources = append(f.sources, sourceOf(smi.Name(), len(gpus), detailOf(gpus), err))
	f.gpus = gpus
	m.nameBoard(f.gpus)
	if len(f.gpus) == 0 && m.GOOS == "linux" {
		f.jetson(m)
	}
	return f.explained(m)
}

// readAll opens a driver, reads its GPUs and closes it again.
func readAll(ctx context.Context, d Driver) ([]GPU, error) {
	gpus, err := d.GPUs(ctx)
	if closing := d.Close(); err == nil && closing != nil {
		err = closing
	}
	return gpus, err
}

// detailOf says what was found, in a line: "2 GPUs, driver 580.159.04, CUDA 13.0".
func detailOf(gpus []GPU) string {
	if len(gpus) == 0 {
		return ""
	}
	parts := []string{count(len(gpus), "GPU")}
	if gpus[0].Driver != "" {
		parts = append(parts, "driver "+gpus[0].Driver)
	}
	if gpus[0].CUDA != "" {
		parts = append(parts, "CUDA "+gpus[0].CUDA)
	}
	return strings.Join(parts, ", ")
}

// explained turns bare failures into what the user needs to know: without a
// card nothing is wrong; with one, what is in the way.
func (f finding) explained(m *machine) finding {
	if len(f.gpus) > 0 {
		return f
	}
	cards := m.nvidiaCards()
	for i := range f.sources {
		s := &f.sources[i]
		switch {
		case s.State == Timeout || s.State == Denied || s.State == Failed:
		case len(cards) > 0:
			s.State, s.Fix = Missing, m.nvidiaFix(cards[0])
			s.Detail = join(s.Detail, "card "+cards[0].ID+" at "+cards[0].Address+", "+kernelDriver(cards[0]))
		case s.State == Missing && m.GOOS == "linux" && !m.exists("/dev/nvidiactl"):
			s.State, s.Detail = None, join("no NVIDIA card", s.Detail)
		}
	}
	return f
}

func (m *machine) nvidiaCards() []pciDevice {
	if m.GOOS != "linux" {
		return nil
	}
	return m.displayDevices(vendorNVIDIA)
}

func kernelDriver(d pciDevice) string {
	if d.driver == "" {
		return "no kernel driver has it"
	}
	return "kernel driver " + clean(d.driver)
}

// nvidiaFix is the way out for a card that is there but does not answer.
func (m *machine) nvidiaFix(card pciDevice) string {
	switch {
	case m.container() != "" && !m.exists("/dev/nvidiactl"):
		return "start the container with the GPU: --gpus all (NVIDIA container toolkit)"
	case card.driver == "nouveau":
		return "install NVIDIA's driver; nouveau has the card now, and no runtime can compute with it"
	case card.driver == "vfio-pci":
		return "the card is set aside for a virtual machine (vfio-pci): give it back to the nvidia driver"
	case card.driver == "nvidia":
		return "install the driver's libraries (libnvidia-ml.so.1, nvidia-smi) in the version of the kernel module, then restart"
	default:
		return "install NVIDIA's driver, then restart (with Secure Boot the module must be signed)"
	}
}

// jetson recognises NVIDIA's boards by the device tree. Their GPU has no
// memory of its own.
func (f *finding) jetson(m *machine) {
	board := m.jetsonBoard()
	if board == "" {
		return
	}
	g := GPU{Vendor: "nvidia", Backend: "cuda", Source: "device tree", Name: board, board: board, integral: true}
	if load, ok := m.jetsonLoad(); ok {
		g.Load = &load
	}
	f.gpus = []GPU{g}
	f.sources = append(f.sources, Source{Name: "device tree", State: Found, Detail: board})
}

// jetsonBoard is the board's name, "" = this is no Jetson.
func (m *machine) jetsonBoard() string {
	board := m.deviceTree()
	if lower := strings.ToLower(board); strings.Contains(lower, "jetson") || strings.Contains(lower, "tegra") {
		return board
	}
	return ""
}

// nameBoard adds the board to GPUs whose driver gives all of them one name.
func (m *machine) nameBoard(gpus []GPU) {
	for i := range gpus {
		if gpus[i].integral && m.GOOS == "linux" {
			gpus[i].board = m.jetsonBoard()
		}
	}
}

// jetsonLoad reads the board's counter, which is in tenths of a per cent.
func (m *machine) jetsonLoad() (float64, bool) {
	for _, p := range []string{"/sys/devices/gpu.0/load", "/sys/devices/platform/gpu.0/load"} {
		if n, ok := m.number(p); ok && n <= 1000 {
			return float64(n) / 10, true
		}
	}
	return 0, false
}

func join(parts ...string) string {
	var full []string
	for _, p := range parts {
		if p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, "; ")
}
