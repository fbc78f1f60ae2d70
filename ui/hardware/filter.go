package hardware

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/ui/widget"
)

// key is what the list is sorted by.
type key int

const (
	byDate key = iota
	byName
	byMemory
	byBandwidth
	byCompute
	byPower
	byPrice
	keyCount
)

// order is a key and its direction.
type order struct {
	by     key
	back   bool
	chosen bool // by a person
}

func (k key) String() string {
	return [...]string{"date", "name", "memory", "bandwidth", "FP16 speed", "power", "price"}[k]
}

// term is the glossary's word for the key.
func (k key) term() string {
	return [...]string{"vram", "vram", "vram", "memory-bandwidth", "prefill", "vram", "vram"}[k]
}

func (k key) column() int {
	return [...]int{colDate, colName, colMemory, colBandwidth, colCompute, colPower, colPrice}[k]
}

func keyOf(column int) (key, bool) {
	for k := range keyCount {
		if k.column() == column {
			return k, true
		}
	}
	return byDate, false
}

// compare orders two devices by a key, the usual end first; what is not known
// goes last.
func (k key) compare(a, b *catalog.Device) int {
	switch k {
	case byName:
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case byMemory:
		return cmp.Compare(b.MemoryBytes(), a.MemoryBytes())
	case byBandwidth:
		return cmp.Compare(b.BandwidthGBs, a.BandwidthGBs)
	case byCompute:
		return cmp.Compare(value(b.Compute.FP16), value(a.Compute.FP16))
	case byPower:
		return cmp.Compare(value(b.TDPWatts), value(a.TDPWatts))
	case byPrice:
		return cmp.Compare(price(b), price(a))
	default:
		return strings.Compare(b.Released, a.Released)
	}
}

func value[T int | float64](v *T) T {
	if v == nil {
		return 0
	}
	return *v
}

// price is the last price known, US dollars.
func price(d *catalog.Device) int {
	if d.StreetPriceUSD != nil {
		return *d.StreetPriceUSD
	}
	return value(d.LaunchPriceUSD)
}

func (p *Pane) nextOrder() tea.Cmd {
	return p.sortBy(order{by: (p.order.by + 1) % keyCount, chosen: true})
}

func (p *Pane) reverse() tea.Cmd {
	return p.sortBy(order{by: p.order.by, back: !p.order.back, chosen: true})
}

func (p *Pane) sortBy(o order) tea.Cmd {
	p.order = o
	p.list.SortBy, p.list.Desc = o.by.column(), (o.by != byName) != o.back
	p.refresh(p.current())
	return p.moved()
}

// The facets, in the order of the panel.
const (
	facetVendor  = "Maker"
	facetKind    = "Kind"
	facetMemory  = "Memory"
	facetShared  = "Memory is"
	facetRuntime = "Runs"
	facetYear    = "Year"
)

func newFacets(c *catalog.Catalog) *widget.Facets {
	return widget.NewFacets([]widget.FacetGroup{
		{Name: facetVendor}, {Name: facetKind}, {Name: facetMemory, Values: memoryBands()},
		{Name: facetShared}, {Name: facetRuntime}, {Name: facetYear, Values: years(c)},
	}, len(c.Devices), func(i int) map[string][]string { return valuesOf(c.Devices[i]) })
}

func valuesOf(d *catalog.Device) map[string][]string {
	shared := "its own"
	if d.Unified {
		shared = "shared with the CPU"
	}
	year, _, _ := strings.Cut(d.Released, "-")
	return map[string][]string{
		facetVendor: {d.Vendor}, facetKind: {d.Kind}, facetMemory: {memoryBand(d.MemoryGB)},
		facetShared: {shared}, facetRuntime: d.Runtimes, facetYear: {year},
	}
}

func memoryBands() []string {
	return []string{"under 8 GB", "8 to 12 GB", "12 to 16 GB", "16 to 24 GB", "24 to 32 GB", "32 to 64 GB", "64 GB and more"}
}

// memoryBand is the band of an advertised size; each begins at its first
// figure.
func memoryBand(gb float64) string {
	bands := memoryBands()
	for i, below := range []float64{8, 12, 16, 24, 32, 64} {
		if gb < below {
			return bands[i]
		}
	}
	return bands[len(bands)-1]
}

// years are the years that occur, newest first.
func years(c *catalog.Catalog) []string {
	var list []string
	for _, d := range c.Devices {
		y, _, _ := strings.Cut(d.Released, "-")
		list = append(list, y)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	slices.Reverse(list)
	return list
}

// refresh filters and sorts again: the detected GPUs on top, then the records.
// The cursor stays on the item keep while it is still shown.
func (p *Pane) refresh(keep *item) {
	q := strings.TrimSpace(p.search.Value())
	p.shown = p.shown[:0]
	p.addDetected(q)
	top := len(p.shown)
	if q == "" {
		for i := range p.s.Catalog.Devices {
			if p.facets.Pass(i) {
				p.shown = append(p.shown, item{index: i, device: p.sized(i)})
			}
		}
	} else {
		for _, m := range p.s.Catalog.SearchDevices(q) {
			if p.facets.Pass(m.Index) {
				p.shown = append(p.shown, item{index: m.Index, device: p.sized(m.Index), matched: m.Matched})
			}
		}
	}
	if q == "" || p.order.chosen {
		sign := 1
		if p.order.back {
			sign = -1
		}
		slices.SortStableFunc(p.shown[top:], func(a, b item) int {
			return sign * p.order.by.compare(a.device, b.device)
		})
	}
	p.list.Length(len(p.shown))
	p.list.SetCursor(0, len(p.shown))
	if keep != nil {
		p.moveTo(keep)
	}
}

// addDetected lists the machine's own GPUs. Facets leave them alone; a search
// lets those through whose name has all its words.
func (p *Pane) addDetected(query string) {
	if p.s.Detected == nil {
		return
	}
	usable := p.s.Detected.GPUs
	for i := range usable {
		name := strings.ToLower(usable[i].Name)
		all := true
		for word := range strings.FieldsSeq(strings.ToLower(query)) {
			all = all && strings.Contains(name, word)
		}
		if all {
			p.shown = append(p.shown, item{found: &usable[i], index: i, device: usable[i].Record})
		}
	}
}

// moveTo puts the cursor on an item and tells whether it is shown.
func (p *Pane) moveTo(want *item) bool {
	for i, it := range p.shown {
		if it.index == want.index && (it.found == nil) == (want.found == nil) {
			p.list.SetCursor(i, len(p.shown))
			return true
		}
	}
	return false
}
