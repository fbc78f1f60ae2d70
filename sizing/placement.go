package sizing

// place is a decision where everything goes: the last gpuLayers of the
// layers (the output layer counts as the last) on the GPUs, the experts of
// the first cpuMoE layers in RAM.
type place struct {
	gpuLayers int
	cpuMoE    int
	counts    []int  // layers of each GPU; nil: by the shares
	moves     *moves // tensors that lie elsewhere than with their layer
}

// held is what one device holds, in bytes.
type held struct {
	weights, kv, state, compute, overhead int64
	layers                                int   // the output layer counted
	extra                                 Parts // beside the model: projector, adapters, draft model
	grain                                 int64 // what the driver rounds separate allocations up by
}

func (h *held) total() int64 {
	return h.weights + h.kv + h.state + h.compute + h.overhead + h.extra.Total
}

// allocation is the outcome of a place on a rig: what each GPU holds, and the
// host last.
type allocation struct {
	place
	devices  []held // GPUs, then the host
	pipeline bool
	hostRead int64      // bytes that a token reads from RAM because tensors were moved there
	text     []Override // the planner's own moves, as -ot would say them
	drawn    bool       // the compute buffers come from the graph, not from the closed form
}

func (a *allocation) host() *held { return &a.devices[len(a.devices)-1] }

// allocator lays a resolved request out on a rig. It computes what does not
// depend on the place once, so that a search over places is cheap.
type allocator struct {
	c   *compiled
	r   *resolved
	rig *Rig
	g   graph
	// coarse takes the closed form of the compute buffers, for searches
	// over many models.
	coarse bool
	deal   bool // the planner may say how many layers each GPU gets, though all are asked for
	// grading asks only whether and how the model runs: the planner leaves
	// out what brings more onto the GPUs but changes no verdict.
	grading bool
	rough   bool    // no search for a division by the exact buffers
	trace   *[]Step // the planner's reasons, where they are asked for

	kv     [maxKinds]sided // of one layer, by kind
	state  [maxKinds]int64
	moves  *moves  // of the settings' overrides
	extras []extra // beside the model, where its place does not matter
	asked  *Rig    // the whole rig; rig has only the GPUs that take part
	skip   int     // of the whole rig's GPUs, those before rig's first one

	ends  []int // layers, counted from the first offloaded one, up to which each GPU takes them
	split []float64
}

// maxKinds bounds the kinds of layers whose sizes fit the allocator without
// an allocation of its own; a model with more takes the slow path of a map.
const maxKinds = 64

func newAllocator(c *compiled, r *resolved, rig *Rig) *allocator {
	a := new(allocator)
	a.prepare(c, r, rig)
	return a
}

// prepare makes the allocator anew, keeping the memory of its parts. The sizes
// by kind are left as they are beyond the model's kinds.
func (a *allocator) prepare(c *compiled, r *resolved, rig *Rig) {
	a.c, a.r, a.rig, a.asked, a.g = c, r, rig, rig, r.graphOf(c)
	a.coarse, a.deal, a.grading, a.rough, a.trace, a.skip = false, false, false, false, nil, 0
	for i := range c.kinds[:min(len(c.kinds), maxKinds)] {
		a.kv[i] = r.kvLayer(c, &c.kinds[i])
		a.state[i] = r.stateLayer(&c.kinds[i])
	}
	a.moves = a.movesOverridden()
	a.extras = a.fixedExtras()
}

// allocator resolves a request and prepares to lay it out on a rig.
func (e *Engine) allocator(c *compiled, s Settings, rig *Rig) (*allocator, error) {
	d := new(desk)
	if err := e.prepare(d, c, s, rig); err != nil {
		return nil, err
	}
	return &d.a, nil
}

// desk is what one estimate works on. Estimates share desks one after the
// other, so that they allocate little more than what they return.
type desk struct {
	r   resolved
	a   allocator
	out allocation
}

// desk takes one that is not in use, or a new one.
func (e *Engine) desk() *desk {
	if d, ok := e.desks.Get().(*desk); ok {
		return d
	}
	return new(desk)
}

func (e *Engine) prepare(d *desk, c *compiled, s Settings, rig *Rig) (err error) {
	if d.r, err = e.resolve(c, s); err != nil {
		return err
	}
	used, err := d.r.onRig(rig)
	if err != nil {
		return err
	}
	d.a.prepare(c, &d.r, used)
	d.a.asked = rig
	if len(used.GPUs) < len(rig.GPUs) {
		d.a.skip = d.r.MainGPU
	}
	return nil
}

func (a *allocator) kindSizes(k uint16) (sided, int64) {
	if int(k) < maxKinds {
		return a.kv[k], a.state[k]
	}
	kind := &a.c.kinds[k]
	return a.r.kvLayer(a.c, kind), a.r.stateLayer(kind)
}

