package request

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Kind says which JSON type a key takes. On the command line everything is
// text.
type Kind int

// The kinds. A List takes one text or an array of texts, Numbers one text or
// an array of numbers, TextOrWhole a text or a whole number.
const (
	Text Kind = iota
	Whole
	Real
	Switch
	TextOrWhole
	List
	Numbers
)

// Key is one thing that can be asked for.
type Key struct {
	Name  string // underscores; a flag has dashes instead
	Kind  Kind
	Arg   string // what stands for the value in the help
	Usage string
}

// Flag is the key as a command-line flag, without the dashes in front.
func (k Key) Flag() string { return strings.ReplaceAll(k.Name, "_", "-") }

// Keys lists everything that can be asked for, in the order of the help.
func Keys() []Key {
	return append([]Key{
		{"model", Text, "NAME", "catalog id, Hugging Face id, Ollama tag or a name that has one best match"},
		{"gguf", Text, "FILE", "a GGUF file: its path, or hf:OWNER/REPO/FILE.gguf to read its header from there"},
		{"quant", Text, "NAME", "precision of the weights, such as Q4_K_M or F16"},
		{"ctx", TextOrWhole, "TOKENS", "context in tokens: 8192, 32k or max"},
		{"kv_type", Text, "TYPE", "type of the cached keys and values: f16, q8_0, q4_0 …"},
		{"kv_type_k", Text, "TYPE", "type of the cached keys alone"},
		{"kv_type_v", Text, "TYPE", "type of the cached values alone"},
		{"runtime", Text, "NAME", "llama.cpp, ollama, transformers, vllm or sglang"},
		{"batch", Whole, "N", "logical batch, tokens"},
		{"ubatch", Whole, "N", "physical batch, tokens"},
		{"filled", Whole, "TOKENS", "how much of the context is in use, for the scratch memory without flash attention; absent 4096"},
		{"parallel", Whole, "N", "sequences at the same time"},
		{"outputs_max", Whole, "N", "rows of logits reserved; 0 is the whole batch, absent one a sequence"},
		{"kv_unified", Switch, "BOOL", "one cache shared by all sequences"},
		{"swa_full", Switch, "BOOL", "sliding-window layers keep the whole context"},
		{"flash_attn", Text, "MODE", "on, off or auto"},
		{"gpu", List, "NAME", "a GPU by name, 2xNAME for two, 24GiB for a bare size, none for no GPU; repeatable"},
		{"empty", Switch, "BOOL", "as if nothing else used the memory; without it what others use counts"},
		{"ram", Text, "SIZE", "memory of the host, such as 64GiB"},
		{"gpu_layers", TextOrWhole, "N", "layers on the GPU, the output layer counted: a number, auto, all, or fit as llama.cpp's own fit decides"},
		{"fit_target", Text, "SIZES", "what fit leaves free on each GPU, such as 1GiB or 1GiB,512MiB; a bare number is MiB"},
		{"fit_ctx", Whole, "TOKENS", "context below which fit does not cut it"},
		{"cpu_moe", TextOrWhole, "N", "layers whose experts stay in RAM: a number, auto or all"},
		{"tensor_split", Numbers, "A,B", "share of the layers for each GPU, as llama.cpp takes it"},
		{"split_mode", Text, "MODE", "how several GPUs share the model: layer, row or none"},
		{"main_gpu", Whole, "N", "the GPU that split mode none takes, counted from 0"},
		{"override_tensor", List, "REGEX=BUFFER", "where tensors with such a name lie: CPU or a GPU such as CUDA0; repeatable, the first match counts"},
		{"kv_offload", Switch, "BOOL", "keep the cache on the GPU with its layer"},
		{"op_offload", Switch, "BOOL", "compute big batches of layers in RAM on the GPU"},
		{"mmap", Switch, "BOOL", "map the file, so that weights in RAM are pages that the system may drop"},
		{"mlock", Switch, "BOOL", "lock what lies in RAM"},
		{"direct_io", Switch, "BOOL", "read the file past the system's cache, without mapping it"},
		{"mmproj", Text, "MODE", "the vision part too: on, cpu, off, or the size of its file"},
		{"lora", List, "RANK", "an adapter by its rank, or by its file's size such as 160MiB; repeatable"},
		{"draft", Text, "NAME", "a small model that drafts tokens for this one to check"},
		{"draft_quant", Text, "NAME", "precision of the draft model; absent the same"},
		{"draft_ctx", TextOrWhole, "TOKENS", "context of the draft model; absent the same"},
		{"draft_gpu_layers", TextOrWhole, "N", "layers of the draft model on the GPU: a number or all"},
		{"embeddings", Switch, "BOOL", "vectors instead of text, as for search and reranking"},
		{"rpc", List, "NAME=SIZE", "a device of another machine behind an RPC server; repeatable"},
		{"runtime_build", Text, "ERA", "an older llama.cpp, such as 2026-05 or 2025-08, or vLLM, such as 0.10; absent the newest"},
		{"guess", Switch, "BOOL", "size an architecture that is not known by the closest one"},
		{"compute_capability", Real, "X.Y", "CUDA compute capability of a bare size"},
	}, append(torchKeys(), serveKeys()...)...)
}

// findKey returns the key of that name.
func findKey(name string) (Key, error) {
	keys := Keys()
	names := make([]string, len(keys))
	for i, k := range keys {
		if k.Name == name {
			return k, nil
		}
		names[i] = k.Name
	}
	return Key{}, fmt.Errorf("unknown key %s; nearest: %s", quoted(name), Nearest(name, names))
}

// Nearest returns the choice with the fewest edits to what was asked, letter
// case aside. It returns "" only when there is no choice.
func Nearest(asked string, choices []string) string {
	best, distance := "", -1
	asked = strings.ToLower(clip(asked))
	for _, c := range choices {
		d := levenshtein.ComputeDistance(asked, strings.ToLower(c))
		if distance < 0 || d < distance {
			best, distance = c, d
		}
	}
	return best
}

// quoted prints what was asked inside an error: escaped, and short.
func quoted(s string) string { return fmt.Sprintf("%q", clip(s)) }

// clip keeps an error to one line and an edit distance affordable, whatever
// was asked.
func clip(s string) string {
	const limit = 80
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
