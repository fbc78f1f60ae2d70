//go:build linux && cgo

package detect

import (
	"fmt"
	"math"
	"strconv"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// ask makes one call if the library has it. Older libraries, and those of
// Jetson boards, lack some; the bindings would end the program there.
func ask[T any](d *nvmlDriver, symbol string, call func() (T, nvml.Return)) (T, bool) {
	var none T
	if d.lib.Extensions().LookupSymbol(symbol) != nil {
		return none, false
	}
	v, ret := call()
	if ret != nvml.SUCCESS {
		return none, false
	}
	return v, true
}

func (d *nvmlDriver) cudaVersion() string {
	v, ok := ask(d, "nvmlSystemGetCudaDriverVersion", d.lib.SystemGetCudaDriverVersion)
	if !ok || v <= 0 {
		return ""
	}
	return strconv.Itoa(v/1000) + "." + strconv.Itoa(v%1000/10)
}

// gpu reads one device in full.
func (d *nvmlDriver) gpu(index int, dev nvml.Device) GPU {
	g := GPU{Index: index, Vendor: "nvidia", Backend: "cuda", Source: "NVML"}
	name, _ := ask(d, "nvmlDeviceGetName", dev.GetName)
	uuid, _ := ask(d, "nvmlDeviceGetUUID", dev.GetUUID)
	g.Name, g.UUID = clean(name), clean(uuid)
	g.Memory = d.memory(dev)
	g.integral = d.noMemoryOfItsOwn(dev)
	g.ComputeCapability = d.capability(dev)
	g.PCI = d.pci(dev)
	g.Link = d.link(dev)
	g.MIG = d.mig(dev)
	g.NVLink = d.nvlink(dev)
	g.Clocks = d.clocks(dev)
	g.Load, g.Temperature, g.Watts = d.load(dev), d.temperature(dev), d.watts(dev)
	if mw, ok := ask(d, "nvmlDeviceGetEnforcedPowerLimit", dev.GetEnforcedPowerLimit); ok {
		g.WattsLimit = new(float64(mw) / 1000)
	}
	g.Processes = d.processes(dev)
	return g
}

// memory asks for version 2 of the memory's state, which gives the driver's
// reserve apart. Version 1 counts the reserve as used since driver 510; where
// it alone is there (older drivers), that does not happen yet.
func (d *nvmlDriver) memory(dev nvml.Device) Memory {
	if v2, ok := ask(d, "nvmlDeviceGetMemoryInfo_v2", dev.GetMemoryInfo_v2); ok && v2.Total > 0 {
		return memoryOf(v2.Total, v2.Reserved, v2.Used, v2.Free, "NVML, memory version 2")
	}
	if v1, ok := ask(d, "nvmlDeviceGetMemoryInfo", dev.GetMemoryInfo); ok && v1.Total > 0 {
		return memoryOf(v1.Total, 0, v1.Used, v1.Free, "NVML, memory version 1")
	}
	return Memory{}
}

func memoryOf(total, reserved, used, free uint64, basis string) Memory {
	t, ok := bytesOf(total)
	if !ok {
		return Memory{}
	}
	m := Memory{Total: t, Basis: basis}
	if r, ok := bytesOf(reserved); ok && r <= t {
		m.Reserved = r
	}
	if u, ok := bytesOf(used); ok && u <= t {
		m.Used = &u
	}
	if f, ok := bytesOf(free); ok && f <= t {
		m.Free = &f
	}
	return m
}

// noMemoryOfItsOwn tells GPUs that live in the host's memory (GB10, Jetson):
// the driver answers that the question makes no sense there.
func (d *nvmlDriver) noMemoryOfItsOwn(dev nvml.Device) bool {
	if d.lib.Extensions().LookupSymbol("nvmlDeviceGetMemoryInfo") != nil {
		return false
	}
	_, ret := dev.GetMemoryInfo()
	return ret == nvml.ERROR_NOT_SUPPORTED
}

func (d *nvmlDriver) capability(dev nvml.Device) float64 {
	type version struct{ major, minor int }
	v, ok := ask(d, "nvmlDeviceGetCudaComputeCapability", func() (version, nvml.Return) {
		major, minor, ret := dev.GetCudaComputeCapability()
		return version{major, minor}, ret
	})
	if !ok {
		return 0
	}
	return math.Round(float64(v.major)*10+float64(v.minor)) / 10
}

func (d *nvmlDriver) pci(dev nvml.Device) *PCI {
	info, ok := ask(d, "nvmlDeviceGetPciInfo", dev.GetPciInfo)
	if !ok {
		return nil
	}
	p := PCI{Address: busID(info), ID: pairedID(int64(info.PciDeviceId)), Subsystem: pairedID(int64(info.PciSubSystemId))}
	if p == (PCI{}) {
		return nil
	}
	return &p
}

// busID reads the address, which the bindings give as C characters.
func busID(info nvml.PciInfo) string {
	var b []byte
	for _, c := range info.BusId {
		if c == 0 {
			break
		}
		b = append(b, byte(c)) //nolint:gosec // C's char is signed, the character is not
	}
	if len(b) == 0 && info.Bus|info.Device|info.Domain != 0 {
		return fmt.Sprintf("%04x:%02x:%02x.0", info.Domain, info.Bus, info.Device)
	}
	return pciAddress(clean(string(b)))
}

func (d *nvmlDriver) link(dev nvml.Device) *Link {
	var l Link
	l.Gen, _ = ask(d, "nvmlDeviceGetCurrPcieLinkGeneration", dev.GetCurrPcieLinkGeneration)
	l.GenMax, _ = ask(d, "nvmlDeviceGetMaxPcieLinkGeneration", dev.GetMaxPcieLinkGeneration)
	l.Width, _ = ask(d, "nvmlDeviceGetCurrPcieLinkWidth", dev.GetCurrPcieLinkWidth)
	l.WidthMax, _ = ask(d, "nvmlDeviceGetMaxPcieLinkWidth", dev.GetMaxPcieLinkWidth)
	if l == (Link{}) {
		return nil
	}
	return &l
}

func (d *nvmlDriver) clocks(dev nvml.Device) *Clocks {
	var c Clocks
	for _, want := range []struct {
		into   *int
		symbol string
		call   func(nvml.ClockType) (uint32, nvml.Return)
		kind   nvml.ClockType
	}{
		{&c.Core, "nvmlDeviceGetClockInfo", dev.GetClockInfo, nvml.CLOCK_SM},
		{&c.CoreMax, "nvmlDeviceGetMaxClockInfo", dev.GetMaxClockInfo, nvml.CLOCK_SM},
		{&c.Memory, "nvmlDeviceGetClockInfo", dev.GetClockInfo, nvml.CLOCK_MEM},
		{&c.MemoryMax, "nvmlDeviceGetMaxClockInfo", dev.GetMaxClockInfo, nvml.CLOCK_MEM},
	} {
		if mhz, ok := ask(d, want.symbol, func() (uint32, nvml.Return) { return want.call(want.kind) }); ok {
			*want.into = int(mhz)
		}
	}
	if c == (Clocks{}) {
		return nil
	}
	return &c
}

func (d *nvmlDriver) load(dev nvml.Device) *float64 {
	u, ok := ask(d, "nvmlDeviceGetUtilizationRates", dev.GetUtilizationRates)
	if !ok || u.Gpu > 100 {
		return nil
	}
	return new(float64(u.Gpu))
}

func (d *nvmlDriver) temperature(dev nvml.Device) *float64 {
	t, ok := ask(d, "nvmlDeviceGetTemperature", func() (uint32, nvml.Return) { return dev.GetTemperature(nvml.TEMPERATURE_GPU) })
	if !ok {
		return nil
	}
	return new(float64(t))
}

func (d *nvmlDriver) watts(dev nvml.Device) *float64 {
	mw, ok := ask(d, "nvmlDeviceGetPowerUsage", dev.GetPowerUsage)
	if !ok {
		return nil
	}
	return new(float64(mw) / 1000)
}
