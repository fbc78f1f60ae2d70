// Package torch sizes models for PyTorch with Transformers: inference, with
// accelerate's device map where a model does not fit, and training.
//
// Memory is not fitted but replayed. The package follows a forward pass
// operation by operation, as Transformers' own modelling code allocates and
// frees tensors, through a replica of PyTorch's caching allocator; the peak,
// what is alive at the peak, and what the allocator holds beyond it come out
// of the replay. Package sizing says what may be imported.
package torch
