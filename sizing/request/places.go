package request

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"runlocal/catalog"
	"runlocal/sizing"
)

// setOverrides takes the overrides in llama.cpp's form: each answer is one or
// several REGEX=BUFFER with commas between them.
func (r *Request) setOverrides(s *sizing.Settings) error {
	const key = "override_tensor"
	for _, value := range r.values[key] {
		for part := range strings.SplitSeq(value, ",") {
			pattern, buffer, ok := strings.Cut(part, "=")
			if !ok || pattern == "" || strings.TrimSpace(buffer) == "" {
				return fmt.Errorf(`%s %s: want REGEX=BUFFER, such as ffn_.*_exps=CPU`, key, quoted(part))
			}
			s.Overrides = append(s.Overrides, sizing.Override{Pattern: pattern, Buffer: strings.TrimSpace(buffer)})
		}
	}
	return nil
}

// setFitTarget takes sizes for each GPU; a bare number is MiB, as llama.cpp
// takes it.
func setFitTarget(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
	s.FitTarget = nil
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		n, err := strconv.ParseInt(part, 10, 64)
		switch {
		case err == nil && n >= 0 && n <= maxBytes>>20:
			n <<= 20
		case err == nil:
			return errors.New("want sizes such as 1GiB, or MiB as bare numbers")
		default:
			if n, err = Size(part); err != nil {
				return err
			}
		}
		if s.FitTarget = append(s.FitTarget, n); len(s.FitTarget) > maxGPUs {
			return fmt.Errorf("want at most %d sizes", maxGPUs)
		}
	}
	return nil
}

// setBuild takes an era of the runtime.
func setBuild(s *sizing.Settings, v string, _ *catalog.Model, c *catalog.Catalog) error {
	v = strings.ToLower(strings.TrimSpace(v))
	ids := eraIDs(s.Runtime, c)
	if server := serverOf(s.Runtime, c); server != nil && server.Era(v) != nil {
		s.Build = server.Era(v).ID
		return nil
	}
	if slices.Contains(ids, v) {
		s.Build = v
		return nil
	}
	return fmt.Errorf("want one of %s; nearest: %s", strings.Join(ids, ", "), Nearest(v, ids))
}

// Guesses tells whether an architecture that is not known may be guessed.
func (r *Request) Guesses() (bool, error) {
	v := r.Get("guess")
	if v == "" {
		return false, nil
	}
	on, err := truth(v)
	if err != nil {
		return false, fmt.Errorf("guess %s: %w", quoted(v), err)
	}
	return on, nil
}

// remote puts the devices of RPC servers in front of a rig's own, as llama.cpp
// does: each answer is NAME=SIZE.
func (r *Request) remote(rig *sizing.Rig) (*sizing.Rig, error) {
	const key = "rpc"
	specs := r.values[key]
	if len(specs) == 0 {
		return rig, nil
	}
	var gpus []sizing.GPU
	for _, spec := range specs {
		at := strings.LastIndex(spec, "=")
		if at <= 0 {
			return nil, fmt.Errorf("%s %s: want NAME=SIZE, such as attic:50052=24GiB", key, quoted(spec))
		}
		name := strings.TrimSpace(strings.Map(printable, spec[:at]))
		n, err := Size(spec[at+1:])
		if err != nil || name == "" {
			return nil, fmt.Errorf("%s %s: want NAME=SIZE, such as attic:50052=24GiB", key, quoted(spec))
		}
		gpus = append(gpus, sizing.RemoteGPU(clip(name), n))
	}
	if len(gpus)+len(rig.GPUs) > maxGPUs {
		return nil, fmt.Errorf("%s: more than %d devices", key, maxGPUs)
	}
	out := *rig
	out.GPUs = append(gpus, rig.GPUs...)
	out.Name, out.Simulated = sizing.NameOf(out.GPUs), true
	return &out, nil
}

// printable drops what could command a terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}
