package session_test

import (
	"testing"

	"runlocal/catalog/detect"
	"runlocal/sizing"
	"runlocal/ui/session"
)

const gib = 1 << 30

func TestLabels(t *testing.T) {
	card := func(free int64) sizing.GPU {
		return sizing.GPU{Name: "RTX 3090", Capacity: 24 * gib, UsedByOthers: 24*gib - free}
	}
	for _, c := range []struct {
		rig  sizing.Rig
		want string
	}{
		{sizing.Rig{Name: "no GPU", Host: sizing.Host{Capacity: 64 * gib, UsedByOthers: 14 * gib}}, "no GPU · 50.0 of 64.0 GiB RAM free"},
		{sizing.Rig{Name: "RTX 3090", GPUs: []sizing.GPU{card(23 * gib)}}, "RTX 3090 · 23.0 of 24.0 GiB free"},
		{sizing.Rig{Name: "2 × RTX 3090", GPUs: []sizing.GPU{card(23 * gib), card(20 * gib)}}, "2 × RTX 3090 · 23.0 + 20.0 GiB free"},
		{sizing.Rig{Name: "2 × RTX 3090", Simulated: true}, "simulated: 2 × RTX 3090"},
	} {
		labels := session.Labels(&c.rig)
		if labels[0] != c.want {
			t.Errorf("%q, want %q", labels[0], c.want)
		}
		for i := 1; i < len(labels); i++ {
			if len(labels[i]) >= len(labels[i-1]) {
				t.Errorf("%q is not shorter than %q", labels[i], labels[i-1])
			}
		}
	}
}

// What the driver says comes before what the catalog says; a GPU of unknown
// memory can't hold anything and is left out.
func TestRigOfADetection(t *testing.T) {
	used := int64(3 * gib)
	r := session.RigOf(detect.Report{
		GPUs: []detect.GPU{
			{Name: "NVIDIA Something New", Backend: "cuda", ComputeCapability: 12.1, Memory: detect.Memory{Total: 40 * gib, Reserved: gib, Used: &used}},
			{Name: "a GPU that does not tell", Backend: "vulkan"},
			{Name: "hidden", Hidden: true, Memory: detect.Memory{Total: 8 * gib}},
		},
		Host: detect.Host{CPU: "a CPU", Total: 32 * gib, Available: 20 * gib, Cores: 8},
	})
	if len(r.GPUs) != 1 || r.Simulated {
		t.Fatalf("%+v", r)
	}
	g := r.GPUs[0]
	if g.Capacity != 39*gib || g.Free() != 36*gib || g.ComputeCapability != 12.1 || g.Backend != "cuda" {
		t.Errorf("%+v", g)
	}
	if r.Host.Free() != 20*gib || r.Host.Assumed {
		t.Errorf("%+v", r.Host)
	}
	if empty := session.RigOf(detect.Report{}); !empty.Host.Assumed || len(empty.GPUs) != 0 || empty.Name == "" {
		t.Errorf("%+v", empty)
	}
}

func TestBeforeDetectionThereIsARig(t *testing.T) {
	s := session.New()
	if s.Rig == nil || s.RigKnown() || s.Ready() || s.Settings.Quant == "" {
		t.Fatalf("%+v", s)
	}
}
