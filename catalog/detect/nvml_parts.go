//go:build linux && cgo

package detect

import (
	"fmt"
	"math"
	"slices"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// mostLinks is how many NVLink ports a GPU may have; NVML's own bound is 18.
const mostLinks = 32

// nvlink counts the connections that are up and lists their other ends.
func (d *nvmlDriver) nvlink(dev nvml.Device) *NVLink {
	var n NVLink
	for port := range mostLinks {
		state, ok := ask(d, "nvmlDeviceGetNvLinkState", func() (nvml.EnableState, nvml.Return) { return dev.GetNvLinkState(port) })
		if !ok {
			break
		}
		if state != nvml.FEATURE_ENABLED {
			continue
		}
		n.Active++
		if v, ok := ask(d, "nvmlDeviceGetNvLinkVersion", func() (uint32, nvml.Return) { return dev.GetNvLinkVersion(port) }); ok {
			n.Version = int(v)
		}
		far, ok := ask(d, "nvmlDeviceGetNvLinkRemotePciInfo", func() (nvml.PciInfo, nvml.Return) { return dev.GetNvLinkRemotePciInfo(port) })
		if a := busID(far); ok && a != "" && !slices.Contains(n.Peers, a) {
			n.Peers = append(n.Peers, a)
		}
	}
	if n.Active == 0 {
		return nil
	}
	return &n
}

// mig reads whether the card is divided, and its instances.
func (d *nvmlDriver) mig(dev nvml.Device) *MIG {
	mode, ok := ask(d, "nvmlDeviceGetMigMode", func() (int, nvml.Return) {
		now, _, ret := dev.GetMigMode()
		return now, ret
	})
	if !ok {
		return nil // a card that cannot be divided
	}
	m := MIG{Enabled: mode == nvml.DEVICE_MIG_ENABLE}
	if !m.Enabled {
		return &m
	}
	n, ok := ask(d, "nvmlDeviceGetMaxMigDeviceCount", dev.GetMaxMigDeviceCount)
	if !ok {
		return &m
	}
	users := d.users(dev)
	for i := range min(n, mostGPUs) {
		part, ok := ask(d, "nvmlDeviceGetMigDeviceHandleByIndex", func() (nvml.Device, nvml.Return) { return dev.GetMigDeviceHandleByIndex(i) })
		if ok && part != nil {
			m.Instances = append(m.Instances, d.instance(part, users))
		}
	}
	return &m
}

func (d *nvmlDriver) instance(part nvml.Device, users []user) MIGInstance {
	var in MIGInstance
	name, _ := ask(d, "nvmlDeviceGetName", part.GetName)
	uuid, _ := ask(d, "nvmlDeviceGetUUID", part.GetUUID)
	in.Name, in.UUID = clean(name), clean(uuid)
	in.GPU, _ = ask(d, "nvmlDeviceGetGpuInstanceId", part.GetGpuInstanceId)
	in.Compute, _ = ask(d, "nvmlDeviceGetComputeInstanceId", part.GetComputeInstanceId)
	in.Memory = d.memory(part)
	if a, ok := ask(d, "nvmlDeviceGetAttributes", part.GetAttributes); ok {
		in.SMs = int(a.MultiprocessorCount)
		if size, ok := sizeOf(int64(a.MemorySizeMB), 20); ok && in.Memory.Total == 0 { //nolint:gosec // sizeOf refuses what overflowed
			in.Memory = Memory{Total: size, Basis: "NVML, attributes of the instance"}
		}
	}
	if in.Name == "" {
		in.Name = fmt.Sprintf("MIG %d/%d", in.GPU, in.Compute)
	}
	for _, u := range users {
		if u.instance == in.GPU {
			in.Processes = append(in.Processes, u.Process)
		}
	}
	return in
}

// noInstance is what NVML gives for processes on an undivided card.
const noInstance = math.MaxUint32

// user is a process and the part of a divided card that it runs on.
type user struct {
	Process
	instance int // -1 on an undivided card
}

// processes lists who uses the device's memory.
func (d *nvmlDriver) processes(dev nvml.Device) []Process {
	users := d.users(dev)
	all := make([]Process, len(users))
	for i, u := range users {
		all[i] = u.Process
	}
	return all
}

// users is processes with their instances. A process that computes and draws
// is listed once, as computing.
func (d *nvmlDriver) users(dev nvml.Device) []user {
	var all []user
	for _, q := range []struct {
		kind, symbol string
		call         func() ([]nvml.ProcessInfo, nvml.Return)
	}{
		{"compute", "nvmlDeviceGetComputeRunningProcesses", dev.GetComputeRunningProcesses},
		{"graphics", "nvmlDeviceGetGraphicsRunningProcesses", dev.GetGraphicsRunningProcesses},
	} {
		found, ok := ask(d, q.symbol, q.call)
		if !ok {
			continue
		}
		for _, p := range found {
			known := slices.ContainsFunc(all, func(u user) bool { return u.PID == int(p.Pid) })
			if !known && len(all) < mostProcesses {
				all = append(all, d.user(p, q.kind))
			}
		}
	}
	return all
}

func (d *nvmlDriver) user(p nvml.ProcessInfo, kind string) user {
	u := user{Process: Process{PID: int(p.Pid), Kind: kind}, instance: -1}
	if used, ok := bytesOf(p.UsedGpuMemory); ok { // all bits set: not available
		u.Used = &used
	}
	if p.GpuInstanceId != noInstance {
		u.instance = int(p.GpuInstanceId)
	}
	if name, ok := ask(d, "nvmlSystemGetProcessName", func() (string, nvml.Return) { return d.lib.SystemGetProcessName(u.PID) }); ok {
		u.Name = programName(name)
	}
	return u
}
