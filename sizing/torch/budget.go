package torch

import (
	"fmt"
	"strconv"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// slack is what the allocator holds beyond what tensors use. When the card is
// short PyTorch gives cached blocks back before it fails, so that it never
// takes more than there is.
func (p *plan) slack(g *sizing.GPU) int64 {
	room := g.Free() - p.peakAllocated - p.context - p.modules
	return max(0, min(p.peakReserved-p.peakAllocated, room))
}

// budget writes a replayed job down.
func (j *job) budget() sizing.Budget {
	b := sizing.Budget{
		Model: j.s.model.ID, Quant: j.set.Quant, Ctx: j.set.Ctx, Runtime: ID,
		Devices: make([]sizing.DeviceBudget, len(j.rig.GPUs)+1), Placement: j.placement(), Warnings: j.warnings(),
	}
	for d := range j.plans {
		p, g := &j.plans[d], &j.rig.GPUs[d]
		parts := partsOf(&p.tape)
		parts.Overhead = p.context + p.modules + p.slack(g)
		b.Devices[d].Parts = parts
		if a := b.Allocator; a == nil || p.peakAllocated > a.Allocated {
			b.Allocator = &sizing.Allocator{
				Allocated: p.peakAllocated, Reserved: p.peakAllocated + p.slack(g),
				Process: p.peakAllocated + parts.Overhead,
			}
		}
	}
	b.Devices[len(j.rig.GPUs)].Parts = j.host
	b.Settle(j.rig, j.offloaded())
	switch {
	case j.refused():
		b.Verdict, b.Reason = sizing.No, fmt.Sprintf("does not fit: %s has no kernels for layers in RAM, and the GPUs hold only a part", j.q.ID)
	case b.Verdict == sizing.Offload && len(j.rig.GPUs) > 0:
		b.Reason = fmt.Sprintf("does not fit on the GPU; device_map=\"auto\" leaves %d of %d layers in RAM%s", j.away(), len(j.device), j.diskWord())
	}
	b.Speed = j.speed()
	return b
}

// away is the number of layers outside the GPUs.
func (j *job) away() int {
	n := 0
	for _, d := range j.device {
		if d == onCPU || d == onDisk {
			n++
		}
	}
	return n
}

func (j *job) diskWord() string {
	if j.disk == 0 {
		return ""
	}
	return fmt.Sprintf(" and %s on disk", units.Bytes(j.disk))
}

func (j *job) placement() sizing.Placement {
	n := len(j.s.layers)
	p := sizing.Placement{
		Layers: n + 1, PerDevice: make([]int, len(j.rig.GPUs)), FlashAttn: j.set.Attention != attentionEager,
		CtxPadded: j.set.Ctx, Streams: max(1, j.set.Parallel), Automatic: j.mapped != nil && j.offloaded(),
		SplitMode: sizing.SplitLayer,
	}
	count := func(device string) {
		if d, err := strconv.Atoi(device); err == nil {
			p.GPULayers++
			p.PerDevice[d]++
		}
	}
	for _, d := range j.device {
		count(d)
	}
	count(j.head)
	for _, c := range j.mapped {
		p.DeviceMap = append(p.DeviceMap, sizing.ModulePlace{Module: c.module, Device: c.device})
	}
	return p
}

func (j *job) warnings() []string {
	var w []string
	m := j.s.model
	if each := j.set.Ctx / max(1, j.set.Parallel); m.Context > 0 && each > m.Context {
		w = append(w, fmt.Sprintf("%s tokens a sequence are more than the %s that %s was made for", units.Count(each), units.Count(m.Context), m.Name))
	}
	if m.Grade == "recalled" {
		w = append(w, "the shape of this model is from memory; its parameter count agrees with the published one")
	}
	if j.rig.Host.Assumed {
		w = append(w, fmt.Sprintf("RAM is assumed: %s", units.Bytes(j.rig.Host.Capacity)))
	}
	if m.Vision != nil && m.Vision.Params > 0 {
		w = append(w, fmt.Sprintf("the text model alone; the vision tower takes %s more where it is loaded", units.Bytes(m.Vision.Params*j.q.DtypeBytes())))
	}
	if j.set.Attention == attentionSDPA && j.q.Dtype == "f32" {
		w = append(w, "in F32 heads that share keys have no fused kernel: attention scores grow with the square of the tokens")
	}
	if !j.q.Plain() && j.q.Experts == "no" && m.ActiveParams < m.PublishedParams*9/10 {
		w = append(w, j.q.ID+" leaves stacked experts in 16 bits: Transformers keeps them in one tensor that is no linear layer")
	}
	return w
}
