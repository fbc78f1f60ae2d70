package detect

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"sync"
)

// smiDriver asks the program nvidia-smi, which every NVIDIA driver brings. It
// serves where NVML cannot be called: Windows, and builds without cgo.
type smiDriver struct{ m *machine }

func (d smiDriver) Name() string { return "nvidia-smi" }
func (d smiDriver) Close() error { return nil }

// smiPrograms are where nvidia-smi may be; the last is where WSL has it.
func smiPrograms() []string { return []string{"nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi"} }

// smiBasic are the fields that every nvidia-smi of the last ten years knows.
func smiBasic() []string {
	return []string{
		"index", "name", "uuid", "driver_version", "pci.bus_id", "pci.device_id", "pci.sub_device_id",
		"memory.total", "memory.used", "memory.free", "utilization.gpu", "temperature.gpu",
		"power.draw", "power.limit", "clocks.sm", "clocks.max.sm", "clocks.mem", "clocks.max.mem",
		"pcie.link.gen.current", "pcie.link.gen.max", "pcie.link.width.current", "pcie.link.width.max",
	}
}

// smiFull adds newer ones. An nvidia-smi that does not know a field refuses the
// whole query, so the basic ones follow as a second try.
func smiFull() []string {
	return append(smiBasic(), "memory.reserved", "compute_cap", "mig.mode.current")
}

// GPUs asks for the devices first, then at once for all that is apart.
func (d smiDriver) GPUs(ctx context.Context) ([]GPU, error) {
	program, gpus, err := d.devices(ctx, smiFull(), smiBasic())
	if err != nil || len(gpus) == 0 {
		return gpus, err
	}
	var cuda string
	var apps, details []byte
	var all sync.WaitGroup
	all.Go(func() { cuda = parseSMIVersion(d.output(ctx, program, "--version")) })
	all.Go(func() { apps = d.processes(ctx, program) })
	if slices.ContainsFunc(gpus, func(g GPU) bool { return g.MIG != nil && g.MIG.Enabled }) {
		all.Go(func() { details = d.output(ctx, program, "-q", "-x") })
	}
	all.Wait() // all three end with the context
	addProcesses(gpus, apps)
	addInstances(gpus, details)
	for i := range gpus {
		gpus[i].CUDA = cuda
	}
	return gpus, nil
}

// Live asks for what changes.
func (d smiDriver) Live(ctx context.Context) ([]Live, error) {
	program, gpus, err := d.devices(ctx, smiBasic())
	if err != nil {
		return nil, err
	}
	addProcesses(gpus, d.processes(ctx, program))
	live := make([]Live, len(gpus))
	for i, g := range gpus {
		live[i] = Live{Index: g.Index, Used: g.Memory.Used, Load: g.Load, Temperature: g.Temperature, Watts: g.Watts, Processes: g.Processes}
		if g.Clocks != nil {
			live[i].CoreMHz = g.Clocks.Core
		}
	}
	return live, nil
}

func (d smiDriver) processes(ctx context.Context, program string) []byte {
	return d.output(ctx, program, "--query-compute-apps=gpu_uuid,pid,process_name,used_memory", "--format=csv,noheader,nounits")
}

// output is what the program prints, nothing when it fails: what it would
// have told stays unknown.
func (d smiDriver) output(ctx context.Context, program string, args ...string) []byte {
	b, err := d.m.Command(ctx, program, args...)
	if err != nil {
		return nil
	}
	return b
}

// devices finds a program that runs and asks it for the first of the field
// lists that it understands.
func (d smiDriver) devices(ctx context.Context, tries ...[]string) (string, []GPU, error) {
	for _, program := range smiPrograms() {
		if strings.HasPrefix(program, "/") && !d.m.exists(program) {
			continue
		}
		for _, fields := range tries {
			b, err := d.m.Command(ctx, program, "--query-gpu="+strings.Join(fields, ","), "--format=csv,noheader,nounits")
			switch {
			case err == nil:
				return program, parseSMI(b, fields), nil
			case ctx.Err() != nil:
				return "", nil, &problem{Timeout, "nvidia-smi did not answer in time", hungDriver}
			}
			if p := smiProblem(string(b)); p != nil {
				return "", nil, p
			}
			if errors.Is(err, exec.ErrNotFound) {
				break
			}
		}
	}
	return "", nil, &problem{state: Missing, detail: "nvidia-smi is not installed or does not run"}
}

// smiProblem recognises what nvidia-smi prints when it fails for a reason
// that asking for less does not mend.
func smiProblem(output string) *problem {
	lower := strings.ToLower(output)
	switch {
	case strings.Contains(lower, "no devices were found"):
		return &problem{state: None, detail: "the driver runs and has no GPU"}
	case strings.Contains(lower, "driver/library version mismatch"):
		return &problem{Failed, clean(output), restartAfterUpdate}
	case strings.Contains(lower, "insufficient permissions"):
		return &problem{Denied, clean(output), nvidiaPermissions}
	case strings.Contains(lower, "couldn't communicate with the nvidia driver"):
		return &problem{state: Missing, detail: "nvidia-smi is there, the driver does not run"}
	default:
		return nil
	}
}

// What helps against failures of NVIDIA's driver.
const (
	nvidiaPermissions  = "open /dev/nvidia* to your user: the group is often video (sudo usermod -aG video $USER, then log in again)"
	restartAfterUpdate = "the driver was updated while its old module runs: restart the machine"
	hungDriver         = "the driver may hang: look at the kernel's log (dmesg), then restart the machine"
)
