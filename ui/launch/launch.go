// Package launch writes the commands that start a runtime with exactly the
// settings that were sized. It is pure: settings in, text out.
package launch

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// Command is what to type to start a model. Lines are shell lines in the
// order in which they are typed; Notes say what the runtime has no switch
// for, so that the reader knows where it will differ from the figures.
type Command struct {
	Runtime string
	Lines   []string
	Notes   []string
}

// Text is the command as it goes to the clipboard: one line each.
func (c Command) Text() string { return strings.Join(c.Lines, "\n") }

// Build writes the command for settings s as the engine placed them: p says
// how many layers went to the GPU and whether attention runs fused, where the
// settings leave that to the planner. The runtime is s.Runtime; what is not
// Ollama is started with llama-server.
func Build(m *catalog.Model, s sizing.Settings, p sizing.Placement) Command {
	switch s.Runtime {
	case sizing.Ollama:
		return ollama(m, s, p)
	case transformersID:
		return transformers(m, s, p)
	case vllmID:
		return vllm(m, s, p)
	case sglangID:
		return sglang(m, s, p)
	}
	return llamaServer(m, s, p)
}

// File is the name that a GGUF file of the model usually has: the last part
// of its Hugging Face id and the precision. A model that was read from a file
// has that file's own path.
func File(m *catalog.Model, quant string) string {
	if isFile(m) {
		if strings.HasPrefix(m.ID, "hf:") {
			return path.Base(m.ID)
		}
		return m.ID
	}
	base := path.Base(m.HF)
	if m.HF == "" {
		base = m.ID
	}
	return strings.TrimSuffix(base, "-GGUF") + "-" + quant + ".gguf"
}

// isFile tells a model that was read from a file from a record: its id is a
// path. Those that Ollama keeps are named by a digest.
func isFile(m *catalog.Model) bool {
	return strings.HasSuffix(strings.ToLower(m.ID), ".gguf") || filepath.IsAbs(m.ID)
}

// CacheTypes are the types that a runtime offers for the KV cache, largest
// first.
func CacheTypes(runtime string) []string {
	if runtime == sizing.Ollama {
		return []string{"f16", "q8_0", "q4_0"}
	}
	if runtime == vllmID || runtime == sglangID {
		return []string{"f16", "fp8"}
	}
	return sizing.CacheTypes()
}

// words collects the words of a shell line.
type words []string

func (w *words) add(parts ...string) { *w = append(*w, parts...) }

func (w *words) addInt(flag string, n int) { w.add(flag, strconv.Itoa(n)) }

func (w words) line() string {
	quoted := make([]string, len(w))
	for i, s := range w {
		quoted[i] = quote(s)
	}
	return strings.Join(quoted, " ")
}

// quote makes a word safe for a POSIX shell; plain words stay as they are.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,+@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// onOff is how llama.cpp and Ollama's variables spell a switch.
func onOff(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}
