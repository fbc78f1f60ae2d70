package launch

import (
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
	w.addInt("-c", contextOf(m, s))
	w.addInt("-ngl", layersFlag(p))
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
	if m.Encoder {
		w.add("--embedding")
	}
	c := Command{Runtime: sizing.LlamaCpp, Lines: []string{w.line()}}
	if m.GGUFArch == "" {
		c.Notes = append(c.Notes, "llama.cpp does not load this architecture yet")
	}
	return c
}

// offload adds what decides which weights and caches lie where.
func (w *words) offload(s sizing.Settings, p sizing.Placement) {
	switch {
	case s.CPUMoE == sizing.AllExperts:
		w.add("--cpu-moe")
	case p.CPUMoE > 0:
		w.addInt("--n-cpu-moe", p.CPUMoE)
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
	if len(shares) == 0 && len(p.PerDevice) > 1 && p.GPULayers > 0 {
		for _, n := range p.PerDevice {
			shares = append(shares, strconv.Itoa(n))
		}
	}
	return strings.Join(shares, ",")
}
