package hardware

import (
	"fmt"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// detailLines are all there is to say of the device under the cursor. They
// also note where the list of jobs begins.
func (p *Pane) detailLines(width int) []string {
	p.places.jobs = -1
	it := p.current()
	if it == nil {
		return nil
	}
	title := p.theme.Title
	if p.mode == reading {
		title = p.theme.Active
	}
	lines := []string{title.Render(widget.Fit(widget.Clean(it.name()), width))}
	if it.found != nil {
		lines = append(lines, p.liveLines(it, width)...)
	}
	if it.device != nil {
		lines = append(lines, p.factLines(it.device, width)...)
	} else {
		lines = append(lines, p.dim("not in the catalog: what the driver says is all that is known", width)...)
	}
	lines = append(lines, "", p.theme.Title.Render("What fits"+p.onWhat(it)))
	p.places.jobs = len(lines)
	for i := range p.card.jobs {
		lines = append(lines, p.jobLine(i, width))
	}
	if len(p.card.prices) > 0 {
		lines = append(lines, "", p.theme.Title.Render("Price"))
		for _, s := range p.card.prices {
			lines = append(lines, widget.Wrap(s, width)...)
		}
	}
	if it.device != nil {
		lines = append(lines, p.sourceLines(it.device, width)...)
	}
	return lines
}

// onWhat says which machine the jobs are sized for.
func (p *Pane) onWhat(it *item) string {
	if it.found != nil {
		return " on this machine"
	}
	if n := p.inRig(it.device); n > 1 {
		return " on " + strconv.Itoa(n) + " of them"
	}
	return ""
}

func (p *Pane) dim(s string, width int) []string {
	lines := widget.Wrap(s, width)
	for i, l := range lines {
		lines[i] = p.theme.Dim.Render(l)
	}
	return lines
}

// jobLine is a workload with its verdict, memory and speed.
func (p *Pane) jobLine(i, width int) string {
	j := p.card.jobs[i]
	if j.err != "" {
		return p.theme.Dim.Render(widget.Fit("· "+j.name+": "+widget.Clean(j.err), width))
	}
	b := j.budget
	mark := theme.Mark(b.Verdict)
	name := widget.Fit(j.name, 14)
	figures := widget.FitRight(units.Bytes(b.Totals.Total), 9)
	if b.Verdict != sizing.No && b.Speed.Decode.Mid > 0 {
		figures += widget.FitRight("≈"+units.Rate(b.Speed.Decode.Mid)+" t/s", 10)
	}
	text := widget.Fit(name+figures+"  "+widget.Clean(j.record.Name), width-2)
	if p.mode == reading && i == p.work {
		return p.theme.Selected.Render(mark + " " + text)
	}
	if b.Verdict == sizing.No {
		text = p.theme.Dim.Render(text)
	}
	return p.theme.Verdict(b.Verdict).Render(mark) + " " + text
}

// factLines are the data sheet.
func (p *Pane) factLines(d *catalog.Device, width int) []string {
	lines := p.dim(join(" · ", d.Vendor, d.Generation, d.Kind, d.Released), width)
	lines = append(lines, "")
	fact := func(name, text string) {
		if text == "" {
			return
		}
		for i, l := range widget.Wrap(text, width-12) {
			if i > 0 {
				name = ""
			}
			lines = append(lines, p.theme.Dim.Render(widget.Fit(name, 12))+l)
		}
	}
	fact("memory", memoryFact(d))
	fact("bandwidth", join(" · ", withUnit(d.BandwidthGBs, "GB/s"), bus(d)))
	fact("FP16", withUnit(value(d.Compute.FP16), "TFLOPS"))
	fact("FP8, INT8", join(" · ", withUnit(value(d.Compute.FP8), "TFLOPS"), withUnit(value(d.Compute.INT8), "TOPS")))
	fact("power", withUnit(float64(value(d.TDPWatts)), "W"))
	fact("link", links(d))
	fact("runs", strings.Join(d.Runtimes, ", ")+capability(d))
	return lines
}

func join(sep string, parts ...string) string {
	var kept []string
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, sep)
}

func withUnit(v float64, unit string) string {
	if n := number(v); n != "" {
		return n + " " + unit
	}
	return ""
}

func memoryFact(d *catalog.Device) string {
	s := strconv.FormatFloat(d.MemoryGB, 'f', -1, 64) + " " + unit(d.MemoryUnit) + " " + d.MemoryType
	if d.DriverReportedMiB != nil {
		s += ", " + units.Bytes(d.MemoryBytes()) + " by the driver"
	}
	if d.Unified {
		s += ", shared with the CPU"
		if d.UsableShare != nil {
			s += fmt.Sprintf(" (%.0f %% for the GPU)", *d.UsableShare*100)
		}
	}
	if sizes := d.MemorySizes(); len(sizes) > 1 {
		s += "; sold with " + joined(sizes) + " GB, m takes the next"
	}
	return s
}

