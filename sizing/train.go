package sizing

// Train says how a model is trained. The zero value does not train. The
// length of a sequence is Settings.Ctx / Settings.Parallel and the micro-batch
// is Settings.Parallel, so that every question that can be asked of inference
// can be asked of training.
type Train struct {
	Mode      TrainMode `json:"mode,omitempty"`
	Precision string    `json:"precision,omitempty"` // of full training: bf16, f32, amp (autocast over 32 bits), fp16 (the same with float16); empty = bf16
	Optimizer string    `json:"optimizer,omitempty"` // one of Optimizers; empty = adamw

	Checkpointing bool `json:"checkpointing,omitempty"` // activations are computed again in the backward pass
	FusedLoss     bool `json:"fused_loss,omitempty"`    // the loss is taken in pieces, as Liger does: no logits as a whole
	Accumulate    int  `json:"accumulate,omitempty"`    // micro-batches a step; 0 = 1

	Rank    int      `json:"rank,omitempty"`    // of the adapters; 0 = 16
	Targets []string `json:"targets,omitempty"` // modules with adapters; nil = all linear layers

	Shard            string `json:"shard,omitempty"`             // ddp, zero1, zero2, zero3, fsdp; empty = one GPU
	OffloadOptimizer bool   `json:"offload_optimizer,omitempty"` // its states and steps in RAM
	OffloadParams    bool   `json:"offload_params,omitempty"`    // with zero3 and fsdp: parameters in RAM too
}

// Training tells whether the settings train.
func (s *Settings) Training() bool { return s.Train.Mode != "" }

// TrainMode is a way of training.
type TrainMode string

// The ways of training.
const (
	TrainFull  TrainMode = "full"  // every weight
	TrainLoRA  TrainMode = "lora"  // frozen weights in 16 bits, adapters trained
	TrainDoRA  TrainMode = "dora"  // the same with a magnitude for every row
	TrainQLoRA TrainMode = "qlora" // NF4 weights frozen, adapters trained
)

// Optimizers lists what Train.Optimizer takes.
func Optimizers() []string {
	return []string{"adamw", "adamw-fused", "adamw-8bit", "adamw-paged", "adam", "sgd", "sgd-momentum", "adafactor"}
}
