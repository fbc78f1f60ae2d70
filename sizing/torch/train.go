package torch

import (
	"slices"

	"runlocal/catalog"
	"runlocal/sizing"
)

// trainer is a training request that was checked.
type trainer struct {
	r   *Runtime
	s   *shape
	q   *catalog.Scheme // of the frozen or trained weights
	set sizing.Settings
	rig *sizing.Rig

	parts   sizing.TrainingParts
	context int64
	label   sizing.Label
	source  string
	slack   int64
	kernels int64
	ranks   int64
}

const (
	defaultRank = 16
	trainSlack  = 8 // percent that the allocator holds beyond tensors: 0 to 20 measured
)

// training checks a request and finds the peak of a step.
func (r *Runtime) training(m *catalog.Model, s sizing.Settings, rig *sizing.Rig) (*trainer, error) {
	if m.HFArch == "" {
		return nil, sizing.Refuse("model", "no class of Transformers is known for %s", m.Name)
	}
	t := &trainer{r: r, s: r.shape(m), set: s, rig: rig, ranks: 1}
	if err := t.check(); err != nil {
		return nil, err
	}
	if t.set.Ctx == 0 {
		t.set.Ctx = max(1, m.Context)
	}
	if t.set.Ctx < 1 || t.set.Ctx > mostTokens || t.set.Parallel < 1 || t.set.Parallel > mostSequences {
		return nil, sizing.Refuse("ctx", "training on %d tokens in %d sequences is out of range", t.set.Ctx, t.set.Parallel)
	}
	t.q = r.scheme(t.dtype())
	if len(rig.GPUs) > 0 {
		g := &rig.GPUs[0]
		t.context, t.label, t.source = sizing.DriverContext(r.overheads, g)
		t.kernels = kernelBytes
		if t.set.Train.Shard != "" {
			t.ranks = int64(len(rig.GPUs))
		}
	}
	t.peak()
	return t, nil
}

func (t *trainer) check() error {
	x := &t.set.Train
	modes := []sizing.TrainMode{sizing.TrainFull, sizing.TrainLoRA, sizing.TrainDoRA, sizing.TrainQLoRA}
	if !slices.Contains(modes, x.Mode) {
		return sizing.Refuse("train", "train is full, lora, dora or qlora, not %q", x.Mode)
	}
	if x.Precision == "" {
		x.Precision = "bf16"
	}
	if x.Optimizer == "" {
		x.Optimizer = "adamw"
	}
	if t.set.Attention == "" {
		t.set.Attention = attentionSDPA
		if a := t.s.arch.Attention; a != "" {
			t.set.Attention = a
		}
	}
	for _, c := range []struct {
		field, value string
		choices      []string
	}{
		{"train-precision", x.Precision, []string{"bf16", "f32", "amp", "fp16"}},
		{"optimizer", x.Optimizer, sizing.Optimizers()},
		{"shard", x.Shard, []string{"", "ddp", "zero1", "zero2", "zero3", "fsdp"}},
	} {
		if !slices.Contains(c.choices, c.value) {
			return sizing.Refuse(c.field, "%s is one of %v, not %q", c.field, c.choices, c.value)
		}
	}
	if x.Rank < 0 || x.Rank > 1<<14 {
		return sizing.Refuse("lora-rank", "lora-rank %d is out of range", x.Rank)
	}
	return nil
}

func (t *trainer) full() bool { return t.set.Train.Mode == sizing.TrainFull }

// amp tells full training in 32 bits with autocast to 16.
func (t *trainer) amp() bool {
	return t.full() && (t.set.Train.Precision == "amp" || t.set.Train.Precision == "fp16")
}

func (t *trainer) rank() int64 {
	if t.set.Train.Rank == 0 {
		return defaultRank
	}
	return int64(t.set.Train.Rank)
}

// dtype is the scheme of the weights.
func (t *trainer) dtype() string {
	switch {
	case t.set.Train.Mode == sizing.TrainQLoRA:
		return "bnb-nf4-dq"
	case t.full() && t.set.Train.Precision != "bf16":
		return "F32"
	}
	return "BF16"
}

