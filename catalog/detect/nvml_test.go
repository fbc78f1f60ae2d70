//go:build linux && cgo

package detect

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/gpus"
)

// library is a fake NVML with the devices given. absent names entry points
// that it lacks.
func library(devices []nvml.Device, absent ...string) *mock.Interface {
	lookup := &mock.ExtendedInterface{LookupSymbolFunc: func(symbol string) error {
		if slices.Contains(absent, symbol) {
			return errors.New("undefined symbol")
		}
		return nil
	}}
	return &mock.Interface{
		ExtensionsFunc:                 func() nvml.ExtendedInterface { return lookup },
		InitFunc:                       func() nvml.Return { return nvml.SUCCESS },
		ShutdownFunc:                   func() nvml.Return { return nvml.SUCCESS },
		SystemGetDriverVersionFunc:     func() (string, nvml.Return) { return "580.159.04", nvml.SUCCESS },
		SystemGetCudaDriverVersionFunc: func() (int, nvml.Return) { return 13000, nvml.SUCCESS },
		SystemGetProcessNameFunc: func(pid int) (string, nvml.Return) {
			return fmt.Sprintf("/opt/llama\x1b[31m/server-%d", pid), nvml.SUCCESS
		},
		DeviceGetCountFunc: func() (int, nvml.Return) { return len(devices), nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) {
			if devices[i] == nil {
				return nil, nvml.ERROR_GPU_IS_LOST
			}
			return devices[i], nvml.SUCCESS
		},
	}
}

// facts is testdata/h100/nvml_facts.json.
type facts struct {
	Name   string `json:"name"`
	Memory struct {
		Total, Free, Used, Reserved uint64
	} `json:"memory_v2"`
	V1 struct {
		Total, Free, Used uint64
	} `json:"memory_v1"`
	CC         [2]int `json:"cc"`
	MemClock   uint32 `json:"mem_clock"`
	MaxMem     uint32 `json:"max_mem_clock"`
	MaxSM      uint32 `json:"max_sm_clock"`
	PowerLimit uint32 `json:"power_limit_mw"`
	Gen        [3]int `json:"pcie_gen"`
	Width      [2]int `json:"pcie_width"`
	MIG        [2]int `json:"mig"`
}

func measuredFacts(t *testing.T) facts {
	t.Helper()
	b, err := os.ReadFile("testdata/h100/nvml_facts.json")
	if err != nil {
		t.Fatal(err)
	}
	var f facts
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// h100 answers as the measured card did.
func h100(t *testing.T, index int) *mock.Device {
	t.Helper()
	f := measuredFacts(t)
	busID := [32]int8{}
	for i, c := range fmt.Sprintf("00000000:%02X:00.0", index+1) {
		busID[i] = int8(c)
	}
	return &mock.Device{
		GetNameFunc: func() (string, nvml.Return) { return f.Name, nvml.SUCCESS },
		GetUUIDFunc: func() (string, nvml.Return) { return fmt.Sprintf("GPU-%d", index), nvml.SUCCESS },
		GetMemoryInfo_v2Func: func() (nvml.Memory_v2, nvml.Return) {
			return nvml.Memory_v2{Total: f.Memory.Total, Reserved: f.Memory.Reserved, Used: f.Memory.Used, Free: f.Memory.Free}, nvml.SUCCESS
		},
		GetMemoryInfoFunc: func() (nvml.Memory, nvml.Return) {
			return nvml.Memory{Total: f.V1.Total, Used: f.V1.Used, Free: f.V1.Free}, nvml.SUCCESS
		},
		GetCudaComputeCapabilityFunc: func() (int, int, nvml.Return) { return f.CC[0], f.CC[1], nvml.SUCCESS },
		GetPciInfoFunc: func() (nvml.PciInfo, nvml.Return) {
			return nvml.PciInfo{BusId: busID, PciDeviceId: gpus.H100_SXM5_80GB.PciDeviceId, PciSubSystemId: 0x16C110DE}, nvml.SUCCESS
		},
		GetCurrPcieLinkGenerationFunc: func() (int, nvml.Return) { return f.Gen[0], nvml.SUCCESS },
		GetMaxPcieLinkGenerationFunc:  func() (int, nvml.Return) { return f.Gen[1], nvml.SUCCESS },
		GetCurrPcieLinkWidthFunc:      func() (int, nvml.Return) { return f.Width[0], nvml.SUCCESS },
		GetMaxPcieLinkWidthFunc:       func() (int, nvml.Return) { return f.Width[1], nvml.SUCCESS },
		GetMigModeFunc:                func() (int, int, nvml.Return) { return f.MIG[0], f.MIG[1], nvml.SUCCESS },
		GetNvLinkStateFunc:            func(int) (nvml.EnableState, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED },
		GetClockInfoFunc: func(c nvml.ClockType) (uint32, nvml.Return) {
			if c == nvml.CLOCK_MEM {
				return f.MemClock, nvml.SUCCESS
			}
			return 345, nvml.SUCCESS
		},
		GetMaxClockInfoFunc: func(c nvml.ClockType) (uint32, nvml.Return) {
			if c == nvml.CLOCK_MEM {
				return f.MaxMem, nvml.SUCCESS
			}
			return f.MaxSM, nvml.SUCCESS
		},
		GetUtilizationRatesFunc:   func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 12}, nvml.SUCCESS },
		GetTemperatureFunc:        func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 45, nvml.SUCCESS },
		GetPowerUsageFunc:         func() (uint32, nvml.Return) { return 88190, nvml.SUCCESS },
		GetEnforcedPowerLimitFunc: func() (uint32, nvml.Return) { return f.PowerLimit, nvml.SUCCESS },
		GetComputeRunningProcessesFunc: func() ([]nvml.ProcessInfo, nvml.Return) {
			return []nvml.ProcessInfo{
				{Pid: 7, UsedGpuMemory: 518 << 20, GpuInstanceId: noInstance},
				{Pid: 8, UsedGpuMemory: ^uint64(0), GpuInstanceId: noInstance},
			}, nvml.SUCCESS
		},
		GetGraphicsRunningProcessesFunc: func() ([]nvml.ProcessInfo, nvml.Return) {
			return []nvml.ProcessInfo{{Pid: 7, UsedGpuMemory: 1, GpuInstanceId: noInstance}}, nvml.SUCCESS
		},
	}
}

