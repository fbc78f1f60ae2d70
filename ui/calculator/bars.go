package calculator

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"runlocal/sizing"
	"runlocal/ui/widget"
)

// The widths of a bar's row: the device's name before it, the figures behind.
const (
	barName      = 16
	barNameWide  = 28
	leastBar     = 8
	wideScreen   = 110
	legendIndent = 1
)

// barLines draws the memory of every device that holds something: each GPU
// has a bar of its own, RAM has one when something lives there.
func (p *Pane) barLines(width int) []line {
	var out []line
	gpu := 0
	for i := range p.now.budget.Devices {
		d := &p.now.budget.Devices[i]
		name := "RAM"
		if d.Kind == sizing.KindGPU {
			name = "GPU " + strconv.Itoa(gpu) + " " + widget.Clean(d.Name)
			gpu++
		} else if d.Total == 0 && gpu > 0 {
			continue
		}
		r := rankBars
		if len(out) == 0 {
			r = rankFocus
		}
		bar := widget.MemBarOf(*d)
		out = append(out, line{text: p.barRow(name, bar, width), rank: r})
		out = append(out, line{text: p.legendRow(bar, width), rank: rankLegend})
	}
	return out
}

// barRow is a device's name, its bar and its figures.
func (p *Pane) barRow(name string, bar widget.MemBar, width int) string {
	nameWidth := barName
	if width >= wideScreen {
		nameWidth = barNameWide
	}
	figures := bar.Figures()
	room := width - nameWidth - ansi.StringWidth(figures) - 5
	if room < leastBar {
		nameWidth = max(0, nameWidth-leastBar+room)
		room = width - nameWidth - ansi.StringWidth(figures) - 5
	}
	style := p.theme.Bold
	if bar.Capacity > 0 && bar.Used() > bar.Capacity {
		style = p.theme.Error
	}
	parts := []string{widget.Fit(shortName(name, nameWidth), nameWidth)}
	if room >= leastBar {
		parts = append(parts, bar.View(p.theme, room))
	}
	return " " + strings.Join(append(parts, " "+style.Render(figures)), " ")
}

// shortName leaves the maker out where the name is too long: what tells two
// cards apart stands at the end.
func shortName(name string, width int) string {
	for _, maker := range []string{"NVIDIA ", "GeForce ", "AMD ", "Radeon ", "Intel ", "Apple "} {
		if ansi.StringWidth(name) <= width {
			return name
		}
		name = strings.Replace(name, maker, "", 1)
	}
	return name
}

// legendRow names the parts under the bar, as far right as they have room.
func (p *Pane) legendRow(bar widget.MemBar, width int) string {
	indent := barName + 2
	if width >= wideScreen {
		indent = barNameWide + 2
	}
	legend := bar.Legend(p.theme, width-legendIndent-1)
	indent = max(legendIndent, min(indent, width-1-ansi.StringWidth(legend)))
	return strings.Repeat(" ", indent) + legend
}
