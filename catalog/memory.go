package catalog

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Original is the record of the catalog that a device with another size of
// memory was made from; the device itself where it is one.
func (d *Device) Original() *Device {
	if d.original != nil {
		return d.original
	}
	return d
}

// MemorySizes are the sizes that the device is sold with, GiB (or GB, by
// MemoryUnit), smallest first. Only memory that is the host's has several.
func (d *Device) MemorySizes() []float64 {
	sizes := []float64{d.Original().MemoryGB}
	if d.Unified {
		sizes = append(sizes, d.MemoryOptionsGB...)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}

// WithMemory is the device with another size of unified memory, GiB: its id
// and name say so, and the GPU's share is that of the nearest size for which
// one is known. The catalog's own size gives the original; so does a device
// with memory of its own, which is what it is.
func (d *Device) WithMemory(gib float64) *Device {
	d = d.Original()
	if !d.Unified || gib == d.MemoryGB || gib <= 0 {
		return d
	}
	other, size := *d, strconv.FormatFloat(gib, 'f', -1, 64)
	other.original, other.MemoryGB, other.DriverReportedMiB = d, gib, nil
	other.ID, other.Name = d.ID+"-"+size+"gb", d.Name+", "+size+" GB"
	if share, ok := d.shareAt(gib); ok {
		other.UsableShare = &share
	}
	return &other
}

// shareAt is the GPU's share of the nearest size for which one is known.
func (d *Device) shareAt(gib float64) (float64, bool) {
	share, least := 0.0, math.Inf(1)
	for key, v := range d.ShareByMemoryGB {
		size, err := strconv.ParseFloat(key, 64)
		if off := math.Abs(size - gib); err == nil && (off < least || off == least && v < share) {
			share, least = v, off
		}
	}
	return share, len(d.ShareByMemoryGB) > 0
}

// WithRAM is the device in a machine with that much RAM, bytes. A size on sale
// that is meant, counted in units of 1000 or of 1024, is taken for it.
func (d *Device) WithRAM(bytes int64) *Device {
	for _, gib := range d.MemorySizes() {
		if float64(bytes) == gib*1e9 || float64(bytes) == gib*(1<<30) {
			return d.WithMemory(gib)
		}
	}
	return d.WithMemory(math.Round(float64(bytes)/(1<<30)*100) / 100)
}

// computer is what a chip is sold in, which people name too.
var computer = regexp.MustCompile(`(?i)^\s*(?:apple\s+)?(?:mac\s?book(?:\s+(?:pro|air))?|mac\s?(?:mini|studio|pro)|imac)\s+`)

// sized takes a size at the end of a name off: "M4 Max 64GB".
var sized = regexp.MustCompile(`(?i)^(.*\S?)[\s,-]+(\d{1,4})\s?gi?b$`)

// sizedDevice finds a device that is sold with several sizes of unified memory
// by a name that ends in one of them; nil if the name means none such.
func (c *Catalog) sizedDevice(name string) (*Device, error) {
	parts := sized.FindStringSubmatch(strings.TrimSpace(name))
	if parts == nil {
		return nil, nil
	}
	gib, err := strconv.ParseFloat(parts[2], 64)
	if err != nil {
		return nil, err
	}
	with, all := c.sizes(parts[1], gib)
	switch {
	case len(all) == 0:
		return nil, nil
	case len(with) == 1:
		return with[0], nil
	case len(with) > 1:
		return nil, &AmbiguousError{Kind: "device", Name: name, Candidates: deviceIDs(with)}
	}
	return nil, &NotFoundError{Kind: "device", Name: name, Candidates: deviceIDs(all)[:min(len(all), maxCandidates)]}
}

// sizes are the devices of a name with one size of memory, and with all sizes
// that they are sold with; none if no device of the name leaves a choice.
func (c *Catalog) sizes(base string, gib float64) (with, all []*Device) {
	meant := slices.DeleteFunc(c.meant(base), func(d *Device) bool { return !d.Unified })
	if !slices.ContainsFunc(meant, func(d *Device) bool { return len(d.MemorySizes()) > 1 }) {
		return nil, nil
	}
	for _, d := range meant {
		for _, size := range d.MemorySizes() {
			all = append(all, d.WithMemory(size))
			if size == gib {
				with = append(with, d.WithMemory(size))
			}
		}
	}
	return with, all
}

// meant are the devices that a name can mean: one, or the candidates.
func (c *Catalog) meant(name string) []*Device {
	i, err := c.deviceShelf().resolve(name)
	if err == nil {
		return []*Device{c.Devices[i]}
	}
	var list []*Device
	if several := (*AmbiguousError)(nil); errors.As(err, &several) {
		for _, id := range several.Candidates {
			if i, err := c.deviceShelf().resolve(id); err == nil {
				list = append(list, c.Devices[i])
			}
		}
	}
	return list
}

func deviceIDs(devices []*Device) []string {
	list := make([]string, len(devices))
	for i, d := range devices {
		list[i] = d.ID
	}
	return list
}