func runNVML(t *testing.T, lib nvml.Interface, files tree) Report {
	t.Helper()
	o := on(t, desktop().with(files))
	d := NVML(lib)
	o.NVIDIA = func() Driver { return d }
	return Run(t.Context(), loadCatalog(t), o)
}

func TestNVMLMeasured(t *testing.T) {
	g := only(t, runNVML(t, library([]nvml.Device{h100(t, 0)}), nil))
	if g.Name != "NVIDIA H100 80GB HBM3" || g.RecordID != "nvidia-h100-sxm5-80gb" || g.Driver != "580.159.04" || g.CUDA != "13.0" || g.ComputeCapability != 9 {
		t.Errorf("%+v", g)
	}
	// Version 1 of the call says 480 MiB used on the idle card; version 2 says 0.
	if g.Memory.Total != 85520809984 || g.Memory.Capacity() != 85017493504 || value(t, "used", g.Memory.Used) != 0 {
		t.Errorf("memory = %+v", g.Memory)
	}
	if g.PCI.ID != "10de:2330" || g.PCI.Address != "0000:01:00.0" || g.PCI.Subsystem != "10de:16c1" {
		t.Errorf("PCI = %+v", g.PCI)
	}
	if *g.Clocks != (Clocks{345, 1980, 2619, 2619}) || value(t, "watts", g.Watts) != 88.19 || value(t, "limit", g.WattsLimit) != 700 || g.NVLink != nil || g.MIG.Enabled {
		t.Errorf("%+v", g)
	}
	if len(g.Processes) != 2 || g.Processes[0].Name != "server-7" || g.Processes[0].Kind != "compute" || *g.Processes[0].Used != 518<<20 || g.Processes[1].Used != nil {
		t.Errorf("processes = %+v", g.Processes)
	}
}

func TestNVMLEightWithLinks(t *testing.T) {
	var devices []nvml.Device
	for i := range 8 {
		d := h100(t, i)
		d.GetNvLinkStateFunc = func(port int) (nvml.EnableState, nvml.Return) {
			if port >= 18 {
				return 0, nvml.ERROR_INVALID_ARGUMENT
			}
			return nvml.FEATURE_ENABLED, nvml.SUCCESS
		}
		d.GetNvLinkVersionFunc = func(int) (uint32, nvml.Return) { return 4, nvml.SUCCESS }
		d.GetNvLinkRemotePciInfoFunc = func(port int) (nvml.PciInfo, nvml.Return) {
			return nvml.PciInfo{Domain: 0, Bus: uint32(0x80 + port%4), Device: 0}, nvml.SUCCESS
		}
		devices = append(devices, d)
	}
	r := runNVML(t, library(devices), nil)
	if len(r.GPUs) != 8 {
		t.Fatalf("%d GPUs", len(r.GPUs))
	}
	n := r.GPUs[7].NVLink
	if n == nil || n.Active != 18 || n.Version != 4 || !slices.Equal(n.Peers, []string{"0000:80:00.0", "0000:81:00.0", "0000:82:00.0", "0000:83:00.0"}) {
		t.Errorf("NVLink = %+v", n)
	}
}

