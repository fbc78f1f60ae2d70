package fix

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/units"
)

// namer finds models and devices by what logs call them.
type namer struct {
	catalog  *catalog.Catalog
	file     *regexp.Regexp // what a file's name has after the model's
	maker    *regexp.Regexp // owners that files are named after
	numbered *regexp.Regexp // words with a digit: sizes, versions
	size     *regexp.Regexp
	quant    *regexp.Regexp
}

func newNamer(c *catalog.Catalog) *namer {
	return &namer{
		catalog:  c,
		file:     regexp.MustCompile(`(?i)[-_. ](?:\d{5}-of-\d{5}|gguf|ud|i1|imat|imatrix|(?:iq|q)\d\w*|f16|bf16|f32|fp16|fp8|awq|gptq|exl2|int[48]|w\da\d+|bnb|mxfp4\w*)\b.*$`),
		maker:    regexp.MustCompile(`^(?i)(?:meta|mistralai|google|qwen|microsoft|unsloth|bartowski|nvidia|deepseek-ai|ibm|tiiuae|openai)[-_]`),
		numbered: regexp.MustCompile(`[a-z]*[0-9][0-9.]*[a-z0-9]*`),
		size:     regexp.MustCompile(`(?i)\d[bm]\b|\d[bm][-_:]`),
		quant:    regexp.MustCompile(`(?i)\b(?:(?:iq|t?q)\d\w*|bf16|f16|f32|fp16|fp8|mxfp4\w*|awq|gptq|nf4|int[48])\b`),
	}
}

// model is the model that a log names, with the name by which it was known;
// nil if the catalog knows none of the names for certain.
func (n *namer) model(names []string) (*catalog.Model, string) {
	for _, name := range names {
		base := name[strings.LastIndexAny(name, `/\`)+1:]
		short := n.file.ReplaceAllString(base, "")
		for _, try := range []string{name, base, short, n.maker.ReplaceAllString(short, "")} {
			if m, err := n.catalog.Model(try); err == nil && n.meant(m, try) {
				return m, name
			}
		}
	}
	return nil, ""
}

// meant tells whether a record that was found by a name is the one meant: the
// name is one of its own, or it says a size, and each of its words with a digit
// (a size, a version) stands in the record.
func (n *namer) meant(m *catalog.Model, name string) bool {
	own := append([]string{m.ID, m.Name, m.HF, m.HF[strings.LastIndexByte(m.HF, '/')+1:], m.Ollama}, m.Aliases...)
	if slices.ContainsFunc(own, func(s string) bool { return folded(s) == folded(name) && s != "" }) {
		return true
	}
	known := strings.ToLower(strings.Join(own, " "))
	for _, w := range n.numbered.FindAllString(strings.ToLower(name), -1) {
		if !strings.Contains(known, w) {
			return false
		}
	}
	return n.size.MatchString(name)
}

// quants are the words that may name a precision.
func (n *namer) quants(words string) []string {
	words = strings.NewReplacer(" - Small", "_S", " - Medium", "_M", " - Large", "_L", " MoE", "_MOE").Replace(words)
	return n.quant.FindAllString(words, -1)
}

func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_.:/", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// rig is the machine that a log is of, as far as it can be told, with a
// remark on what was taken for granted; nil if it cannot.
func (n *namer) rig(f *Facts) (*sizing.Rig, string) {
	var devices []*catalog.Device
	remark := ""
	for _, g := range f.GPUs {
		total := g.Total
		if total == 0 && len(f.GPUs) == 1 {
			total = f.Total
		}
		d, said := n.device(g.Name, total, g.Free)
		if d == nil {
			devices = nil
			break
		}
		devices = append(devices, d)
		if said != "" {
			remark = said
		}
	}
	if len(devices) > 0 {
		rig := sizing.RigOf(devices, sizing.DefaultHost())
		for i := range rig.GPUs {
			// What was free at the start says what others used.
			if free := f.GPUs[i].Free; free > 0 && free < rig.GPUs[i].Capacity && !rig.GPUs[i].Unified {
				rig.GPUs[i].UsedByOthers = rig.GPUs[i].Capacity - free
			}
		}
		return rig, remark
	}
	if f.Total < 1<<30 {
		return nil, ""
	}
	gpu := sizing.BareGPU(f.Total, 0)
	gpu.Name = units.Bytes(f.Total) + " GPU"
	return &sizing.Rig{Name: gpu.Name, GPUs: []sizing.GPU{gpu}, Host: sizing.DefaultHost(), Simulated: true}, ""
}

// device finds the record of a name that a driver gave. Where several share
// it, the memory decides: the total if it is known, else the smallest that
// holds what was free; and if nothing is known, the catalog's first, which is
// said.
func (n *namer) device(name string, total, free int64) (*catalog.Device, string) {
	if d := n.catalog.DeviceByDriverName(name, total); d != nil && total > 0 {
		return d, ""
	}
	d, err := n.catalog.Device(name)
	if err == nil {
		return d, ""
	}
	var several *catalog.AmbiguousError
	if !errors.As(err, &several) {
		return n.catalog.DeviceByDriverName(name, 0), ""
	}
	var choice []*catalog.Device
	for _, id := range several.Candidates {
		if d, err := n.catalog.Device(id); err == nil && d.MemoryBytes() >= max(free, total) {
			choice = append(choice, d)
		}
	}
	if len(choice) == 0 {
		return n.catalog.DeviceByDriverName(name, 0), ""
	}
	slices.SortStableFunc(choice, func(a, b *catalog.Device) int { return int(a.MemoryBytes()>>20 - b.MemoryBytes()>>20) })
	if free > 0 || total > 0 {
		return choice[0], ""
	}
	if d := n.catalog.DeviceByDriverName(name, 0); d != nil {
		choice[0] = d
	}
	return choice[0], "several devices are called " + name + "; the figures are for the " + choice[0].Name
}
