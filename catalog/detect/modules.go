package detect

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// memoryModules finds out type, speed and channels of the RAM: from the
// firmware's table where it may be read (root), else from the kernel's error
// counters (ECC memory). Neither exists on most desktops for a plain user, and
// then it stays unknown.
func (m *machine) memoryModules(h *Host) {
	const table = "/sys/firmware/dmi/tables/DMI"
	b, err := m.read(table)
	if err == nil {
		h.modulesOf(parseSMBIOS(b))
		if h.MemoryType != "" {
			return
		}
	}
	m.errorCounters(h)
	if h.MemoryType != "" {
		return
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		h.MemoryNote = "type, speed and channels of the RAM can be read by root alone"
	default:
		h.MemoryNote = "the system does not tell type, speed and channels of the RAM"
	}
}

// module is one memory module of the firmware's table.
type module struct {
	size    int64  // bytes
	kind    string // DDR5 …
	mtps    int    // as it runs, MT/s
	locator string // slot and bank, as the board's maker writes it
}

// modulesOf sums up the modules. Channels are told apart by their slots'
// names; where those say nothing the number stays unknown.
func (h *Host) modulesOf(modules []module) {
	channels := map[string]bool{}
	for _, d := range modules {
		if d.size == 0 {
			continue
		}
		h.MemoryType = d.kind
		if d.mtps > 0 && (h.MemoryMTps == 0 || d.mtps < h.MemoryMTps) {
			h.MemoryMTps = d.mtps // the slowest sets the pace
		}
		if c := channelOf(d.locator); c != "" {
			channels[c] = true
		}
	}
	h.Channels = len(channels)
}

// channelOf reads the channel out of a slot's name: "ChannelA-DIMM0", "P0
// CHANNEL B", "DIMM_A1", "CPU1_DIMM_C2", "Controller1-ChannelA". "" = it does
// not say.
func channelOf(locator string) string {
	upper := strings.ToUpper(locator)
	place := ""
	for _, re := range []string{`CONTROLLER ?\d`, `\bP\d`, `CPU ?\d`, `NODE ?\d`} {
		place += regexp.MustCompile(re).FindString(upper)
	}
	for _, re := range []string{`CHANNEL ?_?([A-P0-9])`, `DIMM[ _]?([A-P])\d`, `\b([A-P])\d\b`} {
		if found := regexp.MustCompile(re).FindStringSubmatch(upper); found != nil {
			return place + "/" + found[1]
		}
	}
	return ""
}

// errorCounters reads the memory controllers that count ECC errors (EDAC).
func (m *machine) errorCounters(h *Host) {
	channels := map[string]bool{}
	dimms := append(m.glob("/sys/devices/system/edac/mc/mc*/dimm*"), m.glob("/sys/devices/system/edac/mc/mc*/rank*")...)
	for _, dir := range dimms {
		if size, ok := m.number(path.Join(dir, "size")); !ok || size == 0 {
			continue
		}
		if kind := memoryFamily(m.text(path.Join(dir, "dimm_mem_type"))); kind != "" {
			h.MemoryType = kind
		}
		if c := edacChannel(m.text(path.Join(dir, "dimm_location"))); c != "" {
			channels[path.Dir(dir)+"/"+c] = true
		}
	}
	h.Channels = len(channels)
}

// edacChannel reads "channel 1 slot 0" or "csrow 2 channel 1".
func edacChannel(location string) string {
	words := strings.Fields(location)
	for i := 0; i+1 < len(words); i++ {
		if words[i] == "channel" {
			return words[i+1]
		}
	}
	return ""
}

// memoryFamily finds the family in "Registered-DDR5" or "Unbuffered-DDR4".
func memoryFamily(s string) string {
	for _, family := range []string{"LPDDR5X", "LPDDR5", "LPDDR4X", "LPDDR4", "LPDDR3", "DDR5", "DDR4", "DDR3", "DDR2"} {
		if strings.Contains(strings.ToUpper(s), family) {
			return family
		}
	}
	return ""
}
