package sizing

// moves are tensors that lie elsewhere than with their layer.
type moves struct {
	tensors []moved
	dest    map[fileTensorID]int // by layer and name: a GPU, or onHost
	class   []uint8              // by layer: layers of one class have the same moves; 0 = none
	hash    uint64
	toHost  bool // some go to RAM
	pairs   map[[2]uint32]uint32
}

// moved is one of them.
type moved struct {
	*named
	to int // a GPU, or onHost
}

// movesBy collects the tensors for which dest has a place.
func (a *allocator) movesBy(dest func(t *named) (to int, ok bool)) *moves {
	list := a.c.namedTensors(a.r)
	m := &moves{dest: map[fileTensorID]int{}, pairs: map[[2]uint32]uint32{}, class: make([]uint8, len(a.c.layers)), hash: 14695981039346656037}
	byLayer := make([]uint64, len(a.c.layers))
	for i := range list {
		t := &list[i]
		if t.home == homeRope {
			continue
		}
		to, ok := dest(t)
		if !ok {
			continue
		}
		m.tensors = append(m.tensors, moved{t, to})
		m.dest[fileTensorID{t.layer, t.name}] = to
		m.toHost = m.toHost || to == onHost
		m.hash = fold(m.hash, uint64(i), uint64(to+2))
		if t.layer >= 0 {
			byLayer[t.layer] = fold(byLayer[t.layer], nameHash(t.name), uint64(to+2))
		}
	}
	if len(m.tensors) == 0 {
		return nil
	}
	m.classify(byLayer)
	return m
}

// classify numbers the layers by what moves away from them.
func (m *moves) classify(byLayer []uint64) {
	seen := map[uint64]uint8{0: 0}
	for i, h := range byLayer {
		n, ok := seen[h]
		if !ok {
			n = uint8(min(len(seen), 200))
			seen[h] = n
		}
		m.class[i] = n
	}
}

func fold(hash uint64, parts ...uint64) uint64 {
	for _, p := range parts {
		hash = (hash ^ p) * 1099511628211
	}
	return hash
}

func nameHash(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = fold(h, uint64(name[i]))
	}
	return h
}

// movesOverridden are the tensors that the settings' overrides name.
func (a *allocator) movesOverridden() *moves {
	if len(a.r.overrides) == 0 {
		return nil
	}
	return a.movesBy(func(t *named) (int, bool) {
		name := t.full()
		for i := range a.r.overrides {
			if o := &a.r.overrides[i]; o.pattern.MatchString(name) {
				return o.to, true
			}
		}
		return 0, false
	})
}

// at is where a tensor of a layer lies if it was moved: a device as graphs
// count them.
func (m *moves) at(layer int, name string, host int8) (int8, bool) {
	if m == nil {
		return 0, false
	}
	to, ok := m.dest[fileTensorID{layer, name}]
	if to == onHost {
		return host, ok
	}
	return int8(to), ok
}

// classOf numbers what moves away from a layer; 0 = nothing.
func (m *moves) classOf(layer int) uint32 {
	if m == nil {
		return 0
	}
	return uint32(m.class[layer])
}

// layers is the number of layers that something moves away from.
func (m *moves) layers() int {
	n := 0
	for _, c := range m.class {
		if c > 0 {
			n++
		}
	}
	return n
}

// combine numbers a layer's class of types and what moves away from it.
func (m *moves) combine(types uint8, class uint32) uint32 {
	if m == nil {
		return uint32(types) + 1
	}
	pair := [2]uint32{uint32(types), class}
	n, ok := m.pairs[pair]
	if !ok {
		n = uint32(min(len(m.pairs)+1, 255))
		m.pairs[pair] = n
	}
	return n
}

func (m *moves) key() uint64 {
	if m == nil {
		return 0
	}
	return m.hash
}

// toRAM tells that weights of offloaded layers lie in RAM.
func (m *moves) toRAM() bool { return m != nil && m.toHost }

// deviceAt is the device of layer i, counting as in allocation.devices.
func (a *allocator) deviceAt(out *allocation, i int) int {
	start := len(a.c.layers) + 1 - out.gpuLayers
	if i < start || len(a.rig.GPUs) == 0 {
		return len(a.rig.GPUs)
	}
	return a.deviceOf(i - start)
}

// homeOf is the device where a tensor lies that nothing overrides.
func (a *allocator) homeOf(out *allocation, t *named) int {
	host := len(a.rig.GPUs)
	switch t.home {
	case homeInput:
		return host
	case homeOutput, homeTied:
		return a.deviceAt(out, len(a.c.layers))
	default:
		d := a.deviceAt(out, max(0, t.layer))
		if t.routed && t.layer < out.cpuMoE {
			return host
		}
		return d
	}
}

// move takes what is overridden from its home to where it is sent. A tied
// embedding whose two copies meet in one buffer is there once.
func (a *allocator) move(out *allocation) {
	m := out.moves
	if m == nil {
		return
	}
	host := len(a.rig.GPUs)
	lone := out.gpuLayers == 0 && a.r.weights.tied.host > 0 // there is no second copy of a tied embedding
	input := host
	for i := range m.tensors {
		t := &m.tensors[i]
		if t.home == homeTied && lone {
			continue
		}
		from, to := a.homeOf(out, t.named), t.to
		if to == onHost {
			to = host
		}
		switch t.home {
		case homeInput:
			if t.name == "token_embd.weight" {
				input = to
			}
		case homeTied:
			if to == input && a.r.weights.tied.host > 0 {
				out.devices[from].weights -= t.on(from, host)
				continue
			}
		default:
		}
		if from == to {
			continue
		}
		out.devices[from].weights -= t.on(from, host)
		out.devices[to].weights += t.on(to, host)
		out.readMoved(t, from, to, host)
	}
}

// readMoved notes what a token reads elsewhere because of a move.
func (out *allocation) readMoved(t *moved, from, to, host int) {
	switch {
	case to == host && from != host:
		out.hostRead += t.read
	case from == host && to != host:
		out.hostRead -= t.read
	}
}

// on is the tensor's size in a buffer of the device.
func (t *named) on(d, host int) int64 {
	if d == host {
		return t.size.host
	}
	return t.size.gpu
}
