package sizing

import "fmt"

// TrainingParts are the parts of a training run that do not depend on the
// batch, in bytes. Activations, logits and the optimizer's temporary come on
// top.
type TrainingParts struct {
	Weights   int64 // as the forward pass reads them
	Gradients int64 // of what is trained
	Optimizer int64 // AdamW's two moments of what is trained
}

// Total is the sum of the parts.
func (p TrainingParts) Total() int64 { return p.Weights + p.Gradients + p.Optimizer }

// Bytes a parameter, and how much LoRA trains.
const (
	fp32Bytes, bf16Bytes = 4, 2

	// nf4Milli is 4 bits, an 8-bit scale for every 64 weights and a 32-bit one
	// for every 256 of those: 4.127 bits, in thousandths of a byte.
	nf4Milli = 516

	// adapterShare: adapters of rank 16 on every linear layer of an 8B model
	// are 0.52 % of its parameters; 1 in 200 is the usual size.
	adapterShare = 200
)

// TrainingStates returns what a model of so many parameters holds on the GPU
// all through a training run with AdamW. Full training with autocast keeps
// weights, gradients and both moments in fp32, 16 bytes a parameter; on an
// H100 a model of 1.24 billion held 4,714 MiB of each. LoRA keeps the weights
// in bf16, QLoRA in NF4 with double quantisation, and both train fp32 adapters
// of one parameter in 200. QLoRA's figure leaves out that embeddings stay in
// 16 bits, which adds up to 1.5 bytes for each of their parameters. Errors:
// params not positive, an unknown mode.
func TrainingStates(params int64, mode TrainMode) (TrainingParts, error) {
	if params <= 0 || params > 1<<50 {
		return TrainingParts{}, fmt.Errorf("training a model of %d parameters: want a positive number of them", params)
	}
	adapters := params / adapterShare
	lora := TrainingParts{
		Weights:   adapters * fp32Bytes,
		Gradients: adapters * fp32Bytes,
		Optimizer: adapters * 2 * fp32Bytes,
	}
	switch mode {
	case TrainFull:
		return TrainingParts{Weights: params * fp32Bytes, Gradients: params * fp32Bytes, Optimizer: params * 2 * fp32Bytes}, nil
	case TrainLoRA:
		lora.Weights += params * bf16Bytes
		return lora, nil
	case TrainQLoRA:
		lora.Weights += params / 1000 * nf4Milli
		return lora, nil
	}
	return TrainingParts{}, fmt.Errorf("training mode %q: want full, lora or qlora", mode)
}
