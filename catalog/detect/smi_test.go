package detect

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// measured turns the recorded query of a real H100, which has headings and
// units, into what the query without them prints, in the order of fields.
func measured(t *testing.T, fields []string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/h100/nvml_query.csv")
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	known := map[string]string{"index": "0"}
	for i, heading := range rows[0] {
		name, _, _ := strings.Cut(heading, " [")
		name = strings.Replace(strings.Replace(name, "clocks.current.", "clocks.", 1), "clocks.memory", "clocks.mem", 1)
		name = strings.Replace(name, "clocks.max.memory", "clocks.max.mem", 1)
		known[name], _, _ = strings.Cut(rows[1][i], " ")
		if name == "name" {
			known[name] = rows[1][i]
		}
	}
	var cells []string
	for _, f := range fields {
		v, ok := known[f]
		if !ok {
			v = "[N/A]"
		}
		cells = append(cells, v)
	}
	return strings.Join(cells, ", ") + "\n"
}

func TestSMIMeasured(t *testing.T) {
	o := on(t, desktop())
	o.Command = programs{"nvidia-smi": func(args []string) (string, error) {
		switch {
		case strings.HasPrefix(args[0], "--query-gpu="):
			return measured(t, strings.Split(strings.TrimPrefix(args[0], "--query-gpu="), ",")), nil
		case args[0] == "--version":
			return "NVIDIA-SMI version  : 580.159.04\nNVML version        : 580.159\nDRIVER version      : 580.159.04\nCUDA Version        : 13.0\n", nil
		default:
			return "", nil
		}
	}}.run
	r := Run(t.Context(), loadCatalog(t), o)
	g := only(t, r)
	if g.Name != "NVIDIA H100 80GB HBM3" || g.Driver != "580.159.04" || g.CUDA != "13.0" || g.RecordID != "nvidia-h100-sxm5-80gb" {
		t.Errorf("%q, driver %q, CUDA %q, record %q", g.Name, g.Driver, g.CUDA, g.RecordID)
	}
	if g.Memory.Total != 81559<<20 || g.Memory.Reserved != 480<<20 || value(t, "used", g.Memory.Used) != 0 || value(t, "free", g.Memory.Free) != 81079<<20 {
		t.Errorf("memory = %+v", g.Memory)
	}
	if g.Memory.Capacity() != 81079<<20 {
		t.Errorf("capacity = %d MiB, want the 81,079 that a runtime sees", g.Memory.Capacity()>>20)
	}
	if g.ComputeCapability != 9 || value(t, "watts", g.Watts) != 78.87 || value(t, "temperature", g.Temperature) != 45 || value(t, "limit", g.WattsLimit) != 700 {
		t.Errorf("%+v", g)
	}
	if *g.Clocks != (Clocks{345, 1980, 2619, 2619}) || g.MIG == nil || g.MIG.Enabled {
		t.Errorf("clocks %+v, MIG %+v", g.Clocks, g.MIG)
	}
	if g.Link.Gen != 5 || g.Link.Width != 16 || g.Load != nil {
		t.Errorf("link %+v, load %v; the load was not asked for and is not known", g.Link, g.Load)
	}
}

func TestSMICells(t *testing.T) {
	fields := []string{"index", "name", "memory.total", "memory.reserved", "memory.used", "memory.free", "power.draw", "temperature.gpu", "mig.mode.current"}
	tests := []struct {
		name, line string
		total      int64
		used       int64 // -1 = not known
		integral   bool
	}{
		{"GB10", "0, NVIDIA GB10, [N/A], [N/A], [N/A], [N/A], 4.5, 38, [N/A]", 0, -1, true},
		{"Jetson", "0, Orin (nvgpu), [N/A], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A]", 0, -1, true},
		{"not supported", "0, X, Not Supported, [Not Supported], [Not Supported], [Not Supported], [Not Supported], 40, N/A", 0, -1, true},
		{"lost in the middle", "0, X, 24564, 300, [Unknown Error], [GPU is lost], [Unknown Error], [Unknown Error], Disabled", 24564 << 20, -1, false},
		{"no permission", "0, X, 24564, [N/A], [Insufficient Permissions], 20000, 30, 40, Disabled", 24564 << 20, -1, false},
		{"nonsense", "0, X, -5, abc, 9999999999999999999999, 1e3, NaN, inf, maybe", 0, -1, true},
		{"empty cells", "0, X, , , , , , ,", 0, -1, false},
		{"all well", "0, X, 24564, 300, 512, 23752, 30, 40, Disabled", 24564 << 20, 512 << 20, false},
	}
	for _, tt := range tests {
		gpus := parseSMI([]byte(tt.line+"\n"), fields)
		if len(gpus) != 1 {
			t.Errorf("%s: %d GPUs", tt.name, len(gpus))
			continue
		}
		g := gpus[0]
		used := int64(-1)
		if g.Memory.Used != nil {
			used = *g.Memory.Used
		}
		if g.Memory.Total != tt.total || used != tt.used || g.integral != tt.integral {
			t.Errorf("%s: total %d, used %d, integral %v; want %d, %d, %v", tt.name, g.Memory.Total, used, g.integral, tt.total, tt.used, tt.integral)
		}
	}
	for _, junk := range []string{"", "\n\n", "WARNING: infoROM is corrupted at gpu 0000:01:00.0\n", "a,b\n", "x, X, 1, 1, 1, 1, 1, 1, 1\n", "\x00\xff,\"\n"} {
		if gpus := parseSMI([]byte(junk), fields); len(gpus) != 0 {
			t.Errorf("%q gave %+v", junk, gpus)
		}
	}
}

