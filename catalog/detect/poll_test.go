package detect

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPoller(t *testing.T) {
	d := &fakeDriver{
		gpus: []GPU{{Index: 0, Name: "A", Vendor: "nvidia", Source: "NVML"}, {Index: 1, Name: "B", Vendor: "nvidia", Source: "NVML"}},
		live: []Live{{Index: 0, Load: new(10.0)}, {Index: 1, Load: new(99.0), Used: new(int64(5))}},
	}
	o := on(t, desktop().with(radeon("card0")))
	o.NVIDIA = func() Driver { return d }
	r := Run(t.Context(), nil, o)
	p := NewPoller(r, o)
	live := p.Sample(t.Context())
	if len(live) != 3 || value(t, "load", live[0].Load) != 10 || value(t, "load", live[1].Load) != 99 || value(t, "used", live[1].Used) != 5 {
		t.Fatalf("%+v", live)
	}
	if value(t, "Radeon's load", live[2].Load) != 37 || value(t, "used", live[2].Used) != gib || live[2].CoreMHz != 2304 || live[2].Index != 2 {
		t.Errorf("%+v", live[2])
	}
	busy := filepath.Join(o.Root, "/sys/class/drm/card0/device/gpu_busy_percent")
	if err := os.WriteFile(busy, []byte("99\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if live = p.Sample(t.Context()); value(t, "load", live[2].Load) != 99 {
		t.Errorf("the second sample is the first's: %v", *live[2].Load)
	}
	if used, total := p.RAM(t.Context()); used != 16*gib || total != 64*gib {
		t.Errorf("RAM %d of %d", used, total)
	}
	before := d.closed
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if d.closed != before+1 {
		t.Errorf("closed %d times", d.closed-before)
	}
}

func TestPollerHangs(t *testing.T) {
	d := &fakeDriver{gpus: []GPU{{Vendor: "nvidia", Source: "NVML"}}, live: []Live{{Load: new(1.0)}}}
	o := on(t, desktop())
	o.Limit = time.Second
	o.NVIDIA = func() Driver { return d }
	p := NewPoller(Run(t.Context(), nil, o), o)
	d.hang = make(chan struct{})
	start := time.Now()
	for range 5 {
		if live := p.Sample(t.Context()); len(live) != 1 || live[0].Load != nil {
			t.Errorf("%+v, want nothing known", live)
		}
	}
	// Only the first waits for its limit; the others see that it hangs.
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("five samples took %v", took)
	}
	close(d.hang)
	deadline := time.Now().Add(5 * time.Second)
	for {
		if live := p.Sample(t.Context()); live[0].Load != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the poller did not recover when the driver did")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestPollerUnified(t *testing.T) {
	o := on(t, desktop().with(intelCard("64a0", "0000:00:02.0", nil)))
	p := NewPoller(Run(t.Context(), loadCatalog(t), o), o)
	live := p.Sample(t.Context())
	if len(live) != 1 || value(t, "used", live[0].Used) != 0 {
		t.Errorf("%+v: 48 GiB are free, the GPU may take 32", live)
	}
	if err := os.WriteFile(filepath.Join(o.Root, "/proc/meminfo"), []byte("MemTotal: 67108864 kB\nMemAvailable: 10485760 kB\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if live = p.Sample(t.Context()); value(t, "used", live[0].Used) != 22*gib {
		t.Errorf("used = %d, want the 32 GiB less the 10 that are left", *live[0].Used)
	}
}
