package launch

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// ollama writes the server's environment, and the model: by its tag where
// the tag brings this precision and no layer setting is needed, else through
// a Modelfile. num_ctx is a sequence's context; Ollama multiplies it by the
// number of sequences itself.
func ollama(m *catalog.Model, s sizing.Settings, p sizing.Placement) Command {
	sequences := max(1, s.Parallel)
	numCtx := (contextOf(m, s) + sequences - 1) / sequences
	c := Command{Runtime: sizing.Ollama, Notes: ollamaNotes(m, s, p)}
	c.Lines = append(c.Lines, ollamaServe(s, p, numCtx, sequences))

	tagged := m.Ollama != "" && strings.HasPrefix(s.Quant, tagQuant(m))
	params := ollamaParams(s, p)
	if tagged && len(params) == 0 {
		c.Lines = append(c.Lines, words{"ollama", "run", m.Ollama}.line())
		return c
	}
	from := File(m, s.Quant)
	name := m.ID + "-local"
	switch {
	case tagged:
		from = m.Ollama
	case isFile(m):
		name = strings.ToLower(strings.TrimSuffix(path.Base(filepath.ToSlash(m.ID)), path.Ext(m.ID))) + "-local"
	}
	if !tagged && !filepath.IsAbs(from) {
		from = "./" + from
	}
	file := []string{"FROM " + from, fmt.Sprintf("PARAMETER num_ctx %d", numCtx)}
	file = append(file, params...)
	c.Lines = append(c.Lines,
		"printf '%s\\n' "+words(file).line()+" > Modelfile",
		words{"ollama", "create", name, "-f", "Modelfile"}.line(),
		words{"ollama", "run", name}.line())
	return c
}

// ollamaServe is the line that starts the server with its settings.
func ollamaServe(s sizing.Settings, p sizing.Placement, numCtx, sequences int) string {
	return strings.Join([]string{
		fmt.Sprintf("OLLAMA_CONTEXT_LENGTH=%d", numCtx),
		fmt.Sprintf("OLLAMA_NUM_PARALLEL=%d", sequences),
		"OLLAMA_FLASH_ATTENTION=" + onOff(p.FlashAttn, "1", "0"),
		"OLLAMA_KV_CACHE_TYPE=" + quote(s.KVTypeK),
		"ollama serve",
	}, " ")
}

// tagQuant is the precision that a model's tag in Ollama's library brings:
// what the maker published for models trained in 4-bit floats, Q4_K_M else.
func tagQuant(m *catalog.Model) string {
	if strings.HasPrefix(m.NativeDtype, "mxfp4") {
		return "MXFP4"
	}
	return "Q4_K_M"
}

// ollamaParams are the Modelfile's lines for what differs from the defaults.
func ollamaParams(s sizing.Settings, p sizing.Placement) []string {
	var out []string
	if len(p.PerDevice) > 0 && p.GPULayers < p.Layers {
		out = append(out, fmt.Sprintf("PARAMETER num_gpu %d", p.GPULayers))
	}
	if s.UBatch > 0 && s.UBatch != sizing.Defaults(s.Quant, s.Ctx).UBatch {
		out = append(out, fmt.Sprintf("PARAMETER num_batch %d", s.UBatch))
	}
	return out
}

// ollamaNotes names the settings that Ollama has no switch for.
func ollamaNotes(m *catalog.Model, s sizing.Settings, p sizing.Placement) []string {
	var out []string
	if types := CacheTypes(sizing.Ollama); !slices.Contains(types, s.KVTypeK) || s.KVTypeK != s.KVTypeV {
		out = append(out, "Ollama keeps keys and values in one type: "+strings.Join(types, ", "))
	}
	if p.CPUMoE > 0 {
		out = append(out, "Ollama has no switch for experts in RAM; it moves whole layers")
	}
	if len(s.TensorSplit) > 0 {
		out = append(out, "Ollama splits over GPUs by itself; the shares are not passed on")
	}
	if s.SWAFull || !s.KVOffload {
		out = append(out, "Ollama has no switch for the cache's place or full windows")
	}
	if s.SplitMode == sizing.SplitRow || s.SplitMode == sizing.SplitNone || len(s.Overrides) > 0 || s.GPULayers == sizing.LayersFit {
		out = append(out, "Ollama has no switch for split modes, single tensors or llama.cpp's fit")
	}
	if s.Vision.On || len(s.LoRA) > 0 || s.Draft != nil || len(p.Remote) > 0 {
		out = append(out, "Ollama takes projectors and adapters in its Modelfile, and no draft model or RPC server")
	}
	if m.GGUFArch == "" {
		out = append(out, "llama.cpp does not load this architecture yet; Ollama may have its own engine")
	}
	return out
}
