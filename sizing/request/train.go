package request

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/units"
)

// trainer is the runtime that training is sized for, and the one that is
// taken where training is asked for and no runtime is named.
const trainer = "transformers"

// defaultTrainSeq is a usual length of a training sequence, tokens.
const defaultTrainSeq = 2048

// torchKeys are settings that only PyTorch reads.
func torchKeys() []Key {
	return []Key{
		{"attention", Text, "KERNEL", "PyTorch's attention: eager, sdpa or flash; vLLM's: flashinfer"},
		{"cache", Text, "KIND", "Transformers' cache: dynamic, static or none"},
		{"max_memory", Text, "SIZES", "what a device map may fill: a size for each GPU, then one for RAM, such as 20GiB,60GiB"},
		{"train", Text, "MODE", "none, full, lora, dora or qlora (runtime transformers)"},
		{"train_precision", Text, "NAME", "of full training: bf16, f32, amp (autocast over 32 bits) or fp16"},
		{"train_seq", TextOrWhole, "TOKENS", "length of a training sequence; without it the context"},
		{"micro_batch", Whole, "N", "sequences of a training step on one GPU"},
		{"accumulate", Whole, "N", "micro-batches for one step of the optimizer"},
		{"optimizer", Text, "NAME", strings.Join(sizing.Optimizers(), ", ")},
		{"checkpointing", Switch, "BOOL", "gradient checkpointing: activations are computed again"},
		{"fused_loss", Switch, "BOOL", "the loss in pieces, as Liger has it: no logits as a whole"},
		{"lora_rank", Whole, "N", "rank of the adapters; 16 where nothing is said"},
		{"lora_targets", Text, "NAMES", "modules with adapters, such as q_proj,v_proj, or all-linear"},
		{"shard", Text, "NAME", "over several GPUs: none, ddp, zero1, zero2, zero3 or fsdp"},
		{"zero_stage", Whole, "N", "ZeRO's stage, 0 to 3: the same as shard"},
		{"offload_optimizer", Switch, "BOOL", "optimizer states in RAM"},
		{"offload_params", Switch, "BOOL", "parameters in RAM too (zero3, fsdp)"},
	}
}

// torchSetters apply torchKeys that stand for one setting each.
func torchSetters() []setter {
	train := func(set func(x *sizing.Train, v string)) func(s *sizing.Settings, v string) {
		return func(s *sizing.Settings, v string) { set(&s.Train, v) }
	}
	return []setter{
		{"attention", setAttention},
		{"cache", oneOf([]string{"dynamic", "static", "none"}, func(s *sizing.Settings, v string) { s.CacheKind = v })},
		{"max_memory", setMaxMemory},
		{"train", oneOf([]string{"none", "full", "lora", "dora", "qlora"}, train(func(x *sizing.Train, v string) {
			if x.Mode = sizing.TrainMode(v); v == "none" {
				x.Mode = ""
			}
		}))},
		{"train_precision", oneOf([]string{"bf16", "f32", "amp", "fp16"}, train(func(x *sizing.Train, v string) { x.Precision = v }))},
		{"accumulate", whole(1, maxBatch, func(s *sizing.Settings, n int) { s.Train.Accumulate = n })},
		{"optimizer", oneOf(sizing.Optimizers(), train(func(x *sizing.Train, v string) { x.Optimizer = v }))},
		{"checkpointing", onOff(func(s *sizing.Settings, v bool) { s.Train.Checkpointing = v })},
		{"fused_loss", onOff(func(s *sizing.Settings, v bool) { s.Train.FusedLoss = v })},
		{"lora_rank", whole(1, maxRank, func(s *sizing.Settings, n int) { s.Train.Rank = n })},
		{"lora_targets", setTargets},
		{"shard", oneOf([]string{"none", "ddp", "zero1", "zero2", "zero3", "fsdp"}, train(setShard))},
		{"zero_stage", whole(0, 3, func(s *sizing.Settings, n int) { setShard(&s.Train, []string{"ddp", "zero1", "zero2", "zero3"}[n]) })},
		{"offload_optimizer", onOff(func(s *sizing.Settings, v bool) { s.Train.OffloadOptimizer = v })},
		{"offload_params", onOff(func(s *sizing.Settings, v bool) { s.Train.OffloadParams = v })},
	}
}

