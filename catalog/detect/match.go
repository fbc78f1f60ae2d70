package detect

import (
	"slices"
	"strings"

	"runlocal/catalog"
)

// identity is what a driver tells about which device it has.
type identity struct {
	name     string
	pci      string // vendor:device
	revision string // PCI revision, two hex digits
	memory   int64  // bytes; 0 = not known
	cores    int    // GPU cores (Apple); 0 = not known
	board    string // a Jetson's board
	cpu      string // tells APUs apart that share an id
}

// finder is what detection asks of the catalog.
type finder interface {
	find(identity) *catalog.Device
	hosts() catalog.Hosts
}

// deviceLookup is the catalog's own search.
type deviceLookup interface {
	DeviceByPCI(vendorDevice string, memoryBytes int64) *catalog.Device
	DeviceByDriverName(name string, memoryBytes int64) *catalog.Device
}

func newFinder(c *catalog.Catalog) finder {
	if c == nil {
		return noCatalog{}
	}
	return catalogFinder{devices: c.Devices, lookup: c, known: c.Hosts}
}

type noCatalog struct{}

func (noCatalog) find(identity) *catalog.Device { return nil }
func (noCatalog) hosts() catalog.Hosts          { return catalog.Hosts{} }

type catalogFinder struct {
	devices []*catalog.Device
	lookup  deviceLookup
	known   catalog.Hosts
}

func (f catalogFinder) hosts() catalog.Hosts { return f.known }

// find tries the surest sign first: the PCI id with its revision, the board,
// the count of GPU cores, the PCI id, the driver's name.
func (f catalogFinder) find(id identity) *catalog.Device {
	if d := f.byRevision(id); d != nil {
		return d
	}
	if d := f.byBoard(id); d != nil {
		return d
	}
	if d := f.byCores(id); d != nil {
		return d
	}
	if id.pci != "" {
		if d := f.lookup.DeviceByPCI(id.pci, id.memory); d != nil {
			return d
		}
	}
	if id.name == "" {
		return nil
	}
	return f.lookup.DeviceByDriverName(id.name, id.memory)
}

// byRevision separates AMD's devices that share a PCI id; those that share the
// revision too differ by the processor they sit in.
func (f catalogFinder) byRevision(id identity) *catalog.Device {
	_, device, ok := strings.Cut(id.pci, ":")
	if !ok || id.revision == "" {
		return nil
	}
	var found []*catalog.Device
	for _, d := range f.devices {
		if slices.Contains(d.PCIIDs, id.pci) && slices.Contains(d.PCIRevisions, device+":"+id.revision) {
			found = append(found, d)
		}
	}
	return best(found, func(d *catalog.Device) float64 {
		return 10*shared(d.Name, id.cpu) - memoryGap(d, id.memory)
	})
}

// byBoard finds a Jetson, whose modules all give the same driver name.
func (f catalogFinder) byBoard(id identity) *catalog.Device {
	if id.board == "" {
		return nil
	}
	found := make([]*catalog.Device, 0, 4)
	most := 1.0 // "Jetson" alone tells nothing
	for _, d := range f.devices {
		if d.Vendor != "nvidia" || d.Kind != "embedded" {
			continue
		}
		switch n := boardWords(d.Name, id.board); {
		case n > most:
			most, found = n, append(found[:0], d)
		case n == most && len(found) > 0:
			found = append(found, d)
		}
	}
	return best(found, func(d *catalog.Device) float64 { return -memoryGap(d, id.memory) })
}

// boardWords counts the words of a record's name that the board's name has; a
// word that it lacks costs half of one, so that "Orin Nano" is no "Orin Nano
// Super".
func boardWords(name, board string) float64 {
	has := strings.Fields(strings.ToLower(board))
	score := 0.0
	for _, w := range strings.Fields(strings.ToLower(name)) {
		w = strings.Trim(w, "()")
		switch {
		case slices.Contains(has, w):
			score++
		case strings.HasSuffix(w, "gb") || w == "nvidia":
		default:
			score -= 0.5
		}
	}
	return score
}

// byCores separates Apple's chips, which come with fewer GPU cores under the
// same name.
func (f catalogFinder) byCores(id identity) *catalog.Device {
	if id.cores == 0 || id.name == "" {
		return nil
	}
	full := slices.IndexFunc(f.devices, func(d *catalog.Device) bool {
		return slices.ContainsFunc(d.DeviceNames, func(n string) bool { return strings.EqualFold(n, id.name) })
	})
	if full < 0 {
		return nil
	}
	for _, d := range f.devices {
		same := d == f.devices[full] || deref(d.SharesNameWith) == f.devices[full].ID
		if same && d.GPUCores == id.cores {
			return d
		}
	}
	return f.devices[full]
}

// shared counts the words with a digit ("395", "8060S") that both texts have.
func shared(name, cpu string) float64 {
	has := strings.Fields(strings.ToLower(cpu))
	n := 0.0
	for _, w := range strings.Fields(strings.ToLower(name)) {
		w = strings.Trim(w, "()")
		if strings.ContainsAny(w, "0123456789") && slices.Contains(has, w) {
			n++
		}
	}
	return n
}

// memoryGap is how far a record's memory is from what the driver tells, as a
// share of it; 0 where the driver tells none.
func memoryGap(d *catalog.Device, memory int64) float64 {
	if memory == 0 {
		return 0
	}
	gap := 1e9
	sizes := append([]float64{d.MemoryGB}, d.MemoryOptionsGB...)
	for _, gb := range sizes {
		diff := gb*(1<<30) - float64(memory)
		if diff < 0 {
			diff = -diff
		}
		gap = min(gap, diff/float64(memory))
	}
	return gap
}

// best is the device with the highest score, the first of equals.
func best(found []*catalog.Device, score func(*catalog.Device) float64) *catalog.Device {
	var top *catalog.Device
	var high float64
	for _, d := range found {
		if s := score(d); top == nil || s > high {
			top, high = d, s
		}
	}
	return top
}
