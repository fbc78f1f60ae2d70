package hardware

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/pane"
)

// mostCards bounds a simulated rig; no machine has more.
const mostCards = 16

// devices are the records of a simulated rig; none for the real one.
func (p *Pane) devices() []*catalog.Device {
	if !p.s.Rig.Simulated {
		return nil
	}
	var list []*catalog.Device
	for _, g := range p.s.Rig.GPUs {
		if g.Record != nil {
			list = append(list, g.Record)
		}
	}
	return list
}

// inRig is how many of a device the simulated rig has.
func (p *Pane) inRig(d *catalog.Device) int {
	n := 0
	for _, other := range p.devices() {
		if other.ID == d.ID {
			n++
		}
	}
	return n
}

// add puts the device under the cursor into the rig: the first one replaces
// the real machine, the next ones stand beside it.
func (p *Pane) add() tea.Cmd {
	d := p.current().device
	// Cards of a kind stay together: runtimes fill them in this order.
	list := p.devices()
	at := len(list)
	for i, other := range list {
		if other.ID == d.ID {
			at = i + 1
		}
	}
	return simulate(slices.Insert(list, at, d))
}

func (p *Pane) takeOff() tea.Cmd {
	list := p.devices()
	here := p.current().device
	i := slices.IndexFunc(list, func(d *catalog.Device) bool { return d.ID == here.ID })
	return simulate(slices.Delete(list, i, i+1))
}

// simulate makes the devices the rig; none means the real one again.
func simulate(list []*catalog.Device) tea.Cmd {
	if len(list) == 0 {
		return pane.Say(pane.RigChanged{})
	}
	return pane.Say(pane.RigChanged{Rig: sizing.RigOf(list, sizing.DefaultHost())})
}

func (p *Pane) cannotAdd() string {
	switch it := p.current(); {
	case it == nil:
		return p.nothing()
	case it.device == nil:
		return "the catalog has no record of this device; it is in the real rig already"
	case len(p.devices()) >= mostCards:
		return "sixteen devices are the most"
	default:
		return ""
	}
}

func (p *Pane) notInRig() string {
	it := p.current()
	if it == nil || it.device == nil || p.inRig(it.device) == 0 {
		return "this device is not in a simulated rig"
	}
	return ""
}

// rigOf is the machine that the detail speaks of: the real one for a detected
// GPU, one card alone for a record, as many as the rig has of it otherwise.
func (p *Pane) rigOf(it *item) *sizing.Rig {
	if it.found != nil {
		return p.s.RealRig()
	}
	n := max(1, p.inRig(it.device))
	return sizing.RigOf(slices.Repeat([]*catalog.Device{it.device}, n), sizing.DefaultHost())
}
