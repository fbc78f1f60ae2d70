package launch

import (
	"slices"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// llamaServer writes llama-server's line. Switches that would only repeat the
// program's default stay out, but for those whose default is "automatic": the
// figures hold for one value, so that value is written.
func llamaServer(m *catalog.Model, s sizing.Settings, p sizing.Placement) Command {
	w := words{"llama-server", "-m", File(m, s.Quant)}
	if s.GPULayers == sizing.LayersFit {
		w.fit(m, s)
	} else {
		w.addInt("-c", contextOf(m, s))
		w.addInt("-ngl", layersFlag(p))
	}
	w.add("-fa", onOff(p.FlashAttn, "on", "off"))
	if s.KVTypeK != "f16" || s.KVTypeV != "f16" {
		w.add("-ctk", s.KVTypeK, "-ctv", s.KVTypeV)
	}
	w.addInt("-np", max(1, s.Parallel))
	if s.KVUnified && s.Parallel > 1 {
		w.add("-kvu")
	}
	w.offload(s, p)
	w.batches(s)
	if len(p.Remote) > 0 {
		w.add("--rpc", strings.Join(p.Remote, ","))
	}
	w.beside(s)
	if m.Encoder || s.Embeddings {
		w.add("--embedding")
	}
	c := Command{Runtime: sizing.LlamaCpp, Lines: []string{w.line()}}
	if m.GGUFArch == "" {
		c.Notes = append(c.Notes, "llama.cpp does not load this architecture yet")
	}
	return c
}

// fit lets the runtime place the layers itself; what it was told stays out of
// its hands.
func (w *words) fit(m *catalog.Model, s sizing.Settings) {
	w.add("--fit", "on")
	if len(s.FitTarget) > 0 {
		sizes := make([]string, len(s.FitTarget))
		for i, n := range s.FitTarget {
			sizes[i] = strconv.FormatInt(n>>20, 10)
		}
		w.add("--fit-target", strings.Join(sizes, ","))
	}
	if s.FitCtx > 0 {
		w.addInt("--fit-ctx", s.FitCtx)
	}
	if s.Ctx > 0 {
		w.addInt("-c", contextOf(m, s))
	}
}

// overrides adds the tensors that lie elsewhere, the asked-for before the
// planner's: the first pattern that matches counts.
func (w *words) overrides(s sizing.Settings, p sizing.Placement) {
	list := s.Overrides
	if s.GPULayers != sizing.LayersFit {
		list = slices.Concat(list, p.Overrides)
	}
	for _, o := range list {
		w.add("-ot", o.Pattern+"="+o.Buffer)
	}
}

// beside adds what runs beside the model. Names of files that nobody stated
// are those that they usually have.
func (w *words) beside(s sizing.Settings) {
	if s.Vision.On {
		w.add("--mmproj", "mmproj-F16.gguf")
		if s.Vision.OnCPU {
			w.add("--no-mmproj-offload")
		}
	}
	for i := range s.LoRA {
		w.add("--lora", "adapter"+strconv.Itoa(i+1)+".gguf")
	}
	if d := s.Draft; d != nil && d.Model != nil {
		quant := d.Quant
		if quant == "" {
			quant = s.Quant
		}
		w.add("-md", File(d.Model, quant))
		if d.GPULayers >= 0 {
			w.addInt("-ngld", d.GPULayers)
		} else {
			w.addInt("-ngld", 99)
		}
	}
}

// loading adds how the file is read: llama.cpp's default maps it.
func (w *words) loading(s sizing.Settings) {
	switch {
	case s.DirectIO:
		w.add("--load-mode", "dio")
	case s.NoMmap && s.Mlock:
		w.add("--load-mode", "mlock")
	case s.NoMmap:
		w.add("--load-mode", "none")
	case s.Mlock:
		w.add("--load-mode", "mmap+mlock")
	}
}

// offload adds what decides which weights and caches lie where.
func (w *words) offload(s sizing.Settings, p sizing.Placement) {
	w.overrides(s, p)
	switch {
	case s.CPUMoE == sizing.AllExperts:
		w.add("--cpu-moe")
	case p.CPUMoE > 0:
		w.addInt("--n-cpu-moe", p.CPUMoE)
	}
	switch s.SplitMode {
	case sizing.SplitNone:
		w.add("-sm", "none")
		w.addInt("-mg", s.MainGPU)
	case sizing.SplitRow:
		w.add("-sm", "row")
	case sizing.SplitLayer, "":
	}
	if shares := splitOf(s, p); shares != "" {
		w.add("-ts", shares)
	}
	if s.SWAFull {
		w.add("--swa-full")
	}
	if !s.KVOffload {
		w.add("--no-kv-offload")
	}
	if !s.OpOffload {
		w.add("--no-op-offload")
	}
	w.loading(s)
}

// batches adds the batch sizes where they differ from llama-server's own.
func (w *words) batches(s sizing.Settings) {
	defaults := sizing.Defaults(s.Quant, s.Ctx)
	if s.Batch > 0 && s.Batch != defaults.Batch {
		w.addInt("-b", s.Batch)
	}
	if s.UBatch > 0 && s.UBatch != defaults.UBatch {
		w.addInt("-ub", s.UBatch)
	}
}

// contextOf is the context in tokens, all sequences together.
func contextOf(m *catalog.Model, s sizing.Settings) int {
	if s.Ctx > 0 {
		return s.Ctx
	}
	return m.Context
}

// layersFlag is the number for -ngl. All layers are written as 99, the
// field's custom, unless the model has more.
func layersFlag(p sizing.Placement) int {
	switch {
	case p.GPULayers < p.Layers:
		return p.GPULayers
	case p.Layers <= 99:
		return 99
	default:
		return 999
	}
}

// splitOf writes the shares of the GPUs for -ts: those asked for, or the
// numbers of layers that the planner gave to each of several GPUs.
func splitOf(s sizing.Settings, p sizing.Placement) string {
	var shares []string
	for _, v := range s.TensorSplit {
		shares = append(shares, strconv.FormatFloat(v, 'g', -1, 64))
	}
	if s.GPULayers == sizing.LayersFit || s.SplitMode == sizing.SplitNone || s.SplitMode == sizing.SplitRow {
		return strings.Join(shares, ",")
	}
	if len(shares) == 0 && len(p.PerDevice) > 1 && p.GPULayers > 0 {
		for _, n := range p.PerDevice {
			shares = append(shares, strconv.Itoa(n))
		}
	}
	return strings.Join(shares, ",")
}
