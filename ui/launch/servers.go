package launch

import (
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// The runtimes that serve from several GPUs.
const (
	vllmID   = "vllm"
	sglangID = "sglang"
)

// groupSize is over how many GPUs each matrix goes: as asked, or what the
// placement uses.
func groupSize(s sizing.Settings, p sizing.Placement) int {
	if s.Serve.Tensor > 0 {
		return s.Serve.Tensor
	}
	used := 0
	for _, n := range p.PerDevice {
		if n > 0 {
			used++
		}
	}
	return max(1, used/(max(1, s.Serve.Pipeline)*max(1, s.Serve.Data)))
}

// number adds a flag with a number, unless it is what the runtime takes by
// itself.
func (w *words) number(flag string, n, usual int) {
	if n != usual {
		w.addInt(flag, n)
	}
}

// ready tells what to know of a precision that is not made while loading.
func ready(quant string) []string {
	switch quant {
	case "F32", "BF16", "F16":
		return nil
	}
	return []string{"name a repository whose weights are " + quant + " already: this format is not made while loading"}
}

// vllm writes the command of vLLM's server.
func vllm(m *catalog.Model, s sizing.Settings, p sizing.Placement) Command {
	c := Command{Runtime: vllmID}
	w := words{"vllm", "serve", hub(m)}
	if flags := vllmQuant(s.Quant); flags != nil {
		w.add(flags...)
	} else {
		c.Notes = append(c.Notes, ready(s.Quant)...)
	}
	w.addInt("--max-model-len", max(1, contextOf(m, s)/max(1, s.Parallel)))
	if u := s.Serve.Utilization; u > 0 {
		w.add("--gpu-memory-utilization", strconv.FormatFloat(u, 'f', -1, 64))
	}
	w.number("--tensor-parallel-size", groupSize(s, p), 1)
	w.number("--pipeline-parallel-size", max(1, s.Serve.Pipeline), 1)
	w.number("--data-parallel-size", max(1, s.Serve.Data), 1)
	if s.Serve.Experts {
		w.add("--enable-expert-parallel")
	}
	w.number("--max-num-seqs", s.Serve.Seqs, 0)
	w.number("--max-num-batched-tokens", s.Serve.Tokens, 0)
	if t := s.KVTypeK; t != "" && t != "f16" && t != "bf16" && t != "auto" {
		w.add("--kv-cache-dtype", t)
	}
	if s.Serve.Eager {
		w.add("--enforce-eager")
	}
	if s.Serve.NoPrefixCache {
		w.add("--no-enable-prefix-caching")
	}
	vllmParts(&w, m, s)
	c.Lines = []string{w.line()}
	if s.Build != "" {
		c.Notes = append(c.Notes, "the figures follow vLLM "+s.Build+": install that version")
	}
	return c
}

// vllmParts adds what is beside the text model.
func vllmParts(w *words, m *catalog.Model, s sizing.Settings) {
	if s.Attention == "flashinfer" {
		w.add("--attention-backend", "FLASHINFER")
	}
	if m.Vision != nil && !s.Vision.On {
		w.add("--limit-mm-per-prompt", `{"image":0,"video":0}`)
	}
	if rank := widestRank(s.LoRA); rank > 0 {
		w.add("--enable-lora", "--max-lora-rank", strconv.Itoa(rank), "--max-loras", strconv.Itoa(len(s.LoRA)))
	}
}

// vllmQuant are the flags of a precision that is made while loading; nil for
// one that is not.
func vllmQuant(quant string) []string {
	switch quant {
	case "F32":
		return []string{"--dtype", "float32"}
	case "F16":
		return []string{"--dtype", "float16"}
	case "BF16":
		return []string{"--dtype", "bfloat16"}
	case "fp8":
		return []string{"--quantization", "fp8"}
	case "bnb-nf4-dq":
		return []string{"--quantization", "bitsandbytes"}
	}
	return nil
}

func widestRank(list []sizing.LoRA) int {
	rank := 0
	for _, a := range list {
		rank = max(rank, a.Rank)
	}
	return rank
}

// sglang writes the command of SGLang's server.
func sglang(m *catalog.Model, s sizing.Settings, p sizing.Placement) Command {
	c := Command{Runtime: sglangID}
	w := words{"python3", "-m", "sglang.launch_server", "--model-path", hub(m)}
	switch s.Quant {
	case "F32", "F16", "BF16":
		w.add("--dtype", strings.NewReplacer("BF16", "bfloat16", "F16", "float16", "F32", "float32").Replace(s.Quant))
	case "fp8":
		w.add("--quantization", "fp8")
	default:
		c.Notes = append(c.Notes, ready(s.Quant)...)
	}
	w.addInt("--context-length", max(1, contextOf(m, s)/max(1, s.Parallel)))
	if u := s.Serve.Utilization; u > 0 {
		w.add("--mem-fraction-static", strconv.FormatFloat(u, 'f', -1, 64))
	}
	w.number("--tp-size", groupSize(s, p), 1)
	w.number("--pp-size", max(1, s.Serve.Pipeline), 1)
	w.number("--dp-size", max(1, s.Serve.Data), 1)
	if s.Serve.Experts {
		w.addInt("--ep-size", groupSize(s, p))
	}
	w.number("--max-running-requests", s.Serve.Seqs, 0)
	w.number("--chunked-prefill-size", s.Serve.Tokens, 0)
	if t := s.KVTypeK; t == "fp8" {
		w.add("--kv-cache-dtype", "fp8_e4m3")
	}
	if s.Serve.Eager {
		w.add("--disable-cuda-graph")
	}
	if s.Serve.NoPrefixCache {
		w.add("--disable-radix-cache")
	}
	c.Lines = []string{w.line()}
	return c
}
