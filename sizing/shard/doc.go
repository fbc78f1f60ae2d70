// Package shard says what one GPU of a tensor-, pipeline-, data- and
// expert-parallel server holds of a model: its share of every matrix, and what
// a layer keeps there for each token or sequence. The servers that divide
// models this way (vLLM, SGLang) share it. It may import sizing and catalog.
//
// The rules: matrices that widen are cut by their outputs and those that
// narrow by their inputs (Megatron-LM), vocabularies are padded to 64 rows and
// cut by rows, norms, routers and low-rank projections are on every GPU, a key
// head is copied where there are fewer than GPUs, and experts are cut like
// matrices or, with expert parallelism, dealt out whole.
package shard
