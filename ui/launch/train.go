package launch

import (
	"fmt"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// trainer writes the program that trains on train.jsonl (a text a line) with
// exactly these settings, and the line that starts it.
func trainer(m *catalog.Model, s sizing.Settings) Command {
	x := s.Train
	c := Command{Runtime: transformersID}
	var py script
	py.add("import torch")
	py.add("from datasets import load_dataset")
	py.add("from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, DataCollatorForLanguageModeling, Trainer, TrainingArguments")
	py.add("name, length = %s, %d", strconv.QuoteToASCII(hub(m)), max(1, s.Ctx/max(1, s.Parallel)))
	py.add("tok = AutoTokenizer.from_pretrained(name)")
	py.add("tok.pad_token = tok.pad_token or tok.eos_token")
	py.add("data = load_dataset(\"json\", data_files=\"train.jsonl\")[\"train\"].map(lambda r: tok(r[\"text\"], truncation=True, max_length=length), remove_columns=[\"text\"])")
	load := []string{"dtype=" + trainType(x)}
	if x.Mode == sizing.TrainQLoRA {
		config, _ := quantConfig("bnb-nf4-dq")
		load = append(load, "quantization_config="+config)
	}
	py.add("model = AutoModelForCausalLM.from_pretrained(name, %s)", strings.Join(load, ", "))
	if x.Mode != sizing.TrainFull {
		py.add("from peft import LoraConfig, get_peft_model")
		py.add("model.enable_input_require_grads()")
		py.add("model = get_peft_model(model, LoraConfig(r=%d, target_modules=%s, use_dora=%s, task_type=\"CAUSAL_LM\"))", rankOf(x), targetsOf(x), pyBool(x.Mode == sizing.TrainDoRA))
	}
	py.add("args = TrainingArguments(%s)", strings.Join(trainArgs(s), ", "))
	py.add("Trainer(model=model, args=args, train_dataset=data, data_collator=DataCollatorForLanguageModeling(tok, mlm=False)).train()")
	c.Lines = append(append([]string{"cat > train.py <<'PY'"}, py...), "PY")
	if x.Shard == "" {
		c.Lines = append(c.Lines, "python3 train.py")
	} else {
		c.Lines = append(c.Lines, "torchrun --nproc-per-node gpu train.py")
	}
	if x.Optimizer == "adam" {
		c.Notes = append(c.Notes, "the trainer has no Adam without weight decay; AdamW is started, which takes the same memory")
	}
	return c
}

func trainType(x sizing.Train) string {
	if x.Mode == sizing.TrainFull && x.Precision != "" && x.Precision != "bf16" {
		return "torch.float32"
	}
	return "torch.bfloat16"
}

func rankOf(x sizing.Train) int {
	if x.Rank > 0 {
		return x.Rank
	}
	return 16
}

func targetsOf(x sizing.Train) string {
	if len(x.Targets) == 0 || x.Targets[0] == "all-linear" {
		return `"all-linear"`
	}
	quoted := make([]string, len(x.Targets))
	for i, t := range x.Targets {
		quoted[i] = strconv.QuoteToASCII(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func pyBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// trainArgs are the trainer's arguments.
func trainArgs(s sizing.Settings) []string {
	x := s.Train
	optim := map[string]string{
		"": "adamw_torch", "adam": "adamw_torch", "adamw": "adamw_torch", "adamw-fused": "adamw_torch_fused", "adamw-8bit": "adamw_bnb_8bit",
		"adamw-paged": "paged_adamw_32bit", "sgd": "sgd", "sgd-momentum": "sgd", "adafactor": "adafactor",
	}[x.Optimizer]
	args := []string{
		`output_dir="out"`, fmt.Sprintf("per_device_train_batch_size=%d", max(1, s.Parallel)),
		fmt.Sprintf("gradient_accumulation_steps=%d", max(1, x.Accumulate)), fmt.Sprintf("optim=%q", optim),
		"gradient_checkpointing=" + pyBool(x.Checkpointing), "use_liger_kernel=" + pyBool(x.FusedLoss),
	}
	if x.Optimizer == "sgd-momentum" {
		args = append(args, `optim_args="momentum=0.9"`)
	}
	switch x.Precision {
	case "amp":
		args = append(args, "bf16=True")
	case "fp16":
		args = append(args, "fp16=True")
	}
	return append(args, shardArgs(x)...)
}

func shardArgs(x sizing.Train) []string {
	away := func(on bool) string {
		if on {
			return "cpu"
		}
		return "none"
	}
	switch x.Shard {
	case "zero1", "zero2", "zero3":
		return []string{fmt.Sprintf(`deepspeed={"zero_optimization": {"stage": %s, "offload_optimizer": {"device": %q}, "offload_param": {"device": %q}}, "bf16": {"enabled": "auto"}, "train_micro_batch_size_per_gpu": "auto", "gradient_accumulation_steps": "auto"}`,
			x.Shard[len("zero"):], away(x.OffloadOptimizer), away(x.OffloadParams))}
	case "fsdp":
		mode := "full_shard auto_wrap"
		if x.OffloadParams || x.OffloadOptimizer {
			mode += " offload"
		}
		return []string{fmt.Sprintf("fsdp=%q", mode)}
	}
	return nil
}
