//go:build linux && cgo

package detect

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// wslLibrary is where Windows puts the library for its Linux subsystem; many
// distributions there do not search it.
const wslLibrary = "/usr/lib/wsl/lib/libnvidia-ml.so.1"

// builtInNVIDIA is the process's one NVML. There is one because the bindings
// keep the library's entry points in variables of their own, which two
// instances would write at the same time, and because a call that hangs must
// be known to all that come after it.
//
//nolint:gochecknoglobals // see above: the C library is one for the process
var builtInNVIDIA = sync.OnceValue(func() Driver {
	if _, err := os.Stat(wslLibrary); err == nil {
		return NVML(nvml.New(nvml.WithLibraryPath(wslLibrary)))
	}
	return NVML(nvml.New())
})

// NVML reads NVIDIA's GPUs through its management library. Calls are taken one
// at a time; one that waits gives up when its context ends. The library is
// opened by the first call and stays open until Close.
func NVML(lib nvml.Interface) Driver {
	return &nvmlDriver{lib: lib, turn: make(chan struct{}, 1)}
}

type nvmlDriver struct {
	lib  nvml.Interface
	turn chan struct{} // holds one token while a call is in the library
	open bool          // under turn
}

func (d *nvmlDriver) Name() string { return "NVML" }

// enter takes the turn and opens the library.
func (d *nvmlDriver) enter(ctx context.Context) error {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return &problem{Timeout, "a call into the driver's library has not returned", hungDriver}
	}
	if d.open {
		return nil
	}
	if ret := d.lib.Init(); ret != nvml.SUCCESS && ret != nvml.ERROR_ALREADY_INITIALIZED {
		<-d.turn
		return initProblem(ret)
	}
	d.open = true
	return nil
}

func (d *nvmlDriver) leave() { <-d.turn }

// Close gives the library back. It does not wait for a call that hangs.
func (d *nvmlDriver) Close() error {
	select {
	case d.turn <- struct{}{}:
	default:
		return errors.New("close NVML: a call has not returned")
	}
	defer d.leave()
	if !d.open {
		return nil
	}
	d.open = false
	if ret := d.lib.Shutdown(); ret != nvml.SUCCESS && ret != nvml.ERROR_UNINITIALIZED {
		return errors.New("close NVML: " + returnName(ret))
	}
	return nil
}

// initProblem explains why the library does not open.
func initProblem(ret nvml.Return) error {
	switch ret {
	case nvml.ERROR_LIBRARY_NOT_FOUND:
		return &problem{state: Missing, detail: "the library libnvidia-ml.so.1 is not there"}
	case nvml.ERROR_DRIVER_NOT_LOADED:
		return &problem{Missing, "the library is there, the driver's kernel module is not loaded", "sudo modprobe nvidia; if that fails, install the driver anew"}
	case nvml.ERROR_NO_PERMISSION:
		return &problem{Denied, "the driver does not let this user in", nvidiaPermissions}
	case nvml.ERROR_LIB_RM_VERSION_MISMATCH:
		return &problem{Failed, "library and kernel module are of different versions", restartAfterUpdate}
	case nvml.ERROR_GPU_NOT_FOUND, nvml.ERROR_NOT_FOUND:
		return &problem{state: None, detail: "the driver runs and has no GPU"}
	case nvml.ERROR_GPU_IS_LOST, nvml.ERROR_RESET_REQUIRED:
		return &problem{Failed, "a GPU does not answer: " + returnName(ret), "restart the machine; if it comes back, check power and slot"}
	default:
		return &problem{state: Failed, detail: "open NVML: " + returnName(ret)}
	}
}

// returnName is the bindings' own name of a result, which needs no library.
func returnName(ret nvml.Return) string { return clean(ret.Error()) }

// GPUs reads every device. One that does not answer is left out as long as
// another does.
func (d *nvmlDriver) GPUs(ctx context.Context) ([]GPU, error) {
	if err := d.enter(ctx); err != nil {
		return nil, err
	}
	defer d.leave()
	driver, _ := d.lib.SystemGetDriverVersion()
	cuda := d.cudaVersion()
	var gpus []GPU
	err := d.each(ctx, func(i int, dev nvml.Device) {
		g := d.gpu(i, dev)
		g.Driver, g.CUDA = clean(driver), cuda
		gpus = append(gpus, g)
	})
	if len(gpus) > 0 {
		return gpus, nil
	}
	return nil, err
}

// each calls f for every device that can be opened.
func (d *nvmlDriver) each(ctx context.Context, f func(int, nvml.Device)) error {
	n, ret := d.lib.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return initProblem(ret)
	}
	if n == 0 {
		return &problem{state: None, detail: "the driver runs and has no GPU"}
	}
	var lost error
	for i := range min(n, mostGPUs) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		dev, ret := d.lib.DeviceGetHandleByIndex(i)
		if ret != nvml.SUCCESS {
			lost = initProblem(ret)
			continue
		}
		f(i, dev)
	}
	return lost
}

// Live reads what changes, quickly.
func (d *nvmlDriver) Live(ctx context.Context) ([]Live, error) {
	if err := d.enter(ctx); err != nil {
		return nil, err
	}
	defer d.leave()
	var all []Live
	err := d.each(ctx, func(i int, dev nvml.Device) {
		l := Live{Index: i, Processes: d.processes(dev)}
		l.Used = d.memory(dev).Used
		l.Load, l.Temperature, l.Watts = d.load(dev), d.temperature(dev), d.watts(dev)
		if mhz, ok := ask(d, "nvmlDeviceGetClockInfo", func() (uint32, nvml.Return) { return dev.GetClockInfo(nvml.CLOCK_SM) }); ok {
			l.CoreMHz = int(mhz)
		}
		all = append(all, l)
	})
	if len(all) > 0 {
		return all, nil
	}
	return nil, err
}
