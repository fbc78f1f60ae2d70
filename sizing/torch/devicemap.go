package torch

import (
	"fmt"
	"slices"
	"strings"

	"runlocal/sizing/units"
)

// module is a module of a model with all that is in it.
type module struct {
	name     string // its path
	bytes    int64
	whole    bool // never split over devices
	children []module
}

// Devices of a map beside the GPUs, which are numbers.
const (
	onCPU  = "cpu"
	onDisk = "disk"
)

// limit is what a device may hold, bytes.
type limit struct {
	device string
	bytes  int64
}

// choice is one decision of the map, with its reason.
type choice struct {
	module, device string
	bytes          int64
	why            string
}

// mapper follows accelerate's infer_auto_device_map: modules in their order
// go on the first device with room; on the first GPU and in RAM, room for the
// largest layer is kept free, so that layers from below can be brought up; a
// module that does not fit is taken apart unless its class must stay whole;
// tied modules go together; what fits nowhere goes to disk.
// Source: accelerate 1.15, utils/modeling.py.
type mapper struct {
	limits  []limit // GPUs, then cpu; disk follows without one
	gpus    int
	tied    [2]string // modules that share a parameter; empty = none
	todo    []module
	largest int64
	names   []string // of the modules as large as that
	at      int      // the device in hand
	used    int64    // on it
	choices []choice
}

// inferMap places the modules below root.
func inferMap(root []module, limits []limit, gpus int, tied [2]string) []choice {
	m := &mapper{limits: limits, gpus: gpus, tied: tied, todo: slices.Clone(root)}
	m.measure(root)
	for len(m.todo) > 0 {
		m.step()
	}
	return m.choices
}

// measure finds the largest layer among modules.
func (m *mapper) measure(list []module) {
	m.largest, m.names = 0, m.names[:0]
	var walk func(list []module)
	walk = func(list []module) {
		for i := range list {
			x := &list[i]
			switch {
			case len(x.children) > 0 && !x.whole:
				walk(x.children)
			case x.bytes > m.largest:
				m.largest, m.names = x.bytes, append(m.names[:0], x.name)
			case x.bytes == m.largest:
				m.names = append(m.names, x.name)
			}
		}
	}
	walk(list)
}

// step treats the first module that is left.
func (m *mapper) step() {
	x := m.todo[0]
	m.todo = m.todo[1:]
	m.names = slices.DeleteFunc(m.names, func(n string) bool { return n == x.name || strings.HasPrefix(n, x.name+".") })
	if len(m.names) == 0 {
		m.measure(m.todo)
	}
	device, room, kept := m.room()
	if device == onDisk || m.used+x.bytes <= room {
		m.put(x, device, room)
		return
	}
	if len(x.children) > 0 && !x.whole {
		m.todo = append(slices.Clone(x.children), m.todo...)
		m.measure(m.todo)
		return
	}
	m.choices = append(m.choices, choice{device: device, why: fmt.Sprintf("%s (%s) is more than the %s left of %s on %s%s; on to the next device",
		x.name, units.Bytes(x.bytes), units.Bytes(max(0, room-m.used)), units.Bytes(m.limits[m.at].bytes), deviceWord(device), keptWord(kept))})
	m.at, m.used = m.at+1, 0
	m.todo = append([]module{x}, m.todo...)
}

// room is what the device in hand may take, and what of its limit is kept free
// for the largest layer.
func (m *mapper) room() (device string, room, kept int64) {
	if m.at >= len(m.limits) {
		return onDisk, 0, 0
	}
	l := m.limits[m.at]
	if m.at == 0 || l.device == onCPU {
		kept = m.largest
	}
	return l.device, l.bytes - kept, kept
}

// put assigns a module, and what is tied to it.
func (m *mapper) put(x module, device string, room int64) {
	why := ""
	if device != onDisk {
		why = fmt.Sprintf("%s of %s left", units.Bytes(room-m.used), units.Bytes(m.limits[m.at].bytes))
	}
	m.used += x.bytes
	m.choices = append(m.choices, choice{module: x.name, device: device, bytes: x.bytes, why: why})
	for i, name := range m.tied {
		other := m.tied[1-i]
		if name == "" || !within(name, x.name) || within(other, x.name) {
			continue
		}
		k := slices.IndexFunc(m.todo, func(t module) bool { return within(other, t.name) })
		if k < 0 {
			continue
		}
		m.choices = append(m.choices, choice{module: m.todo[k].name, device: device, bytes: m.todo[k].bytes, why: "tied to " + name})
		m.used += m.todo[k].bytes
		m.todo = slices.Delete(slices.Clone(m.todo), k, k+1)
	}
}

// within tells whether a module is another or lies in it.
func within(name, outer string) bool { return name == outer || strings.HasPrefix(name, outer+".") }

func keptWord(kept int64) string {
	if kept == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s are kept free for the largest layer)", units.Bytes(kept))
}

func deviceWord(device string) string {
	switch device {
	case onCPU:
		return "RAM"
	case onDisk:
		return "disk"
	}
	return "GPU " + device
}

// balance caps what each GPU but the last may hold, so that a model is spread
// evenly: an equal share, and a quarter more than a layer. One GPU is filled
// to nine tenths where nobody set a limit. Source: get_balanced_memory.
func balance(limits []limit, gpus int, total, layer int64, given bool) []limit {
	out := slices.Clone(limits)
	used := 0
	for _, l := range limits[:gpus] {
		if l.bytes > 0 {
			used++
		}
	}
	if used == 0 {
		return out
	}
	if used == 1 && !given {
		out[0].bytes = out[0].bytes / 10 * 9
	}
	share := total/int64(used) + layer + layer/4
	for d := range out[:gpus-1] {
		out[d].bytes = min(out[d].bytes, share)
	}
	return out
}

// tidy joins modules that lie on one device as the library prints them: a
// module whose parts are all together stands for them.
func tidy(list []choice) []choice {
	var placed []choice
	for _, c := range list {
		if c.why == "" && c.module == "" {
			continue
		}
		if c.module != "" {
			placed = append(placed, c)
		}
	}
	return join(placed, "")
}

func join(list []choice, name string) []choice {
	prefix := ""
	if name != "" {
		prefix = name + "."
	}
	var mine []choice
	for _, c := range list {
		if strings.HasPrefix(c.module, prefix) {
			mine = append(mine, c)
		}
	}
	if len(mine) > 1 && !slices.ContainsFunc(mine, func(c choice) bool { return c.device != mine[0].device }) {
		one := choice{module: name, device: mine[0].device}
		at := slices.IndexFunc(list, func(c choice) bool { return strings.HasPrefix(c.module, prefix) })
		for _, c := range mine {
			one.bytes += c.bytes
		}
		rest := slices.DeleteFunc(slices.Clone(list), func(c choice) bool { return strings.HasPrefix(c.module, prefix) })
		return slices.Insert(rest, min(at, len(rest)), one)
	}
	seen := map[string]bool{}
	for _, c := range mine {
		head, _, _ := strings.Cut(c.module[len(prefix):], ".")
		child := prefix + head
		if !seen[child] && c.module != child {
			seen[child] = true
			list = join(list, child)
		}
	}
	return list
}