// setAttention takes one of the runtime's kernels.
func setAttention(s *sizing.Settings, v string, m *catalog.Model, c *catalog.Catalog) error {
	kernels := []string{"eager", "sdpa", "flash"}
	if slices.Contains(servers, s.Runtime) {
		kernels = []string{"flash", "flashinfer"}
	}
	return oneOf(kernels, func(s *sizing.Settings, v string) { s.Attention = v })(s, v, m, c)
}

// maxRank is beyond every adapter in use.
const maxRank = 1 << 14

func setShard(x *sizing.Train, v string) {
	if x.Shard = v; v == "none" {
		x.Shard = ""
	}
}

// setMaxMemory takes sizes for the GPUs and then for RAM.
func setMaxMemory(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
	s.MaxMemory = nil
	for part := range strings.SplitSeq(v, ",") {
		n, err := Size(part)
		if err != nil {
			return err
		}
		if s.MaxMemory = append(s.MaxMemory, n); len(s.MaxMemory) > maxGPUs+1 {
			return fmt.Errorf("want at most %d sizes", maxGPUs+1)
		}
	}
	return nil
}

// setTargets takes module names, or all-linear for every linear layer.
func setTargets(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
	s.Train.Targets = nil
	known := []string{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "qkv_proj", "kv_a_proj_with_mqa", "in_proj", "out_proj", "all-linear"}
	for part := range strings.SplitSeq(v, ",") {
		name := strings.ToLower(strings.TrimSpace(part))
		if !slices.Contains(known, name) {
			return fmt.Errorf("no module %s takes adapters; nearest: %s", quoted(name), Nearest(name, known))
		}
		s.Train.Targets = append(s.Train.Targets, name)
	}
	return nil
}

// setTraining settles lengths and batches of a training request: a sequence
// is train_seq, or the context that was asked for.
func (r *Request) setTraining(s *sizing.Settings) error {
	if !s.Training() {
		for _, key := range []string{"train_seq", "micro_batch", "optimizer", "lora_rank", "lora_targets", "shard", "zero_stage", "train_precision"} {
			if r.Has(key) {
				return fmt.Errorf("%s: belongs to training; ask for train too", key)
			}
		}
		return nil
	}
	if s.Runtime != trainer {
		return fmt.Errorf("train %s: training is sized for %s, not for %s", quoted(string(s.Train.Mode)), trainer, s.Runtime)
	}
	seq := defaultTrainSeq
	switch {
	case r.Has("train_seq"):
		n, err := Tokens(r.Get("train_seq"))
		if err != nil || n < 1 || n > maxCtx {
			return fmt.Errorf("train_seq %s: want 1 to %s tokens", quoted(r.Get("train_seq")), units.Count(maxCtx))
		}
		seq = n
	case r.Has("ctx") && !r.Has("micro_batch"):
		return nil // all sequences together, as everywhere
	case r.Has("ctx"):
		seq = s.Ctx
	}
	if r.Has("micro_batch") {
		n, err := strconv.Atoi(strings.TrimSpace(r.Get("micro_batch")))
		if err != nil || n < 1 || n > maxBatch {
			return errors.New("micro_batch: want a whole number of sequences")
		}
		s.Parallel = n
	}
	if seq > maxCtx/s.Parallel {
		return fmt.Errorf("micro_batch %d of %s tokens is out of range", s.Parallel, units.Count(seq))
	}
	s.Ctx = seq * s.Parallel
	return nil
}
