package catalog

import (
	"strings"
	"sync"
)

// index is what lookups need; each part is built when first asked for.
type index struct {
	modelsOnce, devicesOnce, driversOnce sync.Once

	models, devices shelf
	byPCI           map[string][]*Device // by "vendor:device" and "vendor:device:revision"
	byDriver        map[string][]*Device // by driverKey; the record that owns the name first
}

func (c *Catalog) modelShelf() *shelf {
	c.index.modelsOnce.Do(func() { c.index.models = newModelShelf(c.Models) })
	return &c.index.models
}

func (c *Catalog) deviceShelf() *shelf {
	c.index.devicesOnce.Do(func() { c.index.devices = newDeviceShelf(c.Devices) })
	return &c.index.devices
}

func (c *Catalog) drivers() *index {
	c.index.driversOnce.Do(func() {
		c.index.byPCI = indexPCI(c.Devices)
		c.index.byDriver = indexDrivers(c.Devices)
	})
	return &c.index
}

// Words that tell no model from another, because people leave them out or add
// them at will.
//
//nolint:gochecknoglobals // a table, never written
var modelFiller = words("instruct it chat hf gguf model latest")

// The same for devices. SXM is the form of a data-centre part that is meant
// when none is named.
//
//nolint:gochecknoglobals // a table, never written
var deviceFiller = words("nvidia geforce rtx gtx amd radeon rx instinct intel arc apple qualcomm graphics gpu generation edition r tm sxm sxm2 sxm3 sxm4 sxm5 sxm6")

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// The weights of a word of a name that the query does not mention: a memory
// size is sooner left out than a word.
const (
	weightWord   = 2
	weightMemory = 1
)

func weigh(filler map[string]bool) func(string) int {
	return func(word string) int {
		switch {
		case filler[word]:
			return 0
		case strings.HasSuffix(word, "gb") && isDigit(word[0]):
			return weightMemory
		default:
			return weightWord
		}
	}
}

func newModelShelf(models []*Model) shelf {
	s := shelf{kind: "model", filler: modelFiller, exact: newNames(6)}
	weight := weigh(modelFiller)
	for i, m := range models {
		tail := m.HF[strings.LastIndexByte(m.HF, '/')+1:]
		other := strings.Join(append([]string{m.ID, m.HF, m.Ollama, m.Family, m.Maker, strings.Join(m.Uses, " ")}, m.Aliases...), " ")
		s.add(entry{id: m.ID, name: m.Name, main: newText(m.Name, weight), other: newText(other, nil), key: key(m.ID), order: m.Released})
		s.name(0, i, m.ID)
		s.name(1, i, m.HF)
		s.name(2, i, m.Ollama)
		s.name(3, i, m.Aliases...)
		s.name(4, i, m.Name, tail)
		s.nameKey(5, i, dotless(key(m.ID)))
	}
	return s
}

func newDeviceShelf(devices []*Device) shelf {
	s := shelf{kind: "device", filler: deviceFiller, exact: newNames(3)}
	weight := weigh(deviceFiller)
	for i, d := range devices {
		kind := d.Kind
		if kind == "laptop" {
			kind += " mobile"
		}
		other := strings.Join([]string{d.ID, d.Vendor, d.Generation, kind, deref(d.GFX), memoryWords(d), strings.Join(d.DeviceNames, " ")}, " ")
		s.add(entry{id: d.ID, name: d.Name, main: newText(d.Name, weight), other: newText(other, nil), key: key(d.ID), order: deviceOrder(d)})
		s.name(0, i, d.ID)
		s.name(1, i, d.Name)
		s.nameKey(2, i, shortName(d.Name))
		s.nameKey(2, i, chip(d.Name))
	}
	return s
}

// chip is the key of a name without what stands in brackets: "m4" of the
// Apple M4 (10-core GPU). A word alone would mean too many devices.
func chip(name string) string {
	before, _, _ := strings.Cut(name, " (")
	k := shortName(before)
	if !strings.ContainsAny(k, "0123456789") {
		return ""
	}
	return k
}

// deviceOrder puts the record that owns a driver's name, which is the usual
// form of a device, before those that share it.
func deviceOrder(d *Device) string {
	if d.SharesNameWith == nil {
		return "1 " + d.Released
	}
	return "0 " + d.Released
}

// shortName is the key of a name without its filler: "3090".
func shortName(name string) string {
	var b strings.Builder
	for _, term := range terms(name) {
		if !deviceFiller[term] {
			b.WriteString(term)
		}
	}
	return b.String()
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func newNames(levels int) []map[string]ids {
	list := make([]map[string]ids, levels)
	for i := range list {
		list[i] = map[string]ids{}
	}
	return list
}

func (s *shelf) add(e entry) {
	s.entries = append(s.entries, e)
	s.names = append(s.names, e.name)
}

func (s *shelf) name(level, i int, names ...string) {
	for _, n := range names {
		s.nameKey(level, i, key(n))
	}
}

func (s *shelf) nameKey(level, i int, k string) {
	found := s.exact[level][k]
	if k == "" || len(found) > 0 && found[len(found)-1] == i {
		return
	}
	s.exact[level][k] = append(found, i)
}
