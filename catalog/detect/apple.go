package detect

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// probeApple asks system_profiler for the GPUs, and sysctl for the memory that
// they share and the limit that the user may have set.
func probeApple(ctx context.Context, m *machine) finding {
	profiled := make(chan []GPU, 1)
	failed := make(chan error, 1)
	go func() {
		b, err := m.Command(ctx, "system_profiler", "SPDisplaysDataType", "-json")
		if err != nil {
			failed <- fmt.Errorf("ask system_profiler for the displays: %w", err)
			return
		}
		gpus, err := parseProfiler(b)
		if err != nil {
			failed <- err
			return
		}
		profiled <- gpus
	}()
	sys := m.sysctl(ctx, "hw.memsize", "machdep.cpu.brand_string", "iogpu.wired_limit_mb")
	var gpus []GPU
	var err error
	select {
	case gpus = <-profiled:
	case err = <-failed:
	case <-ctx.Done():
		err = &problem{Timeout, "system_profiler did not answer in time", ""}
	}
	if len(gpus) == 0 && strings.HasPrefix(sys["machdep.cpu.brand_string"], "Apple ") {
		gpus = []GPU{appleGPU(sys["machdep.cpu.brand_string"], 0)} // the chip's name is the GPU's
	}
	memory, _ := whole(sys["hw.memsize"])
	limit, _ := whole(sys["iogpu.wired_limit_mb"])
	for i := range gpus {
		gpus[i].Index = i
		if gpus[i].integral && memory > 0 {
			gpus[i].Memory.Total, gpus[i].Memory.Basis = metalLimit(memory, limit)
		}
	}
	return finding{gpus: gpus, sources: []Source{sourceOf("system_profiler", len(gpus), detailOf(gpus), err)}}
}

// metalLimit is how much of the memory the GPU may take: what the user set, or
// the system's rule, two thirds up to 32 GiB and three quarters above. (Newer
// systems allow more on some machines; the record's note tells.)
func metalLimit(memory, limitMiB int64) (int64, string) {
	if set, ok := sizeOf(limitMiB, 20); ok && set > 0 {
		return min(set, memory), "iogpu.wired_limit_mb, set by the user"
	}
	const rule = "macOS's default share: "
	if memory <= 32<<30 {
		return memory / 3 * 2, rule + "2/3 of the memory"
	}
	return memory / 4 * 3, rule + "3/4 of the memory"
}

func appleGPU(name string, cores int) GPU {
	return GPU{Name: name, Vendor: "apple", Backend: "metal", Source: "system_profiler", GPUCores: cores, integral: true}
}

// profile is the part of system_profiler's answer that counts here.
type profile struct {
	Displays []struct {
		Name   string `json:"_name"`
		Model  string `json:"sppci_model"`
		Cores  string `json:"sppci_cores"`
		Vendor string `json:"spdisplays_vendor"`
		VRAM   string `json:"spdisplays_vram"`
		Shared string `json:"spdisplays_vram_shared"`
	} `json:"SPDisplaysDataType"`
}

// parseProfiler reads "system_profiler SPDisplaysDataType -json".
func parseProfiler(b []byte) ([]GPU, error) {
	var p profile
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("read system_profiler's answer: %w", err)
	}
	var gpus []GPU
	for _, d := range p.Displays {
		name := clean(d.Model)
		if name == "" {
			name = clean(d.Name)
		}
		if name == "" || len(gpus) == mostGPUs {
			continue
		}
		cores, _ := whole(d.Cores)
		if cores > 1<<16 {
			cores = 0
		}
		g := appleGPU(name, int(cores))
		if !strings.HasPrefix(name, "Apple ") {
			g.Vendor, g.GPUCores, g.integral = macVendor(name, d.Vendor), 0, d.Shared != ""
			if size, ok := profilerSize(d.VRAM); ok {
				g.Memory = Memory{Total: size, Basis: "system_profiler"}
			}
		}
		gpus = append(gpus, g)
	}
	return gpus, nil
}

// macVendor names the maker of a GPU in an Intel Mac.
func macVendor(name, vendor string) string {
	both := strings.ToLower(name + " " + vendor)
	for _, v := range []string{"amd", "intel", "nvidia"} {
		if strings.Contains(both, v) {
			return v
		}
	}
	return ""
}

// profilerSize reads "8 GB" or "1536 MB", which mean binary units.
func profilerSize(s string) (int64, bool) {
	number, unit, ok := strings.Cut(clean(s), " ")
	n, isNumber := whole(number)
	if !ok || !isNumber || n == 0 {
		return 0, false
	}
	switch unit {
	case "GB":
		return sizeOf(n, 30)
	case "MB":
		return sizeOf(n, 20)
	default:
		return 0, false
	}
}
