package hardware

import (
	"fmt"
	"strconv"

	"runlocal/sizing/units"
	"runlocal/ui/widget"
)

// The columns of the list.
const (
	colName = iota
	colMemory
	colBandwidth
	colCompute
	colPower
	colDate
	colPrice
	colKind
)

func columns() []widget.Column {
	return []widget.Column{
		colName:      {Title: "device", Width: 26, Max: 44},
		colMemory:    {Title: "memory", Width: 9, Right: true},
		colBandwidth: {Title: "GB/s", Width: 7, Right: true},
		colCompute:   {Title: "FP16 TF", Width: 9, Right: true},
		colPower:     {Title: "watts", Width: 7, Right: true},
		colDate:      {Title: "released", Width: 10},
		colPrice:     {Title: "price", Width: 8, Right: true},
		colKind:      {Title: "kind", Width: 11},
	}
}

// name is what the item is called.
func (it *item) name() string {
	if it.found != nil {
		return it.found.Name
	}
	return it.device.Name
}

func (p *Pane) row(i int) widget.Row {
	it := &p.shown[i]
	cells := make([]string, colKind+1)
	cells[colName] = widget.Clean(it.name())
	r := widget.Row{Sign: " ", SignStyle: p.theme.Accent, Cells: cells, Matched: it.matched}
	if d := it.device; d != nil {
		cells[colMemory] = strconv.FormatFloat(d.MemoryGB, 'f', -1, 64) + " " + unit(d.MemoryUnit)
		cells[colBandwidth] = number(d.BandwidthGBs)
		cells[colCompute] = number(value(d.Compute.FP16))
		cells[colPower] = number(float64(value(d.TDPWatts)))
		cells[colDate] = widget.Clean(d.Released)
		cells[colKind] = widget.Clean(d.Kind)
		if usd := price(d); usd > 0 {
			cells[colPrice] = "$" + units.Count(usd)
		}
	}
	if it.found != nil {
		r.Sign, r.SignStyle = "◆", p.theme.Good
		cells[colMemory] = units.Bytes(it.found.Memory.Total)
		cells[colKind] = "yours"
		return r
	}
	if n := p.inRig(it.device); n > 0 {
		r.Sign = "+"
		if n > 1 {
			r.Sign = strconv.Itoa(n % 10)
			cells[colName] = fmt.Sprintf("%d × %s", n, cells[colName])
			r.Matched = nil
		}
	}
	return r
}

func unit(u string) string {
	if u == "" {
		return "GB"
	}
	return u
}

// number prints a figure of a data sheet; unknown is blank, never zero.
func number(v float64) string {
	switch {
	case v <= 0:
		return ""
	case v < 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return units.Count(int64(v + 0.5))
	}
}
