package detect

import (
	"bufio"
	"bytes"
	"path"
	"strconv"
	"strings"

	"runlocal/catalog"
)

// The PCI vendors whose GPUs are looked for.
const (
	vendorNVIDIA = "10de"
	vendorAMD    = "1002"
	vendorIntel  = "8086"
)

// pciDevice is one entry of /sys/bus/pci/devices.
type pciDevice struct {
	PCI
	dir    string
	driver string // the kernel module that has it; "" = none
}

// displayDevices lists the GPUs of a vendor on the PCI bus, whether a driver
// has them or not: classes 0300 (VGA), 0302 (3D) and 0380 (display), and 1200
// (processing accelerator), which AMD's data-centre cards use.
func (m *machine) displayDevices(vendor string) []pciDevice {
	var found []pciDevice
	for _, dir := range m.glob("/sys/bus/pci/devices/*") {
		class, ok := m.number(path.Join(dir, "class"))
		if !ok {
			continue
		}
		switch class >> 8 {
		case 0x0300, 0x0302, 0x0380, 0x1200:
		default:
			continue
		}
		d := m.pciDevice(dir)
		if strings.HasPrefix(d.ID, vendor+":") {
			found = append(found, d)
		}
	}
	return found
}

// pciDevice reads a device's directory; what is not told stays empty.
func (m *machine) pciDevice(dir string) pciDevice {
	b, _ := m.read(path.Join(dir, "uevent"))
	event := keyValues(b, '=')
	d := pciDevice{dir: dir, driver: event["DRIVER"]}
	d.Address = strings.ToLower(event["PCI_SLOT_NAME"])
	d.ID = strings.ToLower(event["PCI_ID"])
	d.Subsystem = strings.ToLower(event["PCI_SUBSYS_ID"])
	if d.ID == "" {
		d.ID = m.hexID(dir, "vendor", "device")
	}
	if rev, ok := m.number(path.Join(dir, "revision")); ok {
		d.Revision = hex(rev, 2)
	}
	return d
}

func (m *machine) hexID(dir, vendor, device string) string {
	v, ok1 := m.number(path.Join(dir, vendor))
	d, ok2 := m.number(path.Join(dir, device))
	if !ok1 || !ok2 {
		return ""
	}
	return hex(v, 4) + ":" + hex(d, 4)
}

// hex writes n in lower-case hexadecimal with at least width digits.
func hex(n int64, width int) string {
	s := strconv.FormatInt(n, 16)
	return strings.Repeat("0", max(0, width-len(s))) + s
}

// link reads the state of a device's PCI Express link.
func (m *machine) link(dir string) *Link {
	l := Link{
		Gen:    linkGeneration(m.text(path.Join(dir, "current_link_speed"))),
		GenMax: linkGeneration(m.text(path.Join(dir, "max_link_speed"))),
	}
	if n, ok := m.number(path.Join(dir, "current_link_width")); ok && n <= 32 {
		l.Width = int(n)
	}
	if n, ok := m.number(path.Join(dir, "max_link_width")); ok && n <= 32 {
		l.WidthMax = int(n)
	}
	if l == (Link{}) {
		return nil
	}
	return &l
}

// linkGeneration reads the kernel's "16.0 GT/s PCIe".
func linkGeneration(speed string) int {
	number, _, _ := strings.Cut(speed, " ")
	switch number {
	case "2.5":
		return 1
	case "5.0", "5":
		return 2
	case "8.0", "8":
		return 3
	case "16.0", "16":
		return 4
	case "32.0", "32":
		return 5
	case "64.0", "64":
		return 6
	default:
		return 0
	}
}

// rate sets GBs from the catalog's table of generations.
func (l *Link) rate(generations []catalog.PCIeGeneration) {
	if l == nil {
		return
	}
	width := l.Width
	if width == 0 {
		width = l.WidthMax
	}
	gen := strconv.Itoa(max(l.Gen, l.GenMax)) + ".0"
	for _, g := range generations {
		if g.Gen == gen {
			l.GBs = g.PerLane * float64(width)
		}
	}
}

// longestValue bounds one value of a file, in runes: a processor's list of
// flags is the longest that is read.
const longestValue = 1 << 14

// keyValues reads lines of key, separator, value, made printable.
func keyValues(b []byte, separator byte) map[string]string {
	all := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(make([]byte, 0, 4096), largestRead)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), string(separator))
		if ok {
			all[clean(key)] = printable(value, longestValue)
		}
	}
	return all
}
