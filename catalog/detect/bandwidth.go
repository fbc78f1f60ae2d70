package detect

import (
	_ "embed" // the table of processors
	"fmt"
	"regexp"
	"slices"
	"strings"

	"runlocal/catalog"
)

//go:embed platforms.tsv
var platformTable string

// estimateBandwidth sets the RAM's theoretical bandwidth. Best is what the
// modules run at; else the processor's platform at its highest official
// speed, which is an upper bound: slower or fewer modules give less.
func (h *Host) estimateBandwidth(platforms []catalog.CPUPlatform, gpus []GPU) {
	h.Platform = h.platform()
	i := slices.IndexFunc(platforms, func(p catalog.CPUPlatform) bool { return p.ID == h.Platform })
	if h.fromUnified(gpus) {
		return
	}
	if i < 0 {
		h.fromModules(0)
		return
	}
	p := platforms[i]
	if h.fromModules(p.ChannelBits * p.Channels) {
		return
	}
	sockets := max(1, h.Sockets)
	h.BandwidthGBs = p.Bandwidth * float64(sockets)
	h.BandwidthBasis = fmt.Sprintf("estimate: %s with %s-%d in every channel", p.Name, p.Memory, p.MaxMTps)
	if sockets > 1 {
		h.BandwidthBasis += fmt.Sprintf(", %d sockets", sockets)
	}
	if h.VM != "" {
		h.partOf(p)
	}
}

// oneCoreGBs is what one server core moved through memory in a measurement
// (copying, read and written bytes together; Xeon of 2023 with DDR5).
const oneCoreGBs = 23

// partOf lowers the estimate to a virtual machine's part of the processor: its
// share of the cores, as neighbours take theirs, but no less than one core
// gets. (A machine with 16 of 64 cores was measured at 92 to 117 GB/s, where
// the processor's own figure is 358 and its share 90.)
func (h *Host) partOf(p catalog.CPUPlatform) {
	if p.MaxCores == 0 || h.Cores == 0 || h.Cores >= p.MaxCores {
		return
	}
	share := p.Bandwidth * float64(h.Cores) / float64(p.MaxCores)
	h.BandwidthGBs = min(h.BandwidthGBs, max(share, oneCoreGBs))
	h.BandwidthBasis = fmt.Sprintf("estimate: a virtual machine's part of a %s, %d of %d cores", p.Name, h.Cores, p.MaxCores)
}

// fromUnified takes the bandwidth of a GPU that shares the host's memory.
func (h *Host) fromUnified(gpus []GPU) bool {
	for _, g := range gpus {
		if g.Memory.Unified && g.Record != nil && g.Record.BandwidthGBs > 0 && (g.Vendor == "apple" || g.Vendor == "nvidia") {
			h.BandwidthGBs = g.Record.BandwidthGBs
			h.BandwidthBasis = "the memory that it shares with " + g.Record.Name
			return true
		}
	}
	return false
}

// moduleBits is the width of one DDR channel. Soldered memory (LPDDR) has
// narrower ones, whose number the firmware does not tell reliably.
const moduleBits = 64

// fromModules multiplies width and speed of the memory found. The platform's
// full width stands in where the slots' names tell no channels.
func (h *Host) fromModules(platformBits int) bool {
	if h.MemoryMTps == 0 || h.MemoryType == "" {
		return false
	}
	bits, how := platformBits*max(1, h.Sockets), "the platform's full width"
	if h.Channels > 0 && !strings.HasPrefix(h.MemoryType, "LPDDR") {
		bits, how = h.Channels*moduleBits, fmt.Sprintf("%d channels found", h.Channels)
	}
	if bits == 0 {
		return false
	}
	h.BandwidthGBs = float64(bits) / 8 * float64(h.MemoryMTps) / 1000
	h.BandwidthBasis = fmt.Sprintf("%s-%d as it runs, %s", h.MemoryType, h.MemoryMTps, how)
	return true
}

// platform is the id of the processor's platform, "" = not in the table.
func (h *Host) platform() string {
	for line := range strings.Lines(platformTable) {
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(fields) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		if h.is(fields[1:]) {
			return h.withMemory(fields[0])
		}
	}
	return ""
}

// is tells whether the processor fits one line of the table.
func (h *Host) is(rule []string) bool {
	if rule[0] == "name" {
		re, err := regexp.Compile(rule[1])
		return err == nil && h.CPU != "" && re.MatchString(plainName(h.CPU))
	}
	return len(rule) == 4 && rule[1] == h.cpuVendor && rule[2] == h.cpuFamily &&
		slices.Contains(strings.Split(rule[3], ","), h.cpuModel)
}

// plainName drops the trade marks that stand between the words of a name.
func plainName(cpu string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("(R)", " ", "(r)", " ", "(TM)", " ", "(tm)", " ", "®", " ", "™", " ").Replace(cpu)), " ")
}

// withMemory corrects platforms that take two kinds of memory.
func (h *Host) withMemory(platform string) string {
	twoKinds := platform == "intel-core-12th-gen-ddr5" || platform == "intel-core-13th-14th-gen"
	if twoKinds && h.MemoryType == "DDR4" {
		return "intel-core-12th-gen-ddr4"
	}
	return platform
}
