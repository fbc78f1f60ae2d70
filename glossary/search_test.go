package glossary

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each query is one that a reader would type; the entry must come first or
// second.
func TestSearchFindsWhatAReaderMeans(t *testing.T) {
	g := theGuide(t)
	for _, c := range []struct{ query, want string }{
		// names and abbreviations
		{"kv", "kv-cache"}, {"kv cache", "kv-cache"}, {"KV-Cache", "kv-cache"}, {"kvcache", "kv-cache"},
		{"gqa", "grouped-query-attention"}, {"mla", "multi-head-latent-attention"}, {"moe", "mixture-of-experts"},
		{"swa", "sliding-window-attention"}, {"ssm", "state-space-model"}, {"mamba", "state-space-model"},
		{"oom", "cuda-out-of-memory"}, {"ttft", "time-to-first-token"}, {"vlm", "vision-language-model"},
		{"ngl", "offload"}, {"imatrix", "importance-matrix"}, {"bpw", "bits-per-weight"}, {"ppl", "perplexity"},
		{"trt-llm", "tensorrt-llm"}, {"bnb", "bitsandbytes"}, {"peft", "fine-tuning"}, {"hbm", "hbm"},
		{"q4km", "q4-k-m"}, {"Q4_K_M", "q4-k-m"}, {"iq4_xs", "i-quants"}, {"q8_0", "legacy-quants"}, {"q4_0", "legacy-quants"},
		{"n_ctx", "context-length"}, {"ctx", "context-length"}, {"toks", "tokens-per-second"}, {"t/s", "tokens-per-second"},
		{"flash atn", "flash-attention"}, {"fa", "flash-attention"}, {"half precision", "fp16"}, {"bfloat", "bf16"},
		// begun or shortened
		{"out of mem", "cuda-out-of-memory"}, {"spec dec", "speculative-decoding"}, {"cont batch", "continuous-batching"},
		{"mixt exp", "mixture-of-experts"}, {"grad check", "gradient-checkpointing"}, {"quant", "quantisation"},
		{"kv quant", "kv-cache-quantisation"}, {"mem bandw", "memory-bandwidth"}, {"comp cap", "compute-capability"},
		{"unif mem", "unified-memory"}, {"tens split", "tensor-split"}, {"sliding", "sliding-window-attention"},
		{"paged att", "paged-attention"}, {"prompt cach", "prompt-caching"}, {"draft model", "draft-model"},
		// misspelt, or the other spelling
		{"quantization", "quantisation"}, {"quantizaton", "quantisation"}, {"kv cahce", "kv-cache"}, {"tokeniser", "tokenizer"},
		{"pytroch", "pytorch"}, {"olama", "ollama"}, {"lamma.cpp", "llama-cpp"}, {"llamacpp", "llama-cpp"},
		{"vulcan", "vulkan"}, {"temprature", "temperature"}, {"embeding", "embedding"}, {"atention", "attention"},
		{"transfomers", "transformers"}, {"bits and bytes", "bitsandbytes"}, {"speculativ decodng", "speculative-decoding"},
		{"optimiser states", "optimizer-states"}, {"nv link", "nvlink"}, {"multi gpu", "multi-gpu"}, {"model license", "model-licence"},
		{"safe tensors", "safetensors"}, {"torch compile", "torch-compile"}, {"qlora", "qlora"}, {"lora", "lora"},
		// other kinds of entries
		{"is 8 gb enough", "answer-is-8-gb-enough"}, {"how much ram", "answer-how-much-ram"}, {"port in use", "error-port-in-use"},
		{"cudamalloc failed", "error-cuda-malloc-failed-llamacpp"}, {"slow generation", "symptom-slow-generation"}, {"gibberish", "symptom-gibberish-output"},
		{"no space left", "error-disk-full"}, {"illegal instruction", "error-illegal-instruction"}, {"trust remote code", "error-trust-remote-code"},
		{"docker gpu", "error-docker-no-gpu"}, {"oom killer", "error-oom-killer"}, {"shm size", "error-shm-too-small"},
		{"gated repo", "error-gated-repo"}, {"verdict", "method-verdict"}, {"compute buffers", "method-compute-buffers"},
		{"q4 or q8", "answer-q4-or-q8"}, {"slow first token", "symptom-slow-first-token"}, {"gpu not used", "symptom-gpu-not-used"},
		{"attention flash", "flash-attention"}, {"gpu memory", "vram"}, {"gib gb", "gib-and-gb"},
	} {
		hits := g.Search(c.query)
		var first []string
		for _, h := range hits[:min(2, len(hits))] {
			first = append(first, h.Entry.ID)
		}
		if found := strings.Join(first, " "); !strings.Contains(" "+found+" ", " "+c.want+" ") {
			t.Errorf("%q finds %v first, want %s among the first two", c.query, first, c.want)
		}
	}
}

func TestSearchRanking(t *testing.T) {
	g := theGuide(t)
	for query, want := range map[string]string{
		"attention":    "attention", // the name itself before the names that contain it
		"vram":         "vram",
		"lora":         "lora", // and not QLoRA
		"fp16":         "fp16",
		"token":        "token",
		"transformer":  "transformer", // not the library
		"transformers": "transformers",
		"embedding":    "embedding",
		"decode":       "decode",
		"gguf":         "gguf",
	} {
		if hits := g.Search(query); len(hits) == 0 || hits[0].Entry.ID != want {
			t.Errorf("%q: want %s first, got %v", query, want, idsOf(hits, 3))
		}
	}
	if all := g.Search("  "); len(all) != len(g.Entries()) {
		t.Errorf("an empty query gives %d of %d entries", len(all), len(g.Entries()))
	}
	if hits := g.Search("zzzzqqqq xxyy"); len(hits) != 0 {
		t.Errorf("nonsense finds %v", idsOf(hits, 5))
	}
	if hits := g.Search(strings.Repeat("kv cache ", 100000)); len(hits) > 0 && hits[0].Entry.ID == "" {
		t.Error("a very long query breaks the search")
	}
}

func TestSearchMarksTheTitle(t *testing.T) {
	g := theGuide(t)
	for query, want := range map[string]string{"kv": "[KV] cache", "flash att": "[Flash att]ention"} {
		got := marked(g.Search(query)[0])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	hit := g.Search("gqa")[0]
	if hit.Via == "" {
		t.Errorf("gqa is an alias of %s, yet Via is empty", hit.Entry.ID)
	}
}

// marked puts the matched bytes of a title in brackets.
func marked(h Hit) string {
	var b strings.Builder
	open := false
	for i, c := range []byte(h.Entry.Title) {
		is := false
		for _, m := range h.Matched {
			is = is || m == i
		}
		if c == ' ' && open && i+1 < len(h.Entry.Title) {
			is = is || contains(h.Matched, i+1)
		}
		if is != open {
			b.WriteByte("]["[map[bool]int{false: 0, true: 1}[is]])
			open = is
		}
		b.WriteByte(c)
	}
	if open {
		b.WriteByte(']')
	}
	return b.String()
}

func contains(list []int, n int) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

func idsOf(hits []Hit, most int) []string {
	var ids []string
	for _, h := range hits[:min(most, len(hits))] {
		ids = append(ids, h.Entry.ID)
	}
	return ids
}

func BenchmarkSearch(b *testing.B) {
	g := theGuide(b)
	for _, query := range []string{"k", "kv cache", "speculativ decodng", "memory bandwidth limits"} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.Search(query)
			}
		})
	}
}
