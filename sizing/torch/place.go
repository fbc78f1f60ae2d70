package torch

import (
	"slices"
	"strconv"

	"runlocal/sizing"
)

// What a process of PyTorch takes beside the allocator. The driver's context
// comes from the catalog's table; kernels and libraries were measured on an
// H100 with CUDA 13 (the process less what the allocator held: 678 to 730 MiB
// over all runs, of which 518 are the context).
const (
	kernelBytes = 172 << 20
	hostBytes   = 1 << 30 // Python, PyTorch's libraries and pinned buffers in RAM; estimated
)

// place decides on which device each module lies.
func (j *job) place() error {
	n := len(j.s.layers)
	j.device = make([]string, n)
	one := func(d string) error {
		j.stem, j.head = d, d
		for i := range j.device {
			j.device[i] = d
		}
		return nil
	}
	switch {
	case len(j.rig.GPUs) == 0:
		return one(onCPU)
	case j.set.GPULayers == sizing.LayersAll:
		return one("0")
	case j.set.GPULayers != sizing.LayersAuto:
		return sizing.Refuse("gpu-layers", "Transformers takes gpu-layers auto (device_map=\"auto\") or all (one GPU), not a number; max-memory bounds each device")
	}
	root, tied := j.s.modules(j.q)
	gpus := len(j.rig.GPUs)
	limits, given, err := j.limits()
	if err != nil {
		return err
	}
	total := int64(0)
	for i := range root {
		total += root[i].bytes
	}
	layer := int64(0)
	if n > 0 {
		layer = sizeAs(j.s.kinds[j.s.layers[0]].params, j.q)
	}
	j.why = inferMap(root, balance(limits, gpus, total, layer, given), gpus, tied)
	j.mapped = tidy(j.why)
	if j.refused() {
		return one("0") // and it does not fit there
	}
	j.read()
	return nil
}

// limits are what the map may fill: as asked for, or what is free once the
// context is there.
func (j *job) limits() ([]limit, bool, error) {
	gpus := len(j.rig.GPUs)
	asked := j.set.MaxMemory
	if len(asked) > gpus+1 {
		return nil, false, sizing.Refuse("max-memory", "max-memory has %d sizes; want one for each of %d GPUs, and one for RAM", len(asked), gpus)
	}
	var list []limit
	for d := range j.rig.GPUs {
		g := &j.rig.GPUs[d]
		context, _, _ := sizing.DriverContext(j.r.overheads, g)
		free := max(0, g.Free()-context)
		if j.q.Method == "bitsandbytes" {
			free = free / 10 * 9 // room for the buffers of the conversion
		}
		if d < len(asked) {
			free = asked[d]
		}
		list = append(list, limit{strconv.Itoa(d), free})
	}
	ram := j.rig.Host.Free()
	if len(asked) > gpus {
		ram = asked[gpus]
	}
	return append(list, limit{onCPU, ram}), len(asked) > 0, nil
}

// refused tells that the map leaves quantised layers in RAM, where their
// kernels do not run: the library raises an error.
func (j *job) refused() bool {
	return !j.q.Plain() && slices.ContainsFunc(j.mapped, func(c choice) bool { return c.device == onCPU || c.device == onDisk })
}

// read takes the places of embedding, layers and output out of the map.
func (j *job) read() {
	n := namesOf(j.s.arch)
	of := func(name string) string {
		best, device := -1, "0"
		for _, c := range j.mapped {
			if (c.module == "" || within(name, c.module)) && len(c.module) > best {
				best, device = len(c.module), c.device
			}
		}
		return device
	}
	j.stem, j.head = of(n.stem+"."+n.embedding), of(n.head)
	for i := range j.device {
		j.device[i] = of(n.stem + "." + n.layers + "." + strconv.Itoa(i))
	}
}

// offloaded tells whether something lies outside the GPUs.
func (j *job) offloaded() bool {
	away := func(d string) bool { return d == onCPU || d == onDisk }
	return len(j.rig.GPUs) > 0 && (away(j.stem) || away(j.head) || slices.ContainsFunc(j.device, away))
}

