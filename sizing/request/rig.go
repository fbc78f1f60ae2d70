package request

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

const (
	maxGPUs  = 64
	maxBytes = 1 << 50 // of one device; more is a slip of the pen

	// defaultCapability is that of a bare size: the Ada generation's.
	defaultCapability = 8.9
)

// Rig is the machine that is asked for, or the detected one where neither a
// GPU nor RAM is named. detected is called only then and may be slow.
func (r *Request) Rig(c *catalog.Catalog, detected func() *sizing.Rig) (*sizing.Rig, error) {
	capability, err := r.capability()
	if err != nil {
		return nil, err
	}
	ram, err := r.ram()
	if err != nil {
		return nil, err
	}
	var rig *sizing.Rig
	if specs, ok := r.values["gpu"]; ok {
		rig, err = rigOf(c, specs, capability)
	} else {
		found := *detected()
		rig = &found
	}
	if err != nil {
		return nil, err
	}
	if rig, err = r.remote(rig); err != nil {
		return nil, err
	}
	if empty, err := r.empty(); err != nil {
		return nil, err
	} else if empty {
		rig = rig.Empty()
	}
	if ram > 0 {
		if _, named := r.values["gpu"]; named {
			ram = withRAM(rig, ram)
		}
		rig.Host.Capacity, rig.Host.UsedByOthers, rig.Host.Assumed = ram, 0, false
		rig.Simulated = true
	}
	return rig, nil
}

// withRAM gives the devices of a simulated rig that share the host's memory
// their part of it, and returns its size: 64GB of a machine that is sold with
// 64 GiB is that.
func withRAM(rig *sizing.Rig, ram int64) int64 {
	for i := range rig.GPUs {
		if d := rig.GPUs[i].Record; d != nil && d.Unified {
			d = d.WithRAM(ram)
			rig.GPUs[i], ram = sizing.GPUOf(d), d.MemoryBytes()
		}
	}
	rig.Name = sizing.NameOf(rig.GPUs)
	return ram
}

// empty tells whether the memory is to be taken as if nothing else used it.
func (r *Request) empty() (bool, error) {
	v := r.Get("empty")
	if v == "" {
		return false, nil
	}
	on, err := truth(v)
	if err != nil {
		return false, fmt.Errorf("empty %s: %w", quoted(v), err)
	}
	return on, nil
}

