package detect

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// kfdTargets maps a PCI address to the compiler target of AMD's compute
// driver.
type kfdTargets map[string]string

// kfdNodes reads the topology of the compute driver (KFD). Nodes without SIMDs
// are processors.
func (m *machine) kfdNodes() kfdTargets {
	targets := kfdTargets{}
	for _, file := range m.glob("/sys/class/kfd/kfd/topology/nodes/*/properties") {
		b, err := m.read(file)
		if err != nil {
			continue
		}
		p := keyValues(b, ' ')
		simds, _ := whole(p["simd_count"])
		version, ok := whole(p["gfx_target_version"])
		location, ok2 := whole(p["location_id"])
		domain, _ := whole(p["domain"])
		if simds == 0 || !ok || !ok2 || version == 0 {
			continue
		}
		targets[kfdAddress(domain, location)] = gfxTarget(version)
	}
	return targets
}

// kfdAddress unpacks a location: bus in the high byte, then five bits of
// device and three of function.
func kfdAddress(domain, location int64) string {
	return fmt.Sprintf("%04x:%02x:%02x.%x", domain&0xffff, location>>8&0xff, location>>3&0x1f, location&7)
}

// gfxTarget unpacks major·10000 + minor·100 + stepping; the last two are one
// hexadecimal digit each: 110501 is gfx1151, 90010 is gfx90a.
func gfxTarget(version int64) string {
	major, minor, step := version/10000, version/100%100, version%100
	if major == 0 || minor > 15 || step > 15 {
		return ""
	}
	return "gfx" + strconv.FormatInt(major, 10) + strconv.FormatInt(minor, 16) + strconv.FormatInt(step, 16)
}

func (t kfdTargets) target(p *PCI) string {
	if p == nil {
		return ""
	}
	return t[strings.ToLower(path.Clean(p.Address))]
}
