package launch

import (
	"fmt"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// transformersID is the runtime that is started from Python.
const transformersID = "transformers"

// script collects the lines of a Python program.
type script []string

func (p *script) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// heredoc runs a program that the shell passes on untouched.
func (p script) heredoc() []string {
	return append(append([]string{"python3 - <<'PY'"}, p...), "PY")
}

// hub is the name under which the library finds the model.
func hub(m *catalog.Model) string {
	if m.HF != "" {
		return m.HF
	}
	return m.ID
}

// transformers writes the Python that loads a model with exactly these
// settings and answers once, or trains it.
func transformers(m *catalog.Model, s sizing.Settings, p sizing.Placement) Command {
	if s.Training() {
		return trainer(m, s)
	}
	c := Command{Runtime: transformersID}
	var py script
	imports := "AutoModelForCausalLM, AutoTokenizer"
	config, note := quantConfig(s.Quant)
	if config != "" {
		imports += ", " + config[:strings.Index(config, "(")]
	}
	py.add("import torch")
	py.add("from transformers import %s", imports)
	py.add("name = %s", strconv.QuoteToASCII(hub(m)))
	py.add("tok = AutoTokenizer.from_pretrained(name)")
	py.add("model = AutoModelForCausalLM.from_pretrained(name, %s)", strings.Join(loadArgs(s, p, config), ", "))
	py.add("ids = tok([\"Hello\"] * %d, return_tensors=\"pt\").to(model.device)", max(1, s.Parallel))
	py.add("out = model.generate(**ids, max_length=%d%s)", max(1, contextOf(m, s)/max(1, s.Parallel)), cacheArg(s))
	py.add("print(tok.decode(out[0]))")
	c.Lines = py.heredoc()
	if note != "" {
		c.Notes = append(c.Notes, note)
	}
	if s.OutputsMax == 0 {
		c.Notes = append(c.Notes, "the figures keep the logits of every token, as model(**ids) does; generate() keeps the last one's")
	}
	return c
}

func loadArgs(s sizing.Settings, p sizing.Placement, config string) []string {
	args := []string{"dtype=" + torchType(s.Quant)}
	switch {
	case p.GPULayers == 0 && len(p.DeviceMap) == 0:
		args = append(args, `device_map="cpu"`)
	case s.GPULayers == sizing.LayersAll:
		args = append(args, `device_map={"": 0}`)
	default:
		args = append(args, `device_map="auto"`)
	}
	if limits := maxMemory(s.MaxMemory, len(p.PerDevice)); limits != "" {
		args = append(args, limits)
	}
	if kernel := map[string]string{"eager": "eager", "sdpa": "sdpa", "flash": "flash_attention_2"}[s.Attention]; kernel != "" {
		args = append(args, fmt.Sprintf("attn_implementation=%q", kernel))
	}
	if config != "" {
		args = append(args, "quantization_config="+config)
	}
	return args
}

// maxMemory is the dictionary of limits, GPUs by number and then RAM.
func maxMemory(limits []int64, gpus int) string {
	if len(limits) == 0 {
		return ""
	}
	parts := make([]string, len(limits))
	for i, n := range limits {
		key := strconv.Itoa(i)
		if i >= gpus {
			key = `"cpu"`
		}
		parts[i] = fmt.Sprintf("%s: %d", key, n)
	}
	return "max_memory={" + strings.Join(parts, ", ") + "}"
}

func cacheArg(s sizing.Settings) string {
	switch s.CacheKind {
	case "static":
		return `, cache_implementation="static"`
	case "none":
		return ", use_cache=False"
	}
	return ""
}

func torchType(quant string) string {
	switch {
	case quant == "F32":
		return "torch.float32"
	case quant == "F16", strings.HasPrefix(quant, "gptq"), strings.HasPrefix(quant, "awq"), quant == "bnb-int8":
		return "torch.float16"
	}
	return "torch.bfloat16"
}

// quantConfig is the configuration that converts while loading, and what to
// know where the weights have to be converted before.
func quantConfig(quant string) (config, note string) {
	four := `BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="%s", bnb_4bit_use_double_quant=%s, bnb_4bit_compute_dtype=torch.bfloat16)`
	switch quant {
	case "bnb-int8":
		return "BitsAndBytesConfig(load_in_8bit=True)", ""
	case "bnb-nf4":
		return fmt.Sprintf(four, "nf4", "False"), ""
	case "bnb-nf4-dq":
		return fmt.Sprintf(four, "nf4", "True"), ""
	case "bnb-fp4":
		return fmt.Sprintf(four, "fp4", "False"), ""
	case "bnb-fp4-dq":
		return fmt.Sprintf(four, "fp4", "True"), ""
	case "hqq-4":
		return "HqqConfig(nbits=4, group_size=64)", ""
	case "int8-ao":
		return `TorchAoConfig("int8_weight_only")`, ""
	case "int4-ao":
		return `TorchAoConfig("int4_weight_only", group_size=128)`, ""
	case "fp8":
		return "FineGrainedFP8Config()", ""
	case "F32", "BF16", "F16":
		return "", ""
	}
	return "", "name a repository whose weights are " + quant + " already: this format is not made while loading"
}