func TestNVMLMIG(t *testing.T) {
	card := h100(t, 0)
	card.GetMigModeFunc = func() (int, int, nvml.Return) { return nvml.DEVICE_MIG_ENABLE, nvml.DEVICE_MIG_ENABLE, nvml.SUCCESS }
	card.GetMaxMigDeviceCountFunc = func() (int, nvml.Return) { return 7, nvml.SUCCESS }
	card.GetComputeRunningProcessesFunc = func() ([]nvml.ProcessInfo, nvml.Return) {
		return []nvml.ProcessInfo{{Pid: 9, UsedGpuMemory: 5 << 20, GpuInstanceId: 2}}, nvml.SUCCESS
	}
	card.GetMigDeviceHandleByIndexFunc = func(i int) (nvml.Device, nvml.Return) {
		if i > 1 {
			return nil, nvml.ERROR_NOT_FOUND
		}
		return &mock.Device{
			GetNameFunc: func() (string, nvml.Return) { return "NVIDIA H100 80GB HBM3 MIG 3g.40gb", nvml.SUCCESS },
			GetUUIDFunc: func() (string, nvml.Return) { return fmt.Sprintf("MIG-%d", i), nvml.SUCCESS },
			GetMemoryInfo_v2Func: func() (nvml.Memory_v2, nvml.Return) {
				return nvml.Memory_v2{Total: 40 * gib, Reserved: 50 << 20, Used: 60 << 20, Free: 40*gib - 110<<20}, nvml.SUCCESS
			},
			GetGpuInstanceIdFunc:     func() (int, nvml.Return) { return i + 1, nvml.SUCCESS },
			GetComputeInstanceIdFunc: func() (int, nvml.Return) { return 0, nvml.SUCCESS },
			GetAttributesFunc: func() (nvml.DeviceAttributes, nvml.Return) {
				return nvml.DeviceAttributes{MultiprocessorCount: 60}, nvml.SUCCESS
			},
		}, nvml.SUCCESS
	}
	r := runNVML(t, library([]nvml.Device{card}), nil)
	g := only(t, r)
	if !g.MIG.Enabled || len(g.MIG.Instances) != 2 || g.MIG.Instances[1].SMs != 60 || len(g.MIG.Instances[1].Processes) != 1 || len(g.MIG.Instances[0].Processes) != 0 {
		t.Fatalf("MIG = %+v", g.MIG)
	}
	usable := r.Usable()
	if len(usable) != 2 || usable[0].Memory.Capacity() != 40*gib-50<<20 || usable[0].Record != nil {
		t.Errorf("usable = %+v", usable)
	}
}

func TestNVMLUnifiedMemory(t *testing.T) {
	none := func(name string) *mock.Device {
		d := h100(t, 0)
		d.GetNameFunc = func() (string, nvml.Return) { return name, nvml.SUCCESS }
		d.GetMemoryInfo_v2Func = func() (nvml.Memory_v2, nvml.Return) { return nvml.Memory_v2{}, nvml.ERROR_NOT_SUPPORTED }
		d.GetMemoryInfoFunc = func() (nvml.Memory, nvml.Return) { return nvml.Memory{}, nvml.ERROR_NOT_SUPPORTED }
		d.GetPciInfoFunc = func() (nvml.PciInfo, nvml.Return) { return nvml.PciInfo{}, nvml.ERROR_NOT_SUPPORTED }
		return d
	}
	g := only(t, runNVML(t, library([]nvml.Device{none("NVIDIA GB10")}), nil))
	if g.RecordID != "nvidia-gb10" || !g.Memory.Unified || g.Memory.Total != 64*gib || value(t, "free", g.Memory.Free) != 48*gib {
		t.Errorf("GB10: record %q, memory %+v; want the host's RAM", g.RecordID, g.Memory)
	}
	// A board's library lacks most entry points; the bindings would end the program.
	orin := library([]nvml.Device{none("Orin (nvgpu)")}, "nvmlDeviceGetMemoryInfo_v2", "nvmlDeviceGetNvLinkState", "nvmlDeviceGetMigMode",
		"nvmlDeviceGetCurrPcieLinkGeneration", "nvmlDeviceGetMaxPcieLinkGeneration", "nvmlDeviceGetCurrPcieLinkWidth", "nvmlDeviceGetMaxPcieLinkWidth",
		"nvmlDeviceGetPowerUsage", "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetUtilizationRates")
	g = only(t, runNVML(t, orin, tree{"/proc/device-tree/model": "NVIDIA Jetson AGX Orin Developer Kit\x00"}))
	if g.RecordID != "nvidia-jetson-agx-orin-64gb" || !g.Memory.Unified || g.Memory.Total != 64*gib || g.Watts != nil {
		t.Errorf("Orin: record %q, memory %+v", g.RecordID, g.Memory)
	}
}

func TestNVMLOldDriver(t *testing.T) {
	d := h100(t, 0)
	g := only(t, runNVML(t, library([]nvml.Device{d}, "nvmlDeviceGetMemoryInfo_v2"), nil))
	if g.Memory.Reserved != 0 || value(t, "used", g.Memory.Used) != 503316480 || !strings.Contains(g.Memory.Basis, "version 1") {
		t.Errorf("memory = %+v", g.Memory)
	}
	if len(d.GetMemoryInfo_v2Calls()) != 0 {
		t.Error("an entry point was called that the library has not got")
	}
}
