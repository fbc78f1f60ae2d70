package sizing

import (
	"regexp"
	"strconv"
	"strings"
)

// Limits of what is taken as overrides: a pattern is matched against the name
// of every tensor.
const (
	maxOverrides = 128
	maxPattern   = 4096 // bytes
)

// onHost is where an override sends a tensor to RAM; 0 and more is a GPU.
const onHost = -1

// override is an Override that was read.
type override struct {
	text    Override
	pattern *regexp.Regexp
	backend string // whose GPUs are counted; empty = all
	to      int    // a GPU, or onHost
}

// compileOverrides reads patterns and buffers. The error is a *RequestError.
func compileOverrides(list []Override) ([]override, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > maxOverrides {
		return nil, refuse("override-tensor", "override-tensor: %d patterns are more than the %d that are taken", len(list), maxOverrides)
	}
	out := make([]override, 0, len(list))
	for _, o := range list {
		if o.Pattern == "" || len(o.Pattern) > maxPattern {
			return nil, refuse("override-tensor", "override-tensor: a pattern has 1 to %d bytes, such as blk\\.1[0-9]\\.ffn_.*_exps=CPU", maxPattern)
		}
		pattern, err := regexp.Compile(o.Pattern)
		if err != nil {
			return nil, refuse("override-tensor", "override-tensor %q: %v (patterns are RE2: no look-around, no back references)", o.Pattern, err)
		}
		backend, to, ok := bufferOf(o.Buffer)
		if !ok {
			return nil, refuse("override-tensor", "override-tensor: no buffer named %q; there are CPU, and GPUs by number such as CUDA0", o.Buffer)
		}
		out = append(out, override{text: o, pattern: pattern, backend: backend, to: to})
	}
	return out, nil
}

// bufferOf reads a buffer's name: the host's, or any backend's with a number.
func bufferOf(name string) (backend string, gpu int, ok bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "cpu", "cuda_host", "rocm_host", "vulkan_host", "ram":
		return "", onHost, true
	case "metal":
		return name, 0, true
	}
	digits := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz")
	backend = strings.TrimSuffix(name, digits)
	switch backend {
	case "gpu":
		backend = ""
	case "mtl":
		backend = "metal"
	case "cuda", "rocm", "vulkan", "sycl", "rpc":
	default:
		return "", 0, false
	}
	n, err := strconv.Atoi(digits)
	return backend, n, err == nil && n >= 0 && n < maxSketchDevices-1
}

// count turns the n-th GPU of a backend into its number among all; −2 if
// there is none.
func (o *override) count(rig *Rig) int {
	if o.to == onHost {
		return onHost
	}
	n := o.to
	for i := range rig.GPUs {
		if o.backend != "" && rig.GPUs[i].Backend != o.backend {
			continue
		}
		if n == 0 {
			return i
		}
		n--
	}
	return -2
}

// checkPlaces checks the settings that say where things lie, as far as that
// does not depend on the rig.
func checkPlaces(s *Settings) error {
	switch s.SplitMode {
	case "", SplitLayer, SplitRow, SplitNone:
	default:
		return refuse("split-mode", "split-mode is layer, row or none, not %q", s.SplitMode)
	}
	if s.MainGPU < 0 {
		return refuse("main-gpu", "main-gpu %d is no GPU: they are counted from 0", s.MainGPU)
	}
	for _, n := range s.FitTarget {
		if n < 0 {
			return refuse("fit-target", "fit-target %d is no amount of memory", n)
		}
	}
	if s.FitCtx < 0 || s.FitCtx > maxCtx {
		return refuse("fit-ctx", "fit-ctx %d is out of range: 0 to %d tokens", s.FitCtx, maxCtx)
	}
	if s.Filled < 0 || s.Filled > maxCtx {
		return refuse("filled", "filled %d is out of range: 0 to %d tokens", s.Filled, maxCtx)
	}
	if s.GPULayers != LayersFit {
		return nil
	}
	switch {
	case len(s.TensorSplit) > 0:
		return refuse("tensor-split", "llama.cpp's fit gives up where tensor-split is set; leave one of them out")
	case len(s.Overrides) > 0 || s.CPUMoE != ExpertsAuto && s.CPUMoE != 0:
		return refuse("override-tensor", "llama.cpp's fit gives up where tensors are placed by hand (override-tensor, cpu-moe); leave one of them out")
	case s.SplitMode == SplitRow:
		return refuse("split-mode", "llama.cpp's fit does not know split-mode row")
	}
	return nil
}

// onRig checks settings against the GPUs that there are and returns the rig
// as the runtime uses it: one GPU alone where the split mode says so.
func (r *resolved) onRig(rig *Rig) (*Rig, error) {
	n := len(rig.GPUs)
	for i := range r.overrides {
		o := &r.overrides[i]
		o.to = o.count(rig)
		if o.to < onHost {
			return nil, refuse("override-tensor", "override-tensor: there is no %s; the rig has %d GPUs, counted from 0", o.text.Buffer, n)
		}
	}
	if r.SplitMode != SplitNone || n == 0 {
		return rig, nil
	}
	if r.MainGPU >= n {
		return nil, refuse("main-gpu", "there is no GPU %d; the rig has %d, counted from 0", r.MainGPU, n)
	}
	if n == 1 {
		return rig, nil
	}
	for i := range r.overrides {
		o := &r.overrides[i]
		if o.to != onHost && o.to != r.MainGPU {
			return nil, refuse("override-tensor", "override-tensor: split mode none uses GPU %d alone, not %s", r.MainGPU, o.text.Buffer)
		}
		o.to = min(o.to, 0)
	}
	one := *rig
	one.GPUs = rig.GPUs[r.MainGPU : r.MainGPU+1]
	return &one, nil
}
