package command

import (
	"fmt"
	"strconv"
	"strings"

	"runlocal/catalog/detect"
	"runlocal/sizing/units"
	"runlocal/ui/theme"
)

// writeMachine prints a report for people.
func (a *App) writeMachine(r detect.Report, verbose bool) error {
	t := a.theme()
	var p page
	if len(r.GPUs) == 0 {
		p.line(t.Bold.Render("No GPU was found"), "; models run from the RAM. runlocal doctor says what was looked for.")
	} else {
		p.lines(gpuTable(r, t))
		for _, g := range r.GPUs {
			p.lines(gpuNotes(g, verbose))
		}
	}
	p.line()
	p.named("RAM", ramText(r.Host))
	p.named("CPU", cpuText(r.Host))
	if s := systemText(r.Host); s != "" {
		p.named("System", s)
	}
	for _, s := range r.Sources {
		if verbose || s.Fix != "" {
			p.named("Asked", sourceText(s, t))
		}
	}
	if verbose {
		p.named("Took", fmt.Sprintf("%d ms", r.Took.Milliseconds()))
	}
	return p.writeTo(a.Out)
}

func gpuTable(r detect.Report, t *theme.Theme) []string {
	list := table{columns: []column{
		{"", true}, {"GPU", false}, {"memory", true}, {"free", true}, {"load", true}, {"temp", true}, {"power", true}, {"PCIe", false}, {"target", false}, {"driver", false}, {"catalog", false},
	}}
	for i, g := range r.GPUs {
		name := oneLine(g.Name)
		if g.Hidden {
			name = t.Dim.Render(name + " (hidden)")
		}
		list.add(strconv.Itoa(i), name, knownBytes(g.Memory.Capacity()), freeText(g.Memory), withUnit(g.Load, "%"), withUnit(g.Temperature, "°C"),
			powerText(g.Watts, g.WattsLimit), linkText(g.Link), targetText(g), driverText(g), t.Dim.Render(g.RecordID))
	}
	return list.lines(t.Dim)
}

// gpuNotes are the lines below the table that a GPU needs.
func gpuNotes(g detect.GPU, verbose bool) []string {
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, fmt.Sprintf("   "+format, args...))
	}
	m := g.Memory
	if m.Unified {
		add("%s: its memory is the RAM's (%s)", oneLine(g.Name), basis(m))
	}
	if m.Reserved > 0 {
		add("%s: %s in all, less %s that the driver keeps", oneLine(g.Name), units.Bytes(m.Total), units.Bytes(m.Reserved))
	}
	if g.NVLink != nil {
		add("%s: %d NVLink connections", oneLine(g.Name), g.NVLink.Active)
	}
	if g.MIG != nil && g.MIG.Enabled {
		add("%s: divided into %d MIG instances", oneLine(g.Name), len(g.MIG.Instances))
		for _, in := range g.MIG.Instances {
			add("  %s: %s, %s free", oneLine(in.Name), units.Bytes(in.Memory.Capacity()), freeText(in.Memory))
		}
	}
	for _, u := range g.Processes {
		if used := u.Used; verbose || used != nil && *used >= 64<<20 {
			add("%s: process %d %s %s", oneLine(g.Name), u.PID, oneLine(u.Name), usedText(used))
		}
	}
	if verbose {
		add("%s: by %s, memory by %s", oneLine(g.Name), g.Source, basis(m))
		if g.PCI != nil {
			add("%s: PCI %s at %s", oneLine(g.Name), g.PCI.ID, g.PCI.Address)
		}
		if g.UUID != "" {
			add("%s: %s", oneLine(g.Name), g.UUID)
		}
	}
	return lines
}

func basis(m detect.Memory) string {
	if m.Basis == "" {
		return "nobody: not known"
	}
	return m.Basis
}

func knownBytes(n int64) string {
	if n <= 0 {
		return ""
	}
	return units.Bytes(n)
}

// freeText is what is left of a memory, "" where the driver does not tell.
func freeText(m detect.Memory) string {
	switch {
	case m.Free != nil:
		return units.Bytes(*m.Free)
	case m.Used != nil && m.Capacity() > 0:
		return units.Bytes(max(0, m.Capacity()-*m.Used))
	default:
		return ""
	}
}

