package sizing

import (
	"fmt"

	"runlocal/catalog"
	"runlocal/sizing/units"
)

// Settle fills in what follows from the parts of a budget's devices, which
// are the rig's GPUs in order and then the host: names, capacities, totals,
// verdict and reason. offloaded tells that something that is computed with
// lies outside the GPUs; it is for runtimes.
func (b *Budget) Settle(rig *Rig, offloaded bool) {
	b.Totals = Parts{}
	hostFree := rig.Host.Free()
	for d := range b.Devices {
		v := &b.Devices[d]
		v.Total = v.Weights + v.KVCache + v.RecurrentState + v.Compute + v.Overhead
		b.Totals.add(v.Parts)
		if d < len(rig.GPUs) {
			g := &rig.GPUs[d]
			v.Name, v.Kind, v.Capacity, v.UsedByOthers = g.Name, KindGPU, g.Capacity, g.UsedByOthers
			v.Free = g.Capacity - g.UsedByOthers - v.Total
			if g.Unified {
				hostFree -= v.Total
			}
			continue
		}
		v.Name, v.Kind, v.Capacity, v.UsedByOthers = "RAM", KindHost, rig.Host.Capacity, rig.Host.UsedByOthers
		v.Free = hostFree - v.Total
	}
	b.Verdict, b.Reason = b.grade(rig, offloaded)
	if b.Warnings == nil {
		b.Warnings = []string{}
	}
}

// grade is the verdict that the devices' free bytes give, and why.
func (b *Budget) grade(rig *Rig, offloaded bool) (Verdict, string) {
	least, short, where := int64(-1), int64(0), ""
	tight := false
	for d := range b.Devices {
		v := &b.Devices[d]
		if -v.Free > short {
			short, where = -v.Free, v.Name
		}
		if v.Kind != KindGPU || v.Total == 0 {
			continue
		}
		tight = tight || v.Free < headroom(v.Capacity)
		if least < 0 || v.Free < least {
			least = v.Free
		}
	}
	switch {
	case short > 0:
		return No, fmt.Sprintf("does not fit: %s short on %s", units.Bytes(short), where)
	case len(rig.GPUs) == 0:
		return Offload, "runs in RAM: there is no GPU"
	case offloaded:
		return Offload, "does not fit on the GPU; runs with a part in RAM"
	case tight:
		return Tight, fmt.Sprintf("fits with little room: %s to spare", units.Bytes(least))
	}
	return Comfortable, fmt.Sprintf("fits comfortably: %s to spare", units.Bytes(least))
}

// DriverContext is an empty context on a GPU, bytes, by the catalog's table of
// overheads: how well it is known there, and from where.
func DriverContext(rows []*catalog.Overhead, g *GPU) (int64, Label, string) {
	e := &Engine{overheads: rows}
	row := e.overheadRow(g)
	if row == nil {
		return 0, Estimated, ""
	}
	label, source := e.overheadKnown(g)
	return contextOf(row, g), label, source
}
