package catalog

import (
	"math"
	"strings"
)

// memoryTolerance is how far the memory that a driver reports may be from a
// record's and still be the same device.
const memoryTolerance = 0.05

func indexPCI(devices []*Device) map[string][]*Device {
	m := map[string][]*Device{}
	for _, d := range devices {
		for _, id := range d.PCIIDs {
			m[strings.ToLower(id)] = append(m[strings.ToLower(id)], d)
		}
		for _, r := range d.PCIRevisions {
			for _, id := range d.PCIIDs {
				vendor, device, _ := strings.Cut(id, ":")
				if strings.HasPrefix(r, device+":") {
					k := strings.ToLower(vendor + ":" + r)
					m[k] = append(m[k], d)
				}
			}
		}
	}
	return m
}

// DeviceByPCI finds a device by its PCI id, "vendor:device" or
// "vendor:device:revision" in hexadecimal. Where several records have the id,
// the memory in bytes decides, to within 5 %; nil if it does not.
func (c *Catalog) DeviceByPCI(id string, memoryBytes int64) *Device {
	byPCI := c.drivers().byPCI
	id = strings.ToLower(strings.ReplaceAll(id, "0x", ""))
	found := byPCI[id]
	if parts := strings.Split(id, ":"); len(found) == 0 && len(parts) == 3 {
		found = byPCI[parts[0]+":"+parts[1]]
	}
	if len(found) == 1 {
		return found[0]
	}
	return nearestMemory(found, memoryBytes)
}

func indexDrivers(devices []*Device) map[string][]*Device {
	byID := make(map[string]*Device, len(devices))
	m := map[string][]*Device{}
	for _, d := range devices {
		byID[d.ID] = d
		for _, n := range append([]string{d.Name}, d.DeviceNames...) {
			addDriver(m, n, d)
		}
	}
	for _, d := range devices {
		if owner := byID[deref(d.SharesNameWith)]; owner != nil {
			for _, n := range owner.DeviceNames {
				addDriver(m, n, d)
			}
		}
	}
	return m
}

func addDriver(m map[string][]*Device, name string, d *Device) {
	k := driverKey(name)
	if list := m[k]; len(list) == 0 || list[len(list)-1] != d {
		m[k] = append(list, d)
	}
}

// driverKey is the key of a driver's name without what drivers add at will:
// the vendor, trade marks, RADV's chip name, a MIG profile.
func driverKey(name string) string {
	name = strings.ToLower(name)
	for _, tail := range []string{" (radv", " mig "} {
		name, _, _ = strings.Cut(name, tail)
	}
	var b strings.Builder
	for _, term := range terms(name) {
		switch term {
		case "nvidia", "amd", "intel", "r", "tm", "graphics":
		default:
			b.WriteString(term)
		}
	}
	return b.String()
}

// DeviceByDriverName finds a device by the name that its driver reports. Where
// records share the name the memory in bytes decides, to within 5 %; 0 bytes
// means not known, and the record that owns the name is taken. Nil if there is
// no such name, or only with other memory; a device that shares the host's
// memory may have any.
func (c *Catalog) DeviceByDriverName(name string, memoryBytes int64) *Device {
	found := c.drivers().byDriver[driverKey(name)]
	if d := nearestMemory(found, memoryBytes); d != nil {
		return d
	}
	if len(found) > 0 && (memoryBytes == 0 || found[0].Unified) {
		return found[0]
	}
	return nil
}

// nearestMemory returns the device whose memory is nearest, the first of
// equals; nil if none is within the tolerance.
func nearestMemory(devices []*Device, memoryBytes int64) *Device {
	var best *Device
	least := memoryTolerance
	for _, d := range devices {
		if off := d.memoryOff(memoryBytes); off < least {
			best, least = d, off
		}
	}
	return best
}

// memoryOff is the relative distance between the memory reported and the
// record's: the total that the driver is known to report, the advertised size
// or one of the sizes on sale.
func (d *Device) memoryOff(memoryBytes int64) float64 {
	unit := float64(1 << 30)
	if d.MemoryUnit == "GB" {
		unit = 1e9
	}
	off := math.Abs(float64(memoryBytes)/float64(d.MemoryBytes()) - 1)
	for _, gb := range append([]float64{d.MemoryGB}, d.MemoryOptionsGB...) {
		off = min(off, math.Abs(float64(memoryBytes)/(gb*unit)-1))
	}
	return off
}