// replay runs the pass on every device.
func (j *job) replay() {
	j.plans = make([]plan, len(j.rig.GPUs))
	for d := range j.plans {
		j.replayOn(d)
	}
	j.onHost()
}

// replayOn runs one GPU's part. Layers in RAM or on disk are brought to the
// first GPU, matrix by matrix, and computed there.
func (j *job) replayOn(d int) {
	own := strconv.Itoa(d)
	resident, runs := j.layersOn(d)
	lone := d == 0 && j.offloaded()
	if len(runs) == 0 && !lone && j.stem != own && j.head != own {
		return
	}
	p, g := j.pass(), &j.rig.GPUs[d]
	p.load(j.s, j.q, resident, j.stem == own, j.head == own)
	if g.Backend == "cuda" {
		p.make(useWorkspace, workspaceOf(g))
	}
	p.runs, p.brought = runs, func(i int) int64 {
		if j.device[i] == own {
			return 0
		}
		return largest(j.s.kinds[j.s.layers[i]].params, j.q)
	}
	headAway := j.head == onCPU || j.head == onDisk
	p.last = j.head == own || lone && headAway
	if p.last && headAway {
		p.headBrought = j.headBytes()
	}
	p.run()
	pl := &j.plans[d]
	pl.tape = p.tape
	pl.context, pl.label, pl.source = sizing.DriverContext(j.r.overheads, g)
	if g.Backend == "cuda" {
		pl.modules = kernelBytes
	}
}

// layersOn are the layers that lie on a GPU, and those that run there.
func (j *job) layersOn(d int) (resident, runs []int) {
	runs = []int{}
	own := strconv.Itoa(d)
	for i, device := range j.device {
		if device == own {
			resident = append(resident, i)
		}
		if device == own || d == 0 && (device == onCPU || device == onDisk) {
			runs = append(runs, i)
		}
	}
	return resident, runs
}

// headBytes is the output matrix, its own or the embedding.
func (j *job) headBytes() int64 {
	if len(j.s.head) > 0 {
		return weightBytes(j.s.head, j.q)
	}
	return weightBytes(j.s.stem[:1], j.q)
}

// pass is the prompt's forward pass as the settings have it.
func (j *job) pass() *pass {
	n := int64(max(1, j.set.Parallel))
	p := &pass{
		s: j.s, batch: n, seq: max(1, int64(j.set.Ctx)/n), width: j.q.DtypeBytes(),
		attention: j.set.Attention, cache: j.set.CacheKind, last: true,
	}
	p.room, p.rows = p.seq, n
	if j.set.OutputsMax == 0 {
		p.rows = n * p.seq
	}
	return p
}

// largest is the biggest matrix of a layer as stored.
func largest(list []param, q interface{ DtypeBytes() int64 }) int64 {
	n := int64(0)
	for i := range list {
		n = max(n, list[i].elements()*q.DtypeBytes())
	}
	return n
}

// onHost adds up what lies in RAM. Without a GPU the pass runs there; weights
// on disk take no RAM.
func (j *job) onHost() {
	if len(j.rig.GPUs) == 0 {
		p := j.pass()
		all := make([]int, len(j.s.layers))
		for i := range all {
			all[i] = i
		}
		p.load(j.s, j.q, all, true, true)
		p.run()
		j.host = partsOf(&p.tape)
		j.host.Overhead = hostBytes
		return
	}
	add := func(device string, bytes int64) {
		switch device {
		case onCPU:
			j.host.Weights += bytes
		case onDisk:
			j.disk += bytes
		}
	}
	add(j.stem, weightBytes(j.s.stem, j.q))
	add(j.head, weightBytes(j.s.norm, j.q)+weightBytes(j.s.head, j.q))
	for i, device := range j.device {
		add(device, weightBytes(j.s.kinds[j.s.layers[i]].params, j.q))
	}
	j.host.Overhead = hostBytes
}

// partsOf sorts what is alive at a tape's peak into the terms of a budget.
func partsOf(t *tape) sizing.Parts {
	p := sizing.Parts{Weights: t.peak[useWeights], KVCache: t.peak[useCache], RecurrentState: t.peak[useState]}
	p.Compute = t.peakAllocated - p.Weights - p.KVCache - p.RecurrentState
	return p
}
