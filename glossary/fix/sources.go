package fix

import (
	"regexp"

	"runlocal/sizing"
)

// source is a place where a runtime states what it loads and where. Groups are
// named as those of the guide's patterns, or as the keys of a request; gpu is
// a device's name, index its number and spare_mib what is free on it before
// anything is loaded. A source with a key is a sign of that value.
type source struct {
	expr       string
	key, value string
}

// sources are all of them, the surest first: the first statement counts.
func sources() []source {
	return append([]source{
		// What is loaded.
		{expr: `general\.name(?:\s+\w+)?\s*=\s*(?P<model>\S[^\n]{1,79})`},
		{expr: `(?P<model>[\w.\-+]{3,100})\.gguf\b`},
		{expr: `(?:--model|--served-model-name|model_name_or_path|model_id|model_path|served_model_name|\bmodel|repo_id)['"]?[=:\s,]+\[?['"]?(?P<model>[A-Za-z][\w.-]*/[\w.\-]+)`},
		{expr: `(?:vllm serve|from_pretrained\(|hf download|huggingface-cli download|snapshot_download\()\s*['"]?(?P<model>[A-Za-z][\w.-]*/[\w.\-]+)`},
		{expr: `huggingface\.co/(?:api/models/)?(?P<model>[A-Za-z][\w.-]*/[\w.\-]+)`},
		{expr: `ollama (?:run|pull|show|create) (?P<model>[a-z][\w.\-]*(?::[\w.\-]+)?)`},
		// How.
		{expr: `\b(?:n_ctx|num_ctx|KvSize)\s*[=:]\s*(?P<ctx>\d{3,8})\b`},
		{expr: `(?:--ctx-size|--max-model-len|max_model_len|max_seq_len|max seq len)(?:[ =:]+| \()(?P<ctx>\d{3,8})\b`},
		{expr: `(?:file type|ftype)\s*=\s*(?:mostly |all )?(?P<quant>[A-Z0-9_]+(?: - \w+)?)`},
		{expr: `offload(?:ed|ing) (?P<gpu_layers>\d+)/\d+ layers to GPU`},
		{expr: `--(?:n-gpu-layers|gpu-layers) (?P<gpu_layers>\d+)\b`},
		{expr: `\bn_seq_max\s*=\s*(?P<parallel>\d+)`},
		{expr: `--parallel (?P<parallel>\d+)\b`},
		{expr: `(?:--cache-type-k |--kv-cache-type |KvCacheType:)(?P<kv_type>[a-z]+\w+)`},
		{expr: `\bK \((?P<kv_type>f16|bf16|f32|q\d_\d)\):`},
		// Where.
		{expr: `Device (?P<index>\d+): (?P<gpu>[^,\n]{4,60}), (?:compute capability|gfx\d)`},
		{expr: `using device \w*?(?P<index>\d+) \((?P<gpu>[^()\n]{4,60}(?:\([^()\n]{1,30}\))?)\).{0,30}?(?P<spare_mib>\d{2,7}) MiB free`},
		{expr: `ggml_vulkan: (?P<index>\d+) = (?P<gpu>[^|\n]{4,60}?) (?:\([^()|\n]*\) )?\|`},
		{expr: `(?:found device|GPU name):\s+(?P<gpu>Apple M\d[\w ]*)`},
		{expr: `inference compute.{1,200}?\bname="?(?P<gpu>[^"\n]{4,60})"?.{1,120}?total="?(?P<total>[\d.]+ [KMG]iB)"?`},
		{expr: `\|\s+(?P<index>\d+)\s+(?P<gpu>(?:NVIDIA|Tesla|Quadro) [\w .\-]{2,40}?)\s+(?:On|Off)\s*\|`},
		{expr: `Your (?P<gpu>.{4,40}?) GPU has compute capability`},
		{expr: `(?P<gpu>NVIDIA [\w \-]{3,40}) with CUDA capability sm_\d+ is not compatible`},
		{expr: `Tried to allocate (?P<wanted>[\d.]+ [KMGT]i?B)`},
		{expr: `allocating (?P<wanted_mib>[\d.]+) MiB on device \d+: \w+ failed`},
		{expr: `failed to allocate .{0,40}buffer of size (?P<wanted_bytes>\d+)`},
		{expr: `total capacity of (?P<total>[\d.]+ [KMG]iB)`},
		{expr: `of which (?P<free>[\d.]+ [KMG]iB) is free`},
		{expr: `; (?P<total>[\d.]+ [KMG]iB) total capacity;.{0,60}; (?P<free>[\d.]+ [KMG]iB) free`},
	}, runtimeSigns()...)
}

// training is the key of a log that trains a model.
const training = "training"

// runtimeSigns tell which runtime wrote a log, those that run another first.
func runtimeSigns() []source {
	const key = "runtime"
	return []source{
		{`\bvllm\b`, key, "vllm"},
		{`source=\w+\.go:\d+|\bollama\[\d+\]|ollama_llama_server|OLLAMA_\w+:`, key, sizing.Ollama},
		{`llama_model_load|llama_context|llama_kv_cache|llm_load_|load_tensors:|ggml_backend|ggml_cuda|ggml_metal|ggml_vulkan`, key, sizing.LlamaCpp},
		{`exllama|exl2|exl3`, key, "exllama"},
		{`mlx_lm|mlx\.core`, key, "mlx"},
		{`loss\.backward\(|accelerator\.backward|\bgrad_norm\b|\btrainer\.(?:train|py)\b|(?:sft|grpo|dpo)_?trainer`, training, "true"},
		{`transformers/|from_pretrained|torch/nn/modules|\btransformers\b`, key, "transformers"},
	}
}

// compiled is the expression that is matched, and its source for the texts
// that it needs.
func (s *source) compiled() *regexp.Regexp { return regexp.MustCompile("(?i)" + s.expr) }
