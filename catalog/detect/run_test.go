package detect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRunWithoutGPU(t *testing.T) {
	r := Run(t.Context(), nil, on(t, desktop()))
	if len(r.GPUs) != 0 || len(r.Usable()) != 0 {
		t.Errorf("GPUs = %+v, want none", r.GPUs)
	}
	for _, name := range []string{"nvidia-smi", "AMD (sysfs)", "Intel (sysfs)"} {
		if s := source(t, r, name); s.State != None || s.Fix != "" {
			t.Errorf("%s = %+v, want none and nothing to mend", name, s)
		}
	}
	if s := source(t, r, "procfs"); s.State != Found {
		t.Errorf("procfs = %+v, want found", s)
	}
	if r.Host.Total != 64*gib || r.Host.Available != 48*gib || r.Host.Used() != 16*gib {
		t.Errorf("RAM = %d, available %d, used %d; want 64, 48 and 16 GiB", r.Host.Total, r.Host.Available, r.Host.Used())
	}
}

func TestRunOneAndEightGPUs(t *testing.T) {
	c := loadCatalog(t)
	for _, n := range []int{1, 8} {
		d := &fakeDriver{}
		for i := range n {
			d.gpus = append(d.gpus, GPU{
				Index: i, Name: "NVIDIA H100 80GB HBM3", UUID: fmt.Sprintf("GPU-%d", i), Vendor: "nvidia", Source: "NVML",
				Memory: Memory{Total: 85520809984, Reserved: 503316480, Used: new(int64(0))},
				PCI:    &PCI{ID: "10de:2330", Address: fmt.Sprintf("0000:%02x:00.0", i+1)},
				Link:   &Link{Gen: 1, GenMax: 5, Width: 16, WidthMax: 16},
			})
		}
		o := on(t, desktop())
		o.NVIDIA = func() Driver { return d }
		r := Run(t.Context(), c, o)
		if len(r.GPUs) != n || len(r.Usable()) != n {
			t.Fatalf("%d GPUs, %d usable, want %d", len(r.GPUs), len(r.Usable()), n)
		}
		for i, g := range r.GPUs {
			if g.Index != i || g.RecordID != "nvidia-h100-sxm5-80gb" || g.Record == nil {
				t.Errorf("GPU %d: index %d, record %q", i, g.Index, g.RecordID)
			}
			// What the CUDA runtime gave as its total on that card.
			if g.Memory.Capacity() != 85017493504 {
				t.Errorf("capacity = %d, want the total less the driver's reserve", g.Memory.Capacity())
			}
			// The link rests at generation 1; under load it is 5: 16 lanes × 3.938 GB/s.
			if g.Link.GBs < 62 || g.Link.GBs > 64 {
				t.Errorf("PCIe = %.1f GB/s, want about 63", g.Link.GBs)
			}
			if g.Memory.Unified || g.ComputeCapability != 9 {
				t.Errorf("unified %v, compute capability %v; want false, 9", g.Memory.Unified, g.ComputeCapability)
			}
		}
		if slices.ContainsFunc(r.Sources, func(s Source) bool { return s.Name == "nvidia-smi" }) {
			t.Error("nvidia-smi was asked although NVML answered")
		}
		if d.closed != 1 {
			t.Errorf("the library was closed %d times, want once", d.closed)
		}
	}
}

func TestRunHungDriverDelaysNothing(t *testing.T) {
	d := &fakeDriver{hang: make(chan struct{}), gpus: []GPU{{Name: "late"}}}
	defer close(d.hang) // lets the goroutine end, as goleak checks
	o := on(t, desktop().with(radeon("card0")))
	o.Limit = 500 * time.Millisecond
	o.NVIDIA = func() Driver { return d }
	start := time.Now()
	r := Run(t.Context(), nil, o)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v with a limit of %v", took, o.Limit)
	}
	if s := source(t, r, "NVIDIA"); s.State != Timeout || s.Fix == "" {
		t.Errorf("NVIDIA = %+v, want a timeout with a way to mend it", s)
	}
	if g := only(t, r); g.Vendor != "amd" {
		t.Errorf("GPU = %+v, want the Radeon that answered", g)
	}
	if r.Host.Total != 64*gib {
		t.Errorf("RAM = %d, want 64 GiB", r.Host.Total)
	}
}

func TestRunHungProgram(t *testing.T) {
	o := on(t, desktop())
	o.Limit = 500 * time.Millisecond
	o.Command = func(ctx context.Context, name string, args ...string) ([]byte, error) {
		return runProgram(ctx, "sleep", "30")
	}
	start := time.Now()
	r := Run(t.Context(), nil, o)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	if !slices.ContainsFunc(r.Sources, func(s Source) bool { return s.State == Timeout }) {
		t.Errorf("sources = %+v, want a timeout", r.Sources)
	}
}

func TestRunCancelled(t *testing.T) {
	d := &fakeDriver{hang: make(chan struct{})}
	defer close(d.hang)
	o := on(t, desktop())
	o.Limit = time.Minute
	o.NVIDIA = func() Driver { return d }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	Run(ctx, nil, o)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v after its context had ended", took)
	}
}

