package command

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/ui/theme"
)

const gibi = 1 << 30

// workstation has a card under load, an APU and a card of which little is known.
func workstation() detect.Report {
	record := "nvidia-geforce-rtx-4090"
	return detect.Report{
		GPUs: []detect.GPU{
			{
				Name: "NVIDIA GeForce RTX 4090", UUID: "GPU-secret", Vendor: "nvidia", Backend: "cuda", Source: "NVML", RecordID: record, Record: &catalog.Device{ID: record},
				Memory: detect.Memory{Total: 24 * gibi, Reserved: gibi / 2, Used: new(int64(4 * gibi)), Free: new(int64(39 * gibi / 2)), Basis: "NVML, memory version 2"},
				Load:   new(37.0), Temperature: new(54.0), Watts: new(88.4), WattsLimit: new(450.0), ComputeCapability: 8.9, Driver: "580.1", CUDA: "13.0",
				PCI:       &detect.PCI{ID: "10de:2684", Address: "0000:01:00.0"},
				Link:      &detect.Link{Gen: 1, GenMax: 4, Width: 16, GBs: 31.5},
				Processes: []detect.Process{{PID: 42, Name: "llama-server", Used: new(int64(3 * gibi))}, {PID: 43, Name: "tiny", Used: new(int64(1 << 20))}, {PID: 44, Name: "unknown"}},
				MIG:       &detect.MIG{Instances: []detect.MIGInstance{{Name: "part", UUID: "MIG-secret"}}},
			},
			{Name: "AMD Radeon 890M", Vendor: "amd", GFX: "gfx1150", Memory: detect.Memory{Total: 40 * gibi, Unified: true, Free: new(int64(30 * gibi)), Basis: "VRAM and GTT"}},
			{Name: "Odd\x1b[31m Card", Vendor: "intel", Backend: "vulkan"},
		},
		Host: detect.Host{
			OS: "linux", CPU: "AMD Ryzen 9 7950X", Cores: 16, Threads: 32, Installed: 64 * gibi, Total: 32 * gibi, Available: 20 * gibi,
			Limit: "cgroup v2 memory.max", MemoryType: "DDR5", MemoryMTps: 5600, Channels: 2, BandwidthGBs: 89.6, BandwidthBasis: "DDR5-5600 as it runs", WSL: 2,
		},
		Sources: []detect.Source{{Name: "NVML", State: detect.Found, Detail: "1 GPU"}, {Name: "AMD (sysfs)", State: detect.Denied, Detail: "/dev/kfd", Fix: "join the group render"}},
	}
}

// asked runs one command against a report, its output no terminal.
func asked(t *testing.T, r detect.Report, args ...string) (out, errs string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	a := App{
		Out: &o, Err: &e, Environ: []string{"TERM=xterm"},
		LoadCatalog: func() (*catalog.Catalog, error) { return &catalog.Catalog{}, nil },
		Detect:      func(context.Context, *catalog.Catalog) detect.Report { return r },
	}
	status = Run(t.Context(), a, args)
	return o.String(), e.String(), status
}

func TestDetectTable(t *testing.T) {
	out, errs, status := asked(t, workstation(), "detect")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, %q", status, errs)
	}
	plain := ansi.Strip(out)
	for _, want := range []string{
		"NVIDIA GeForce RTX 4090", "23.5 GiB", "19.5 GiB", "37 %", "54 °C", "88 of 450 W", "1.0 x16 (up to 4.0)", "CUDA 8.9", "580.1, CUDA 13.0", "nvidia-geforce-rtx-4090",
		"24.0 GiB in all, less 512 MiB that the driver keeps", "process 42 llama-server 3.00 GiB",
		"its memory is the RAM's (VRAM and GTT)", "gfx1150",
		"32.0 GiB, 20.0 GiB available; limited by cgroup v2 memory.max, 64.0 GiB installed; DDR5-5600 in 2 channels", "≈90 GB/s",
		"16 cores, 32 threads", "WSL 2", "join the group render",
	} {
		if !strings.Contains(plain, want) {
			t.Errorf("no %q in\n%s", want, plain)
		}
	}
	for _, not := range []string{"secret", "tiny", "0000:01:00.0", "\x1b[31m Card", "1 GPU"} {
		if strings.Contains(out, not) {
			t.Errorf("%q in\n%s", not, out)
		}
	}
	out, _, _ = asked(t, workstation(), "detect", "--verbose")
	for _, want := range []string{"GPU-secret", "0000:01:00.0", "tiny", "NVML: found, 1 GPU"} {
		if !strings.Contains(ansi.Strip(out), want) {
			t.Errorf("--verbose: no %q in\n%s", want, out)
		}
	}
	if out, _, _ = asked(t, detect.Report{}, "detect"); !strings.Contains(out, "No GPU was found") {
		t.Errorf("without a GPU: %s", out)
	}
}

