package hardware

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
)

// sized is a record of the catalog with the size of memory that was chosen for
// it here, else with the one that it has in the rig.
func (p *Pane) sized(index int) *catalog.Device {
	d := p.s.Catalog.Devices[index]
	if chosen := p.memory[index]; chosen != nil {
		return chosen
	}
	for _, other := range p.devices() {
		if other.Original() == d {
			return other
		}
	}
	return d
}

// nextMemory takes the next size that the device under the cursor is sold
// with, in the rig too where it is part of it.
func (p *Pane) nextMemory() tea.Cmd {
	it := p.current()
	was, sizes := it.device, it.device.MemorySizes()
	now := was.WithMemory(sizes[(slices.Index(sizes, was.MemoryGB)+1)%len(sizes)])
	list, changed := p.devices(), false
	for i, d := range list {
		if d.ID == was.ID {
			list[i], changed = now, true
		}
	}
	p.memory[it.index] = now
	p.refresh(it)
	if changed {
		return tea.Batch(p.moved(), simulate(list))
	}
	return p.moved()
}

func (p *Pane) oneMemory() string {
	switch it := p.current(); {
	case it == nil:
		return p.nothing()
	case it.found != nil:
		return "a real machine has the memory that it has"
	case len(it.device.MemorySizes()) < 2:
		return "this device is sold with one size of memory"
	}
	return ""
}