func TestRunSurvivesAPanic(t *testing.T) {
	o := on(t, desktop())
	o.NVIDIA = func() Driver { panic("the binding\x1b[2J broke") }
	r := Run(t.Context(), nil, o)
	if s := source(t, r, "NVIDIA"); s.State != Failed || !strings.Contains(s.Detail, "binding[2J broke") {
		t.Errorf("NVIDIA = %+v, want an error without escape characters", s)
	}
	if r.Host.Total == 0 {
		t.Error("the host was lost")
	}
}

func TestNVIDIAFailures(t *testing.T) {
	card := func(driver string) tree {
		return tree{
			"/sys/bus/pci/devices/0000:01:00.0/class":  "0x030000\n",
			"/sys/bus/pci/devices/0000:01:00.0/uevent": "DRIVER=" + driver + "\nPCI_ID=10DE:2684\nPCI_SLOT_NAME=0000:01:00.0\n",
		}
	}
	missing := &problem{state: Missing, detail: "the library libnvidia-ml.so.1 is not there"}
	tests := []struct {
		name   string
		files  tree
		err    error
		source string
		state  State
		fix    string
	}{
		{"no card, no library", nil, missing, "NVML", None, ""},
		{"driver without GPU", tree{"/dev/nvidiactl": ""}, &problem{state: None, detail: "no GPU"}, "NVML", None, ""},
		{"card under nouveau", card("nouveau"), missing, "NVML", Missing, "nouveau"},
		{"card without driver", card(""), missing, "NVML", Missing, "install NVIDIA's driver"},
		{"card given to a virtual machine", card("vfio-pci"), missing, "NVML", Missing, "vfio-pci"},
		{"driver without its library", card("nvidia").with(tree{"/dev/nvidiactl": ""}), missing, "NVML", Missing, "libnvidia-ml"},
		{"container without the GPU", card("nvidia").with(tree{"/.dockerenv": ""}), missing, "NVML", Missing, "--gpus all"},
		{"no permission", card("nvidia"), &problem{Denied, "not let in", nvidiaPermissions}, "NVML", Denied, "usermod"},
		{"updated driver", card("nvidia"), &problem{Failed, "versions differ", restartAfterUpdate}, "NVML", Failed, "restart"},
		{"any other error", card("nvidia"), errors.New("odd"), "NVML", Failed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := on(t, desktop().with(tt.files))
			o.NVIDIA = func() Driver { return &fakeDriver{err: tt.err} }
			s := source(t, Run(t.Context(), nil, o), tt.source)
			if s.State != tt.state || !strings.Contains(s.Fix, tt.fix) || tt.fix == "" && s.Fix != "" {
				t.Errorf("%+v, want state %q and a fix with %q", s, tt.state, tt.fix)
			}
		})
	}
}

func TestUsableWithMIG(t *testing.T) {
	part := func(uuid string, gb int64) MIGInstance {
		return MIGInstance{Name: "NVIDIA A100-SXM4-80GB MIG 3g.40gb", UUID: uuid, Memory: Memory{Total: gb * gib}}
	}
	for visible, want := range map[string][]int64{"": {40 * gib, 39 * gib}, "MIG-b": {39 * gib}, "0": {40 * gib, 39 * gib}, "7": nil} {
		d := &fakeDriver{gpus: []GPU{{
			Name: "NVIDIA A100-SXM4-80GB", Vendor: "nvidia", Memory: Memory{Total: 80 * gib},
			MIG: &MIG{Enabled: true, Instances: []MIGInstance{part("MIG-a", 40), part("MIG-b", 39)}},
		}}}
		o := on(t, desktop())
		o.NVIDIA = func() Driver { return d }
		o.Getenv = func(name string) string {
			if name == "CUDA_VISIBLE_DEVICES" {
				return visible
			}
			return ""
		}
		var got []int64
		for _, g := range Run(t.Context(), nil, o).Usable() {
			got = append(got, g.Memory.Total)
		}
		if !slices.Equal(got, want) {
			t.Errorf("CUDA_VISIBLE_DEVICES=%q: %v, want %v", visible, got, want)
		}
	}
}

func TestHiddenGPUs(t *testing.T) {
	for value, want := range map[string]string{
		"":             "shown shown shown",
		"0,2":          "shown hidden shown",
		"GPU-bb":       "hidden shown hidden",
		"1,x,2":        "hidden shown hidden", // the runtime stops at what it cannot read
		"-1":           "hidden hidden hidden",
		"NoDevFiles":   "hidden hidden hidden",
		" 2 , 0 ":      "shown hidden shown",
		"GPU-aa,GPU-c": "shown hidden shown",
	} {
		r := Report{GPUs: []GPU{
			{Index: 0, Vendor: "nvidia", UUID: "GPU-aa"}, {Index: 1, Vendor: "nvidia", UUID: "GPU-bb"}, {Index: 2, Vendor: "nvidia", UUID: "GPU-cc"},
		}}
		r.hide(func(name string) string {
			if name == "CUDA_VISIBLE_DEVICES" {
				return value
			}
			return ""
		})
		var got []string
		for _, g := range r.GPUs {
			got = append(got, map[bool]string{true: "hidden", false: "shown"}[g.Hidden])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("CUDA_VISIBLE_DEVICES=%q: %v, want %s", value, got, want)
		}
		if strings.Contains(want, "hidden") != (len(r.Sources) == 1) {
			t.Errorf("CUDA_VISIBLE_DEVICES=%q: sources %+v", value, r.Sources)
		}
	}
}
