package fix

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"runlocal/sizing/request"
)

// Facts are the numbers and names that a log states, bytes; 0 and empty where
// it does not.
type Facts struct {
	Wanted   int64             `json:"wanted,omitempty"` // that could not be had
	Free     int64             `json:"free,omitempty"`   // when it was wanted
	Total    int64             `json:"total,omitempty"`  // of the device
	Models   []string          `json:"models,omitempty"` // names of files and repositories, as they come
	GPUs     []Device          `json:"gpus,omitempty"`   // by their numbers
	Settings map[string]string `json:"settings,omitempty"`
	Port     int               `json:"port,omitempty"`
	Version  string            `json:"version,omitempty"`
}

// Device is a GPU of the log.
type Device struct {
	Name  string `json:"name"`
	Total int64  `json:"total,omitempty"`
	Free  int64  `json:"free,omitempty"` // before the model was loaded
}

// Empty tells that a log states nothing of use.
func (f *Facts) Empty() bool {
	return f.Wanted == 0 && f.Free == 0 && f.Total == 0 && len(f.Models) == 0 && len(f.GPUs) == 0 && len(f.Settings) == 0
}

// Bounds of what a log may state.
const (
	mostBytes = 1 << 50
	mostNames = 8
	mostName  = 80 // bytes
)

// facts reads what was picked out of the lines: those of the best case first,
// since they are about the fault itself, then those of any line.
func (x *reading) facts(cases []evidence) Facts {
	f := Facts{Settings: map[string]string{}}
	if len(cases) > 0 {
		for _, ev := range cases[0].shown {
			f.take(ev.groups)
		}
	}
	for i, hits := range x.hits {
		p := &x.m.patterns[i]
		if p.kind != states || len(hits) == 0 {
			continue
		}
		if s := x.m.sources[p.of]; s.key != "" {
			f.setting(s.key, s.value)
		}
		for _, h := range hits {
			f.take(h.groups)
		}
	}
	if len(f.Settings) == 0 {
		f.Settings = nil
	}
	return f
}

// take sets what the groups of one line state.
func (f *Facts) take(groups map[string]string) {
	for name, value := range groups {
		f.set(name, strings.TrimSpace(value))
	}
	if name := label(groups["gpu"]); name != "" {
		index, _ := strconv.Atoi(groups["index"])
		f.gpu(index, Device{Name: name, Total: size(groups["total"], ""), Free: size(groups["spare_mib"], "mib")})
	}
}

// set keeps the first value of each fact.
func (f *Facts) set(name, value string) {
	base, unit, _ := strings.Cut(name, "_")
	switch {
	case base == "wanted":
		keep(&f.Wanted, size(value, unit))
	case base == "free":
		keep(&f.Free, size(value, unit))
	case base == "total":
		keep(&f.Total, size(value, unit))
	case name == "model":
		f.model(label(value))
	case name == "layers":
		f.setting("gpu_layers", value)
	case name == "port":
		n, _ := strconv.Atoi(value)
		keep(&f.Port, n)
	case name == "version":
		keep(&f.Version, label(value))
	case name != "gpu" && base != "index" && base != "spare":
		f.setting(name, label(value))
	}
}

func (f *Facts) setting(key, value string) {
	if _, known := f.Settings[key]; !known && value != "" {
		f.Settings[key] = value
	}
}

// model keeps a name. A projector's file is part of a model, not one.
func (f *Facts) model(name string) {
	known := slices.ContainsFunc(f.Models, func(other string) bool { return strings.EqualFold(other, name) })
	if len(f.Models) < mostNames && name != "" && !known && !strings.Contains(strings.ToLower(name), "mmproj") {
		f.Models = append(f.Models, name)
	}
}

// gpu keeps a device. A log lists its devices more than once: they are told
// apart by their numbers, and what was not known is filled in.
func (f *Facts) gpu(index int, d Device) {
	switch {
	case index < 0 || index >= mostNames || index > len(f.GPUs):
	case index == len(f.GPUs):
		f.GPUs = append(f.GPUs, d)
	default:
		keep(&f.GPUs[index].Total, d.Total)
		keep(&f.GPUs[index].Free, d.Free)
	}
}

func keep[T comparable](to *T, value T) {
	var none T
	if *to == none {
		*to = value
	}
}

// size is a number of bytes: with its unit in the text, or in the group's
// name; 0 for what is none.
func size(value, unit string) int64 {
	if unit == "" {
		n, err := request.Size(value)
		if err != nil || n > mostBytes {
			return 0
		}
		return n
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0
	}
	switch unit {
	case "kib":
		n *= 1 << 10
	case "mib":
		n *= 1 << 20
	case "gib":
		n *= 1 << 30
	}
	if !(n >= 0 && n <= mostBytes) {
		return 0
	}
	return int64(n)
}

// label is a name from a log, short and without what could move a cursor.
func label(value string) string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, value)
	return strings.TrimSpace(strings.ToValidUTF8(s[:min(len(s), mostName)], ""))
}