func TestSMIOldProgram(t *testing.T) {
	o := on(t, desktop())
	o.Command = programs{"nvidia-smi": func(args []string) (string, error) {
		switch {
		case strings.Contains(args[0], "memory.reserved"):
			return "Field \"memory.reserved\" is not a valid field to query.\n", errors.New("exit status 2")
		case strings.HasPrefix(args[0], "--query-gpu="):
			return "0, Tesla K80, GPU-1, 470.1, 00000000:04:00.0, 0x102D10DE, 0x106C10DE, 11441, 1200, 10241, 3, 50, 60.1, 149.0, 562, 875, 2505, 2505, 3, 3, 16, 16\n", nil
		case strings.HasPrefix(args[0], "--query-compute-apps"):
			return "GPU-1, 4242, /usr/bin/python3, 1100\nGPU-2, 1, other, 5\nGPU-1, 4243, C:\\llama\\server.exe, [N/A]\n", nil
		default:
			return "", errors.New("exit status 1")
		}
	}}.run
	r := Run(t.Context(), nil, o)
	g := only(t, r)
	if g.Name != "Tesla K80" || g.Memory.Reserved != 0 || g.PCI.ID != "10de:102d" || g.PCI.Address != "0000:04:00.0" || g.CUDA != "" {
		t.Errorf("%+v %+v", g, g.PCI)
	}
	if len(g.Processes) != 2 || g.Processes[0].Name != "python3" || *g.Processes[0].Used != 1100<<20 || g.Processes[1].Name != "server.exe" || g.Processes[1].Used != nil {
		t.Errorf("processes = %+v", g.Processes)
	}
}

func TestSMIProblems(t *testing.T) {
	for output, want := range map[string]State{
		"No devices were found\n": None,
		"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n": None,
		"Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.95\n":                                                        Failed,
		"Failed to initialize NVML: Insufficient Permissions\n":                                                                                             Denied,
	} {
		o := on(t, desktop())
		o.Command = programs{"nvidia-smi": func([]string) (string, error) { return output, errors.New("exit status 9") }}.run
		if s := source(t, Run(t.Context(), nil, o), "nvidia-smi"); s.State != want {
			t.Errorf("%q: %+v, want %s", output, s, want)
		}
	}
}

func TestSMIOnWindowsAndWSL(t *testing.T) {
	line := "0, NVIDIA GeForce RTX 4090, GPU-1, 580.1, 00000000:01:00.0, 0x268410DE, 0x16F310DE, 24564, 1200, 23000, 3, 50, 60.1, 450, 562, 875, 2505, 2505, 1, 4, 16, 16, 364, 8.9, [N/A]\n"
	answer := func(args []string) (string, error) {
		if strings.HasPrefix(args[0], "--query-gpu") {
			return line, nil
		}
		return "", nil
	}
	windows := on(t, tree{})
	windows.GOOS, windows.Command = "windows", programs{"nvidia-smi": answer}.run
	wsl := on(t, desktop().with(tree{"/usr/lib/wsl/lib/nvidia-smi": "", "/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n"}))
	wsl.Command = programs{"/usr/lib/wsl/lib/nvidia-smi": answer}.run
	for name, o := range map[string]Options{"Windows": windows, "WSL": wsl} {
		r := Run(t.Context(), loadCatalog(t), o)
		if g := only(t, r); g.RecordID != "nvidia-geforce-rtx-4090" && g.Record == nil {
			t.Errorf("%s: record %q of %+v", name, g.RecordID, g)
		}
		if wantWSL := map[string]int{"WSL": 2}[name]; r.Host.WSL != wantWSL {
			t.Errorf("%s: WSL = %d, want %d", name, r.Host.WSL, wantWSL)
		}
	}
}

// dividedLog is the part of a log that tells of one MIG instance.
const dividedLog = `<nvidia_smi_log><gpu id="0"><uuid>GPU-1</uuid><mig_devices>
<mig_device><index>0</index><gpu_instance_id>7</gpu_instance_id><compute_instance_id>0</compute_instance_id>
<device_attributes><shared><multiprocessor_count>14</multiprocessor_count></shared></device_attributes>
<fb_memory_usage><total>4864 MiB</total><reserved>0 MiB</reserved><used>12 MiB</used><free>4851 MiB</free></fb_memory_usage></mig_device>
</mig_devices></gpu></nvidia_smi_log>`

func TestSMIInstances(t *testing.T) {
	gpus := []GPU{{Name: "NVIDIA A100-SXM4-40GB", UUID: "GPU-1", MIG: &MIG{Enabled: true}}, {Name: "B", UUID: "GPU-2", MIG: &MIG{}}}
	addInstances(gpus, []byte(dividedLog))
	if len(gpus[0].MIG.Instances) != 1 || len(gpus[1].MIG.Instances) != 0 {
		t.Fatalf("%+v", gpus)
	}
	in := gpus[0].MIG.Instances[0]
	if in.GPU != 7 || in.SMs != 14 || in.Memory.Total != 4864<<20 || *in.Memory.Used != 12<<20 {
		t.Errorf("%+v", in)
	}
	real, err := os.ReadFile("testdata/h100/nvml.xml")
	if err != nil {
		t.Fatal(err)
	}
	undivided := []GPU{{UUID: "(removed)", MIG: &MIG{Enabled: true}}}
	addInstances(undivided, real)
	if !slices.ContainsFunc(undivided, func(g GPU) bool { return len(g.MIG.Instances) == 0 }) {
		t.Errorf("instances on an undivided card: %+v", undivided)
	}
}