// at lays the model out at a place, into out's devices.
func (a *allocator) at(p place, out *allocation) {
	n := len(a.rig.GPUs)
	layers := len(a.c.layers)
	p.gpuLayers = min(p.gpuLayers, layers+1)
	if n == 0 {
		p.gpuLayers = 0
	}
	if p.moves == nil {
		p.moves = a.moves
	}
	out.place, out.hostRead, out.text = p, 0, nil
	if cap(out.devices) < n+1 {
		out.devices = make([]held, n+1)
	}
	out.devices = out.devices[:n+1]
	clear(out.devices)
	first := layers + 1 - p.gpuLayers // the first offloaded layer
	a.hostPart(out, min(first, layers))
	if p.counts != nil && p.gpuLayers > 0 {
		a.countLayers(p.counts)
	} else {
		a.splitLayers(p.gpuLayers)
	}
	from := first
	for d := range n {
		to := first + a.ends[d]
		a.gpuPart(out, d, from, to)
		from = to
	}
	a.move(out)
	a.splitRows(out)
	out.pipeline = n > 1 && p.gpuLayers == layers+1 && (p.cpuMoE == 0 || a.c.experts == 0) && p.moves == nil && len(a.r.overrides) == 0 &&
		a.r.SplitMode != SplitRow && a.r.KVOffload && used(out.devices[:n]) > 1 && !a.rig.remote()
	a.computePart(out, first)
	if len(a.extras) > 0 || len(a.r.LoRA) > 0 {
		a.placeExtras(out)
	}
}

func used(devices []held) int {
	n := 0
	for i := range devices {
		if devices[i].layers > 0 {
			n++
		}
	}
	return n
}

// hostPart gives the host the input tables and the layers before first.
func (a *allocator) hostPart(out *allocation, first int) {
	w, h := a.r.weights, out.host()
	h.weights = w.input.host + w.hostSum[first]
	if out.gpuLayers == 0 {
		h.weights += w.output.host - w.tied.host
	}
	if first > 0 {
		h.weights += w.rope.host
	}
	for _, k := range a.c.layers[:first] {
		kv, st := a.kindSizes(k)
		h.kv += kv.host
		h.state += st
	}
}

// gpuPart gives GPU d the layers from ≤ i < to; the one after the last is the
// output layer. The experts of the first cpuMoE layers go to the host.
func (a *allocator) gpuPart(out *allocation, d, from, to int) {
	w, g, h := a.r.weights, &out.devices[d], out.host()
	layers := len(a.c.layers)
	g.layers = to - from
	if to > layers && from <= layers {
		g.weights += w.output.gpu
	}
	from, to = min(from, layers), min(to, layers)
	if from >= to {
		return
	}
	g.weights += w.gpuSum[to] - w.gpuSum[from] + w.rope.gpu
	if kept := min(out.cpuMoE, to); kept > from {
		g.weights -= w.routedGPU[kept] - w.routedGPU[from]
		h.weights += w.routedHst[kept] - w.routedHst[from]
	}
	for _, k := range a.c.layers[from:to] {
		kv, st := a.kindSizes(k)
		if a.r.KVOffload {
			g.kv += kv.gpu
			g.state += st
		} else {
			h.kv += kv.host
			h.state += st
		}
	}
}

// countLayers fills ends from the layers of each GPU.
func (a *allocator) countLayers(counts []int) {
	a.ends = a.ends[:0]
	end := 0
	for d := range a.rig.GPUs {
		end += counts[d]
		a.ends = append(a.ends, end)
	}
}

// splitLayers fills ends: of the offloaded layers, the j-th goes to the first
// GPU whose cumulative share is greater than j / n. The shares are the
// tensor split, or free memory.
func (a *allocator) splitLayers(n int) {
	gpus := len(a.rig.GPUs)
	if cap(a.ends) < gpus || cap(a.split) < gpus {
		a.ends, a.split = make([]int, gpus), make([]float64, gpus)
	}
	a.ends, a.split = a.ends[:gpus], a.split[:gpus]
	sum := 0.0
	for d := range gpus {
		share := float64(a.rig.GPUs[d].Free())
		if len(a.r.TensorSplit) > 0 {
			share = 0
			if d < len(a.r.TensorSplit) {
				share = a.r.TensorSplit[d]
			}
		}
		sum += share
		a.split[d] = sum
	}
	for d := range gpus {
		bound := 1.0
		if sum > 0 && d < gpus-1 {
			bound = a.split[d] / sum
		}
		end := 0
		if d > 0 {
			end = a.ends[d-1]
		}
		for end < n && float64(end)/float64(n) < bound {
			end++
		}
		a.ends[d] = end
	}
}
