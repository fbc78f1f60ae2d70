package detect

import (
	"runlocal/catalog"
)

// settle completes what single sources could not know: the catalog record, the
// host's share in unified memory, what the environment hides.
func settle(r *Report, f finder, m *machine) {
	for i := range r.GPUs {
		g := &r.GPUs[i]
		g.tie(f, r.Host)
		g.share(r.Host)
		g.assume()
		g.Link.rate(f.hosts().PCIe)
	}
	r.hide(m.Getenv)
	r.Host.estimateBandwidth(f.hosts().CPUPlatforms, r.GPUs)
}

// tie finds the GPU's catalog record. A GPU whose driver tells no memory is
// compared by the host's, which it shares.
func (g *GPU) tie(f finder, h Host) {
	id := identity{name: g.Name, memory: g.Memory.Total, cores: g.GPUCores, board: g.board, cpu: h.CPU}
	if g.PCI != nil {
		id.pci, id.revision = g.PCI.ID, g.PCI.Revision
	}
	if g.integral {
		id.memory = h.Installed
	}
	g.Record = f.find(id)
	if g.Record == nil {
		if g.Name == "" {
			g.Name = g.unnamed()
		}
		return
	}
	g.RecordID = g.Record.ID
	if g.Name == "" {
		g.Name = g.Record.Name
	}
	if g.GFX == "" {
		g.GFX = deref(g.Record.GFX)
	}
	if cc, ok := decimal(deref(g.Record.CUDACapability)); ok && g.ComputeCapability == 0 {
		g.ComputeCapability = cc
	}
}

// unnamed is what a device is called of which only the PCI id is known.
func (g *GPU) unnamed() string {
	name := map[string]string{"amd": "AMD GPU", "intel": "Intel GPU", "nvidia": "NVIDIA GPU"}[g.Vendor]
	if name == "" {
		name = "GPU"
	}
	if g.PCI != nil {
		name += " " + g.PCI.ID
	}
	return name
}

// share fills in the memory of a GPU that lives in the host's RAM: it can have
// no more than is free there.
func (g *GPU) share(h Host) {
	mem := &g.Memory
	unified := g.integral
	if g.Record != nil {
		unified = g.Record.Unified // the catalog knows better than a guess
	}
	if !unified {
		mem.GTT, mem.VRAM = nil, nil // of interest for unified memory alone
		return
	}
	mem.Unified = true
	if h.Total == 0 {
		return
	}
	if mem.VRAM != nil && mem.GTT != nil {
		mem.joinAPU(g.gttUsed, h)
		return
	}
	if mem.Total == 0 {
		mem.Total, mem.Basis = h.Installed, "the host's RAM, which the GPU shares"
		if g.Vendor == "intel" {
			mem.Total, mem.Basis = integratedShare(g.Record, h.Installed)
		}
	}
	free := min(mem.Total, h.Available)
	mem.Free, mem.Used = &free, new(mem.Total-free)
}

// joinAPU adds the RAM that an APU may map (GTT) to the part set aside for it.
// What is free of the first cannot be more than what is free in the RAM.
func (m *Memory) joinAPU(gttUsed int64, h Host) {
	vramUsed := m.UsedByOthers()
	free := max(0, *m.VRAM-vramUsed) + min(max(0, *m.GTT-gttUsed), h.Available)
	m.Total = *m.VRAM + *m.GTT
	m.Basis = "memory set aside for the GPU (VRAM) and RAM that it may map (GTT)"
	m.Free, m.Used = &free, new(m.Total-free)
}

// integratedShare is the part of RAM that an integrated GPU is allowed: what
// its record says, else one half, which is the usual limit of the graphics
// memory manager.
func integratedShare(d *catalog.Device, ram int64) (int64, string) {
	if d != nil && d.UsableShare != nil && *d.UsableShare > 0 && *d.UsableShare <= 1 {
		return int64(float64(ram) * *d.UsableShare), "share of the RAM, by the catalog"
	}
	return ram / 2, "half of the RAM, assumed"
}

// assume takes the catalog's memory where the driver tells none.
func (g *GPU) assume() {
	if g.Memory.Total == 0 && g.Record != nil && !g.Memory.Unified {
		g.Memory.Total = g.Record.MemoryBytes()
		g.Memory.Basis = "the catalog: the driver does not tell"
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