func joined(sizes []float64) string {
	words := make([]string, len(sizes))
	for i, gb := range sizes {
		words[i] = strconv.FormatFloat(gb, 'f', -1, 64)
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func bus(d *catalog.Device) string {
	if d.BusBits == nil {
		return ""
	}
	return strconv.Itoa(*d.BusBits) + " bit"
}

func links(d *catalog.Device) string {
	var parts []string
	if d.PCIe != nil {
		parts = append(parts, "PCIe "+*d.PCIe)
	}
	if d.NVLink {
		parts = append(parts, "NVLink")
	}
	if d.InfinityFabricLink {
		parts = append(parts, "Infinity Fabric")
	}
	return strings.Join(parts, " · ")
}

// capability is what runtimes ask of a device, by its maker's name for it.
func capability(d *catalog.Device) string {
	switch {
	case d.CUDACapability != nil:
		return " (CUDA " + *d.CUDACapability + ")"
	case d.GFX != nil:
		return " (" + *d.GFX + ")"
	case d.MetalFamily != nil:
		return " (" + *d.MetalFamily + ")"
	default:
		return ""
	}
}

func (p *Pane) sourceLines(d *catalog.Device, width int) []string {
	lines := []string{""}
	if d.Notes != "" {
		lines = append(lines, widget.Wrap(d.Notes, width)...)
	}
	if d.LicenceNote != nil {
		lines = append(lines, widget.Wrap(*d.LicenceNote, width)...)
	}
	lines = append(lines, p.dim("record: "+d.Confidence, width)...)
	for _, s := range d.Sources {
		lines = append(lines, p.dim("· "+s, width)...)
	}
	return lines
}

// meterWidth is the width of a bar of the live meter.
const meterWidth = 20

// liveLines are the meters of a detected GPU. What the driver does not tell is
// said, never shown as zero.
func (p *Pane) liveLines(it *item, width int) []string {
	g := it.found
	used, load, temperature, watts := g.Memory.Used, g.Load, g.Temperature, g.Watts
	if l := p.liveOf(it.index); l != nil {
		used, load, temperature, watts = or(l.Used, used), or(l.Load, load), or(l.Temperature, temperature), or(l.Watts, watts)
	}
	memory := "not told by the driver"
	share := -1.0
	if used != nil && g.Memory.Total > 0 {
		share = float64(*used) / float64(g.Memory.Total)
		memory = units.Bytes(*used) + " of " + units.Bytes(g.Memory.Total)
	}
	lines := []string{p.theme.Good.Render("◆ yours") + p.theme.Dim.Render(p.pulse(it.index)), ""}
	lines = append(lines, p.meter("memory", share, memory, width))
	if load != nil {
		lines = append(lines, p.meter("load", *load/100, fmt.Sprintf("%.0f %%", *load), width))
	}
	var rest []string
	if temperature != nil {
		rest = append(rest, fmt.Sprintf("%.0f °C", *temperature))
	}
	if watts != nil {
		w := fmt.Sprintf("%.0f W", *watts)
		if g.WattsLimit != nil {
			w += fmt.Sprintf(" of %.0f W", *g.WattsLimit)
		}
		rest = append(rest, w)
	}
	rest = append(rest, driver(g)...)
	if len(rest) > 0 {
		lines = append(lines, p.dim(strings.Join(rest, " · "), width)...)
	}
	return append(lines, "")
}

func or[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// pulse says whether the figures move.
func (p *Pane) pulse(index int) string {
	if p.liveOf(index) != nil && p.polling {
		return " · live"
	}
	return ""
}

func driver(g *detect.GPU) []string {
	var parts []string
	if g.Driver != "" {
		parts = append(parts, "driver "+g.Driver)
	}
	if g.CUDA != "" {
		parts = append(parts, "CUDA "+g.CUDA)
	}
	if g.Link != nil && g.Link.Gen > 0 {
		parts = append(parts, fmt.Sprintf("PCIe %d ×%d", g.Link.Gen, g.Link.Width))
	}
	return parts
}

// meter is a name, a bar and a figure; a share below zero is not known.
func (p *Pane) meter(name string, share float64, figure string, width int) string {
	w := min(meterWidth, width-30)
	bar := ""
	if share >= 0 && w > 3 {
		full := int(max(0, min(1, share))*float64(w) + 0.5)
		bar = p.theme.Part(theme.PartWeights).Render(strings.Repeat("█", full)) +
			p.theme.Part(theme.PartFree).Render(strings.Repeat("·", w-full)) + " "
	}
	return widget.Fit(p.theme.Dim.Render(widget.Fit(name, 8))+bar+figure, width)
}