func (t *trainer) seq() int64    { return max(1, int64(t.set.Ctx)/int64(max(1, t.set.Parallel))) }
func (t *trainer) tokens() int64 { return t.seq() * int64(max(1, t.set.Parallel)) }

// targets tells whether a module gets an adapter.
func (t *trainer) targets(module string) bool {
	return len(t.set.Train.Targets) == 0 || slices.Contains(t.set.Train.Targets, module) || slices.Contains(t.set.Train.Targets, "all-linear")
}

// moduleOf is the library's name of a linear layer.
func moduleOf(p *param) string {
	switch p.name {
	case "attn_q.weight", "attn_q_a.weight", "attn_q_b.weight":
		return "q_proj"
	case "attn_k.weight":
		return "k_proj"
	case "attn_v.weight":
		return "v_proj"
	case "attn_qkv.weight":
		return "qkv_proj"
	case "attn_kv_a_mqa.weight":
		return "kv_a_proj_with_mqa"
	case "attn_output.weight":
		return "o_proj"
	case "ffn_gate.weight", "ffn_gate_shexp.weight":
		return "gate_proj"
	case "ffn_up.weight", "ffn_up_shexp.weight":
		return "up_proj"
	case "ffn_down.weight", "ffn_down_shexp.weight":
		return "down_proj"
	case "ssm_in.weight":
		return "in_proj"
	case "ssm_out.weight":
		return "out_proj"
	}
	return ""
}

// adapters counts the trained parameters of LoRA: rank × (in + out) for every
// target, and a magnitude a row for DoRA.
func (t *trainer) adapters() int64 {
	n := int64(0)
	for _, k := range t.s.layers {
		for i := range t.s.kinds[k].params {
			p := &t.s.kinds[k].params[i]
			if name := moduleOf(p); p.linear && name != "" && t.targets(name) {
				n += t.rank() * (p.in + p.out)
				if t.set.Train.Mode == sizing.TrainDoRA {
					n += p.out
				}
			}
		}
	}
	return n
}

// states are the bytes of weights, gradients and optimizer states, before
// they are dealt out to ranks.
func (t *trainer) states() (weights, gradients, optimizer, trained int64) {
	weights = t.s.weights(t.q)
	width := t.q.DtypeBytes()
	trained = t.s.parameters()
	if !t.full() {
		trained, width = t.adapters(), 4
		weights += 4 * trained
	}
	gradients = trained * width
	switch t.set.Train.Optimizer {
	case "sgd", "adafactor":
	case "sgd-momentum":
		optimizer = gradients
	case "adamw-8bit": // two states of a byte, and a scale of 4 bytes for 256 of each
		optimizer = 2*trained + 2*4*trained/256
	default:
		optimizer = 2 * gradients
	}
	if t.master() {
		optimizer += 4 * trained // the 32-bit copy that DeepSpeed steps on
		if t.set.Train.Optimizer == "adamw" || t.set.Train.Optimizer == "adamw-fused" || t.set.Train.Optimizer == "adam" {
			optimizer = 12 * trained
		}
	}
	return weights, gradients, optimizer, trained
}

// master tells whether a 32-bit copy of 16-bit weights is kept: DeepSpeed
// does so for every stage.
func (t *trainer) master() bool {
	switch t.set.Train.Shard {
	case "zero1", "zero2", "zero3":
		return t.full() && t.set.Train.Precision == "bf16"
	}
	return false
}

// stepTemporary is what the optimizer needs during its step. Source: measured
// for each on an H100, PyTorch 2.11.
func (t *trainer) stepTemporary(gradients int64) int64 {
	largest := t.largestParam()
	switch t.set.Train.Optimizer {
	case "adamw", "adam":
		if !t.master() {
			return gradients // the foreach path updates all tensors at once
		}
	case "adafactor":
		return largest + largest/4
	}
	return 0
}

// largestParam is the largest trained parameter, bytes of its gradient.
func (t *trainer) largestParam() int64 {
	if !t.full() {
		return 0
	}
	n := int64(0)
	see := func(list []param) {
		for i := range list {
			n = max(n, list[i].elements()*t.q.DtypeBytes())
		}
	}
	see(t.s.stem)
	see(t.s.head)
	for i := range t.s.kinds {
		see(t.s.kinds[i].params)
	}
	return n
}