func TestDetectJSON(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		args := []string{"detect", "--json"}
		if verbose {
			args = append(args, "--verbose")
		}
		out, _, status := asked(t, workstation(), args...)
		var r detect.Report
		if err := json.Unmarshal([]byte(out), &r); err != nil || status != 0 {
			t.Fatalf("status %d, %v: %s", status, err, out)
		}
		if strings.Contains(out, "secret") != verbose {
			t.Errorf("verbose %v: %s", verbose, out)
		}
		if len(r.GPUs) != 3 || r.GPUs[0].RecordID != "nvidia-geforce-rtx-4090" || *r.GPUs[0].Memory.Used != 4*gibi || r.GPUs[2].Load != nil {
			t.Errorf("%+v", r.GPUs)
		}
	}
	if out, _, _ := asked(t, detect.Report{}, "detect", "--json"); !strings.Contains(out, `"gpus":[]`) {
		t.Errorf("an absent list must be [], never null: %s", out)
	}
}

func TestDetectDoesNotChangeTheReport(t *testing.T) {
	r := workstation()
	printable(r, false)
	if r.GPUs[0].UUID == "" || r.GPUs[0].MIG.Instances[0].UUID == "" {
		t.Error("printing took the cards' identity away from others who hold the report")
	}
}

func TestDetectRefuses(t *testing.T) {
	for _, args := range [][]string{{"detect", "--watch"}, {"detect", "--watch", "--json"}, {"detect", "now"}, {"detect", "--wach"}} {
		out, errs, status := asked(t, workstation(), args...)
		if status != 2 || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: status %d, %q, %q; want one line and status 2", args, status, out, errs)
		}
	}
}

// moving gives a load that rises by ten at each sample.
type moving struct{ samples int }

func (s *moving) Sample(context.Context) []detect.Live {
	s.samples++
	return []detect.Live{{Used: new(int64(12 * gibi)), Load: new(float64(10 * s.samples)), Temperature: new(60.0), Watts: new(300.0), CoreMHz: 2520}, {}, {}}
}
func (s *moving) RAM(context.Context) (int64, int64) { return 12 * gibi, 32 * gibi }

func TestWatchRedrawsInPlace(t *testing.T) {
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	m := meters{report: workstation(), theme: theme.New(true, true), out: &out, width: func() int { return 140 }}
	s := &moving{}
	ticks := make(chan time.Time)
	done := make(chan error)
	go func() { done <- m.watch(ctx, s, ticks) }()
	ticks <- time.Now()
	ticks <- time.Now()
	cancel()
	if err := <-done; err != nil {
		t.Fatalf("leaving is no error: %v", err)
	}
	text := out.String()
	if s.samples < 2 || !strings.Contains(text, "10 %") || !strings.Contains(text, "20 %") {
		t.Errorf("%d samples drawn as %q", s.samples, text)
	}
	// Three GPUs, the RAM and the hint stand on five lines.
	if !strings.Contains(text, "\x1b[5A\r\x1b[J") {
		t.Errorf("the second frame does not go over the first: %q", text)
	}
	for _, want := range []string{"12.0 of  23.5 GiB", "60 °C", "300 of 450 W", "2,520 MHz", "RAM", "12.0 of  32.0 GiB", "ctrl+c ends"} {
		if !strings.Contains(ansi.Strip(text), want) {
			t.Errorf("no %q in %q", want, ansi.Strip(text))
		}
	}
}

func TestWatchFitsEveryWidth(t *testing.T) {
	for width := 1; width <= 200; width++ {
		var out bytes.Buffer
		m := meters{report: workstation(), theme: theme.New(true, false), out: &out, width: func() int { return width }}
		if err := m.draw(m.lines((&moving{}).Sample(t.Context()), 1, 2)); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if w := ansi.StringWidth(strings.TrimRight(line, "\r\n")); w >= max(2, width) {
				t.Errorf("width %d: a line of %d cells: %q", width, w, line)
			}
		}
	}
}

func TestWatchAfterAResize(t *testing.T) {
	var out bytes.Buffer
	width := 100
	m := meters{theme: theme.New(true, true), out: &out, width: func() int { return width }}
	for _, width = range []int{100, 60, 60} {
		if err := m.draw([]string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(out.String(), "\x1b[2A"); n != 1 {
		t.Errorf("went up %d times, want only where the width had stayed: %q", n, out.String())
	}
}

func TestMeter(t *testing.T) {
	m := meters{theme: theme.New(true, true)}
	for share, want := range map[float64]string{0: "····", 1: "████", 0.5: "██··", 0.53125: "██▏·", -1: "····", 7: "████", 0.03125: "▏···"} {
		if got := ansi.Strip(m.meter(share, 4)); got != want {
			t.Errorf("%v is %q, want %q", share, got, want)
		}
	}
}
