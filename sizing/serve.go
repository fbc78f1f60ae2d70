package sizing

// Serve are the settings of servers that divide a model over GPUs and give
// what is left of them to the cache: vLLM and SGLang.
type Serve struct {
	Tensor   int  // GPUs that share every matrix; 0 = as many of the rig's as divide the heads
	Pipeline int  // stages of layers; 0 = 1
	Data     int  // copies with experts in common; 0 = 1
	Experts  bool // whole experts to each GPU, not a part of each

	Utilization   float64 // share of each card that the server may take; 0 = its default
	Seqs          int     // sequences at a time; 0 = its default
	Tokens        int     // tokens of a step; 0 = its default
	Eager         bool    // no CUDA graphs, nothing compiled
	NoPrefixCache bool
}

// Serving is what a server makes of the memory: its pool of blocks and the
// lines that it prints of it.
type Serving struct {
	Era string `json:"era"` // the releases whose rules were followed, by their first

	Tensor   int `json:"tensor_parallel"`
	Pipeline int `json:"pipeline_parallel"`
	Data     int `json:"data_parallel"`

	Utilization float64 `json:"gpu_memory_utilization"`
	MaxModelLen int     `json:"max_model_len"`
	Seqs        int     `json:"max_num_seqs"`
	Tokens      int     `json:"max_num_batched_tokens"`

	Budget       int64   `json:"budget"`    // bytes of the card that it may take
	Available    int64   `json:"available"` // of these, for the cache; negative by what is missing
	Blocks       int64   `json:"blocks"`
	BlockSize    int64   `json:"block_size"` // tokens
	KVTokens     int64   `json:"kv_tokens"`  // as it prints them
	Concurrency  float64 `json:"max_concurrency"`
	EstimatedLen int     `json:"estimated_max_model_len,omitempty"` // where a request of full length does not fit

	Lines   []string `json:"lines"`             // what it prints at start
	Refusal string   `json:"refusal,omitempty"` // the error it stops with
}
