package launch_test

import (
	"strings"
	"testing"

	"runlocal/sizing"
	"runlocal/ui/launch"
)

func TestServers(t *testing.T) {
	for _, c := range []struct {
		say, runtime string
		change       func(*sizing.Settings)
		want         string
		without      string
	}{
		{"vLLM as it starts", "vllm", nil, "vllm serve meta-llama/Llama-3.1-8B-Instruct --dtype bfloat16 --max-model-len 8192", "--gpu-memory-utilization"},
		{"shares of two cards", "vllm", func(s *sizing.Settings) { s.Serve = sizing.Serve{Tensor: 2, Utilization: 0.85} }, "--gpu-memory-utilization 0.85 --tensor-parallel-size 2", ""},
		{"all ways to divide", "vllm", func(s *sizing.Settings) {
			s.Serve = sizing.Serve{Tensor: 4, Pipeline: 2, Data: 2, Experts: true}
		}, "--tensor-parallel-size 4 --pipeline-parallel-size 2 --data-parallel-size 2 --enable-expert-parallel", ""},
		{"batches", "vllm", func(s *sizing.Settings) {
			s.Serve = sizing.Serve{Seqs: 64, Tokens: 4096, Eager: true, NoPrefixCache: true}
		}, "--max-num-seqs 64 --max-num-batched-tokens 4096 --enforce-eager --no-enable-prefix-caching", ""},
		{"an 8-bit cache", "vllm", func(s *sizing.Settings) { s.KVTypeK = "fp8" }, "--kv-cache-dtype fp8", ""},
		{"four requests of the context", "vllm", func(s *sizing.Settings) { s.Parallel = 4 }, "--max-model-len 2048", ""},
		{"LoRA", "vllm", func(s *sizing.Settings) { s.LoRA = []sizing.LoRA{{Rank: 16}, {Rank: 64}} }, "--enable-lora --max-lora-rank 64 --max-loras 2", ""},
		{"8 bits made while loading", "vllm", func(s *sizing.Settings) { s.Quant = "fp8" }, "--quantization fp8", "--dtype"},
		{"SGLang as it starts", "sglang", nil, "sglang.launch_server --model-path meta-llama/Llama-3.1-8B-Instruct --dtype bfloat16 --context-length 8192", "--mem-fraction-static"},
		{"SGLang's shares", "sglang", func(s *sizing.Settings) { s.Serve = sizing.Serve{Tensor: 2, Utilization: 0.9, Seqs: 32} }, "--mem-fraction-static 0.9 --tp-size 2 --max-running-requests 32", ""},
	} {
		s := with(c.change)
		if s.Runtime = c.runtime; s.Quant == "Q4_K_M" {
			s.Quant = "BF16"
		}
		got := launch.Build(llama(), s, onGPU(33, 33)).Text()
		if !strings.Contains(got, c.want) || c.without != "" && strings.Contains(got, c.without) {
			t.Errorf("%s: %s\nwant %q in it, without %q", c.say, got, c.want, c.without)
		}
	}
}

func TestReadyMadeFormatsAreNamed(t *testing.T) {
	s := with(func(s *sizing.Settings) { s.Quant, s.Runtime = "awq-4", "vllm" })
	if c := launch.Build(llama(), s, onGPU(33, 33)); len(c.Notes) == 0 || !strings.Contains(c.Notes[0], "awq-4") {
		t.Errorf("notes %v do not tell that the weights have to be converted before", c.Notes)
	}
}
