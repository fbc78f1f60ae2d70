package calculator

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/ui/widget"
)

// The kinds of places that answer to the mouse.
type zoneKind int

const (
	zoneSlider zoneKind = iota
	zoneCommand
	zoneGrid
)

// zone is a place of one row that answers to the mouse, as it was drawn last.
type zone struct {
	kind     zoneKind
	y        int
	from, to int
	key      string // the knob, or the precision of a row of the map

	valueAt, valueEnd int // of a slider
	cell              int // width of a cell of the map
}

type zones []zone

// at is the zone of a row; columns count only for the map.
func (zs zones) at(x, y int) (zone, bool) {
	for _, z := range zs {
		if z.y == y && (z.kind == zoneSlider || x >= z.from && x < z.to) {
			return z, true
		}
	}
	return zone{}, false
}

func (zs zones) slider(key string) (zone, bool) {
	for _, z := range zs {
		if z.kind == zoneSlider && z.key == key {
			return z, true
		}
	}
	return zone{}, false
}

// Mouse drags sliders, steps them with the wheel, and takes clicks on values,
// on the map and on the command.
func (p *Pane) Mouse(x, y int, msg tea.MouseMsg) (tea.Cmd, bool) {
	if p.now == nil {
		return nil, false
	}
	if p.runtimes != nil {
		return p.runtimesMouse(y, msg)
	}
	if p.work != nil {
		wheel, ok := msg.(tea.MouseWheelMsg)
		if ok {
			p.work.scroll.Wheel(wheel.Button)
		}
		return nil, ok
	}
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			return p.click(x, y)
		}
	case tea.MouseMotionMsg:
		if p.drag != "" {
			return p.dragTo(x), true
		}
	case tea.MouseReleaseMsg:
		return p.release()
	case tea.MouseWheelMsg:
		return p.wheel(x, y, msg)
	}
	return nil, false
}

func (p *Pane) click(x, y int) (tea.Cmd, bool) {
	z, ok := p.zones.at(x, y)
	if !ok {
		return nil, false
	}
	switch z.kind {
	case zoneCommand:
		return p.copyCommand(), true
	case zoneGrid:
		return p.clickGrid(z, x), true
	case zoneSlider:
		return p.clickSlider(z, x), true
	}
	return nil, false
}

// clickSlider takes the slider in hand: on its track the thumb comes to the
// pointer and stays with it, a second click on the value opens it.
func (p *Pane) clickSlider(z zone, x int) tea.Cmd {
	again := p.focus == z.key
	p.focus, p.moved, p.edit = z.key, move{}, nil
	switch {
	case x >= z.from && x < z.to:
		p.drag = z.key
		return p.dragTo(x)
	case again && x >= z.valueAt && x < z.valueEnd:
		return p.begin("")
	}
	return nil
}

// dragTo moves the slider that is held to the pointer's column, in whatever
// row the pointer is.
func (p *Pane) dragTo(x int) tea.Cmd {
	z, ok := p.zones.slider(p.drag)
	k := p.now.knob(p.drag)
	if !ok || k == nil {
		return nil
	}
	s := widget.Slider{Stops: k.stops, At: k.at}
	stop := s.StopAt(x-z.from, z.to-z.from)
	if stop == k.stop() {
		return nil
	}
	return p.change(p.drag, k.with(stop))
}

// release ends a drag and tells the root where it ended.
func (p *Pane) release() (tea.Cmd, bool) {
	if p.drag == "" {
		return nil, false
	}
	p.drag = ""
	if same(p.settings, p.session.Settings) {
		return nil, true
	}
	return p.send(), true
}

func (p *Pane) wheel(x, y int, msg tea.MouseWheelMsg) (tea.Cmd, bool) {
	z, ok := p.zones.at(x, y)
	if !ok || z.kind != zoneSlider {
		return nil, false
	}
	dir := 1
	if msg.Button == tea.MouseWheelDown || msg.Button == tea.MouseWheelLeft {
		dir = -1
	}
	p.focus, p.moved = z.key, move{}
	return p.change(z.key, p.now.knob(z.key).step(dir)), true
}

// clickGrid takes precision and context of a cell of the map.
func (p *Pane) clickGrid(z zone, x int) tea.Cmd {
	context := p.now.knob(keyContext)
	i := (x - z.from) / z.cell
	if i < 0 || i >= context.stops {
		return nil
	}
	s := context.with(i)
	s.Quant = z.key
	p.moved = move{}
	return p.change(keyContext, s)
}