func usedText(used *int64) string {
	if used == nil {
		return ""
	}
	return units.Bytes(*used)
}

func withUnit(v *float64, unit string) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', 0, 64) + " " + unit
}

func powerText(now, limit *float64) string {
	switch {
	case now != nil && limit != nil:
		return fmt.Sprintf("%.0f of %.0f W", *now, *limit)
	case now != nil:
		return fmt.Sprintf("%.0f W", *now)
	default:
		return ""
	}
}

// linkText is a link's generation and width; at rest the generation may be
// below what the link can do, and then both are said.
func linkText(l *detect.Link) string {
	if l == nil || l.Width == 0 && l.WidthMax == 0 {
		return ""
	}
	width, gen := l.Width, l.Gen
	if width == 0 {
		width = l.WidthMax
	}
	if gen == 0 {
		gen = l.GenMax
	}
	text := fmt.Sprintf("%d.0 x%d", gen, width)
	if l.GenMax > gen {
		text += fmt.Sprintf(" (up to %d.0)", l.GenMax)
	}
	return text
}

func targetText(g detect.GPU) string {
	switch {
	case g.ComputeCapability > 0:
		return "CUDA " + strconv.FormatFloat(g.ComputeCapability, 'f', 1, 64)
	case g.GFX != "":
		return g.GFX
	case g.GPUCores > 0:
		return fmt.Sprintf("%d cores", g.GPUCores)
	default:
		return g.Backend
	}
}

func driverText(g detect.GPU) string {
	if g.CUDA == "" {
		return oneLine(g.Driver)
	}
	return oneLine(g.Driver) + ", CUDA " + g.CUDA
}

func ramText(h detect.Host) string {
	if h.Total == 0 {
		return "not known"
	}
	parts := []string{units.Bytes(h.Total) + ", " + units.Bytes(h.Available) + " available"}
	if h.Limit != "" {
		parts = append(parts, fmt.Sprintf("limited by %s, %s installed", h.Limit, units.Bytes(h.Installed)))
	}
	if h.MemoryType != "" {
		kind := h.MemoryType
		if h.MemoryMTps > 0 {
			kind += "-" + strconv.Itoa(h.MemoryMTps)
		}
		if h.Channels > 0 {
			kind += fmt.Sprintf(" in %d channels", h.Channels)
		}
		parts = append(parts, kind)
	}
	text := strings.Join(parts, "; ")
	if h.BandwidthGBs > 0 {
		text += fmt.Sprintf("\n≈%.0f GB/s (%s)", h.BandwidthGBs, h.BandwidthBasis)
	}
	return text
}

func cpuText(h detect.Host) string {
	parts := []string{oneLine(h.CPU)}
	if h.CPU == "" {
		parts[0] = "not known"
	}
	if h.Cores > 0 {
		parts = append(parts, fmt.Sprintf("%d cores, %d threads", h.Cores, h.Threads))
	}
	if h.Sockets > 1 {
		parts = append(parts, fmt.Sprintf("%d sockets", h.Sockets))
	}
	if h.NUMANodes > 1 {
		parts = append(parts, fmt.Sprintf("%d NUMA nodes", h.NUMANodes))
	}
	if h.CPULimit > 0 {
		parts = append(parts, fmt.Sprintf("limited to the time of %.3g cores", h.CPULimit))
	}
	return strings.Join(parts, ", ")
}

func systemText(h detect.Host) string {
	parts := []string{h.OS}
	if h.WSL > 0 {
		parts = append(parts, fmt.Sprintf("WSL %d", h.WSL))
	}
	if h.Container != "" {
		parts = append(parts, "container ("+oneLine(h.Container)+")")
	}
	if h.VM != "" {
		parts = append(parts, "virtual machine ("+oneLine(h.VM)+")")
	}
	return strings.Join(parts, ", ")
}

func sourceText(s detect.Source, t *theme.Theme) string {
	text := fmt.Sprintf("%s: %s", s.Name, s.State)
	if s.Detail != "" {
		text += ", " + oneLine(s.Detail)
	}
	if s.Fix != "" {
		text += "\n" + t.Accent.Render("→ ") + s.Fix
	}
	return text
}