func (r *Request) capability() (float64, error) {
	v := r.Get("compute_capability")
	if v == "" {
		return defaultCapability, nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || !(f >= 1 && f < 100) {
		return 0, fmt.Errorf("compute_capability %s: want CUDA's, such as 8.9", quoted(v))
	}
	return f, nil
}

func (r *Request) ram() (int64, error) {
	v := r.Get("ram")
	if v == "" {
		return 0, nil
	}
	n, err := Size(v)
	if err != nil {
		return 0, fmt.Errorf("ram %s: %w", quoted(v), err)
	}
	return n, nil
}

// rigOf puts the named GPUs into one simulated machine, in the order named.
func rigOf(c *catalog.Catalog, specs []string, capability float64) (*sizing.Rig, error) {
	if len(specs) == 0 {
		return nil, errors.New("gpu: nothing named; name a GPU such as RTX 4090, a size such as 24GiB, or none")
	}
	var gpus []sizing.GPU
	for _, spec := range specs {
		more, err := GPUs(c, spec, capability)
		if err != nil {
			return nil, fmt.Errorf("gpu %s: %w", quoted(spec), err)
		}
		if len(gpus)+len(more) > maxGPUs {
			return nil, fmt.Errorf("gpu %s: more than %d GPUs", quoted(spec), maxGPUs)
		}
		gpus = append(gpus, more...)
	}
	rig := sizing.RigOf(records(gpus), sizing.DefaultHost())
	rig.GPUs, rig.Name = gpus, sizing.NameOf(gpus)
	return rig, nil
}

// records are the catalog's devices among the GPUs: they decide what the host
// looks like where its memory is shared.
func records(gpus []sizing.GPU) []*catalog.Device {
	var list []*catalog.Device
	for _, g := range gpus {
		if g.Record != nil {
			list = append(list, g.Record)
		}
	}
	return list
}

// GPUs reads one answer to gpu: a name, 2xNAME, 24GiB, 2x24GB, or none.
// capability is the CUDA compute capability of a bare size.
func GPUs(c *catalog.Catalog, spec string, capability float64) ([]sizing.GPU, error) {
	count, name, err := splitCount(spec)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(name, "none") {
		return nil, nil
	}
	one, err := gpu(c, name, capability)
	if err != nil {
		return nil, err
	}
	list := make([]sizing.GPU, count)
	for i := range list {
		list[i] = one
	}
	return list, nil
}

func gpu(c *catalog.Catalog, name string, capability float64) (sizing.GPU, error) {
	if looksLikeSize(name) {
		n, err := Size(name)
		if err != nil {
			return sizing.GPU{}, err
		}
		return sizing.BareGPU(n, capability), nil
	}
	d, err := c.Device(clip(name))
	if err != nil {
		return sizing.GPU{}, nearest(err)
	}
	return sizing.GPUOf(d), nil
}

// splitCount takes "2x RTX 3090", "2×\"RTX 3090\"" and "RTX 3090" apart.
func splitCount(spec string) (int, string, error) {
	s := strings.TrimSpace(spec)
	digits := len(s) - len(strings.TrimLeft(s, "+-0123456789"))
	rest := strings.TrimLeft(s[digits:], " ")
	after, found := cutTimes(rest)
	if digits == 0 || !found {
		return 1, unquote(s), named(unquote(s))
	}
	n, err := strconv.Atoi(s[:digits])
	if err != nil || n < 1 || n > maxGPUs {
		return 0, "", fmt.Errorf("want 1 to %d GPUs", maxGPUs)
	}
	return n, unquote(after), named(unquote(after))
}

// cutTimes cuts a sign of multiplication off the front.
func cutTimes(s string) (string, bool) {
	for _, sign := range []string{"x", "X", "×", "*"} {
		if after, ok := strings.CutPrefix(s, sign); ok {
			return strings.TrimSpace(after), true
		}
	}
	return s, false
}

func unquote(s string) string { return strings.TrimSpace(strings.Trim(s, `"'`)) }

func named(name string) error {
	if name == "" {
		return errors.New("no name; say a GPU such as RTX 4090, or a size such as 24GiB")
	}
	return nil
}

// sizeWords takes a number and its unit apart; a unit that is missing a "B"
// is recognised so that the error can say what to write.
var sizeWords = regexp.MustCompile(`(?i)^([+-]?\d+(?:\.\d+)?)\s*(bytes|[kmgt]i?b?|b)$`)

func looksLikeSize(s string) bool { return sizeWords.MatchString(s) }

// Size reads a number of bytes with its unit: "24GiB" is 24 × 2^30, "24GB" is
// 24 × 10^9. A size without a unit, or of nothing, is refused.
func Size(s string) (int64, error) {
	m := sizeWords.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, errors.New("want a size with its unit, such as 24GiB or 24GB")
	}
	unit, ok := unitBytes(strings.ToLower(m[2]))
	if !ok {
		return 0, fmt.Errorf("unit %q is not clear; write %sB or %siB", m[2], m[2][:1], m[2][:1])
	}
	f, err := strconv.ParseFloat(m[1], 64)
	bytes := math.Round(f * unit)
	if err != nil || bytes < 1 || bytes > maxBytes {
		return 0, errors.New("want more than 0 and at most 1,024 TiB")
	}
	return int64(bytes), nil
}

func unitBytes(unit string) (float64, bool) {
	switch unit {
	case "b", "bytes":
		return 1, true
	}
	power := float64(strings.Index("_kmgt", unit[:1]))
	switch unit[1:] {
	case "ib":
		return math.Pow(1024, power), true
	case "b":
		return math.Pow(1000, power), true
	}
	return 0, false
}
