//go:build linux && cgo

package detect

import (
	"slices"
	"testing"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/gpus"
)

func TestNVMLFailures(t *testing.T) {
	tests := []struct {
		ret   nvml.Return
		state State
	}{
		{nvml.ERROR_LIBRARY_NOT_FOUND, None}, // and there is no card
		{nvml.ERROR_DRIVER_NOT_LOADED, None},
		{nvml.ERROR_NO_PERMISSION, Denied},
		{nvml.ERROR_LIB_RM_VERSION_MISMATCH, Failed},
		{nvml.ERROR_GPU_IS_LOST, Failed},
		{nvml.ERROR_UNKNOWN, Failed},
		{nvml.ERROR_GPU_NOT_FOUND, None},
	}
	for _, tt := range tests {
		lib := library(nil)
		lib.InitFunc = func() nvml.Return { return tt.ret }
		if s := source(t, runNVML(t, lib, nil), "NVML"); s.State != tt.state || s.Detail == "" {
			t.Errorf("%v: %+v, want %s", tt.ret, s, tt.state)
		}
	}
	if s := source(t, runNVML(t, library(nil), nil), "NVML"); s.State != None {
		t.Errorf("driver without GPU: %+v", s)
	}
	if r := runNVML(t, library([]nvml.Device{nil, h100(t, 1)}), nil); only(t, r).Index != 1 {
		t.Errorf("one of two lost: %+v", r.GPUs)
	}
	if s := source(t, runNVML(t, library([]nvml.Device{nil, nil}), nil), "NVML"); s.State != Failed || s.Fix == "" {
		t.Errorf("both lost: %+v", s)
	}
}

func TestNVMLGarbage(t *testing.T) {
	d := h100(t, 0)
	d.GetNameFunc = func() (string, nvml.Return) { return "NVIDIA\x00\x1b]0;owned\a RTX\u202e 4090\xff\n", nvml.SUCCESS }
	d.GetMemoryInfo_v2Func = func() (nvml.Memory_v2, nvml.Return) {
		return nvml.Memory_v2{Total: 24 * gib, Reserved: 1 << 60, Used: ^uint64(0), Free: ^uint64(0)}, nvml.SUCCESS
	}
	d.GetUtilizationRatesFunc = func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 4096}, nvml.SUCCESS }
	g := only(t, runNVML(t, library([]nvml.Device{d}), nil))
	if g.Name != "NVIDIA]0;owned RTX 4090" {
		t.Errorf("name = %q", g.Name)
	}
	if g.Memory.Reserved != 0 || g.Memory.Used != nil || g.Memory.Free != nil || g.Load != nil {
		t.Errorf("memory %+v, load %v: want what is absurd to be unknown", g.Memory, g.Load)
	}
}

func TestNVMLHangsOnce(t *testing.T) {
	release := make(chan struct{})
	lib := library([]nvml.Device{h100(t, 0)})
	lib.InitFunc = func() nvml.Return { <-release; return nvml.SUCCESS }
	d := NVML(lib)
	o := on(t, desktop())
	o.Limit = 500 * time.Millisecond
	o.NVIDIA = func() Driver { return d }
	for range 3 {
		r := Run(t.Context(), nil, o)
		if !slices.ContainsFunc(r.Sources, func(s Source) bool { return s.State == Timeout && s.Fix != "" }) {
			t.Errorf("sources = %+v, want a timeout", r.Sources)
		}
	}
	if n := len(lib.InitCalls()); n != 1 {
		t.Errorf("%d calls went into the library that hangs, want 1", n)
	}
	if d.Close() == nil {
		t.Error("Close said that all is well while a call hangs")
	}
	close(release)
}

// The bindings' own fleet configurations (those whose ids are
// real): found by id, and what is not supported stays unknown.
func TestNVMLFleetConfiguration(t *testing.T) {
	for _, cfg := range []gpus.Config{gpus.A100_SXM4_40GB, gpus.H100_SXM5_80GB, gpus.A100_SXM4_80GB} {
		d := h100(t, 0)
		d.GetNameFunc = func() (string, nvml.Return) { return cfg.Name, nvml.SUCCESS }
		d.GetCudaComputeCapabilityFunc = func() (int, int, nvml.Return) { return cfg.CudaMajor, cfg.CudaMinor, nvml.SUCCESS }
		d.GetPciInfoFunc = func() (nvml.PciInfo, nvml.Return) { return nvml.PciInfo{PciDeviceId: cfg.PciDeviceId}, nvml.SUCCESS }
		d.GetMemoryInfo_v2Func = func() (nvml.Memory_v2, nvml.Return) {
			return nvml.Memory_v2{Total: cfg.MemoryMB << 20}, nvml.SUCCESS
		}
		d.GetPowerUsageFunc = func() (uint32, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED }
		d.GetTemperatureFunc = func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED }
		g := only(t, runNVML(t, library([]nvml.Device{d}), nil))
		if g.Record == nil || g.Watts != nil || g.Temperature != nil {
			t.Errorf("%s: record %q, watts %v, temperature %v", cfg.Name, g.RecordID, g.Watts, g.Temperature)
		}
	}
}
