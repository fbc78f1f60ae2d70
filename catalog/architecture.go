package catalog

// Architecture is what llama.cpp does its own way for one of its
// architectures: how the converter lays tensors out, and where the compute
// graph departs from the common form. The JSON form is the one of
// assets/architectures/*.json; an architecture without a departure needs no
// entry beyond its name.
type Architecture struct {
	ID string `json:"id"` // GGUF's general.architecture

	FusedQKV           bool `json:"fused_qkv,omitempty"`            // one attn_qkv matrix
	FusedGateUp        bool `json:"fused_gate_up,omitempty"`        // ffn_up holds gate and up
	FusedExpertGateUp  bool `json:"fused_expert_gate_up,omitempty"` // ffn_gate_up_exps
	SplitBetaAlpha     bool `json:"split_beta_alpha,omitempty"`     // ssm_beta and ssm_alpha, not ssm_ba
	FinalNormIsInput   bool `json:"final_norm_is_input,omitempty"`  // the norm is stored as token_embd_norm
	Layers70B          int  `json:"layers_70b,omitempty"`           // the quantiser treats a model of so many layers as "70B"
	PlainMLA           bool `json:"plain_mla,omitempty"`            // latent attention is decompressed before it is cached: full heads
	MTPInFile          bool `json:"mtp_in_file,omitempty"`          // the converter keeps the multi-token-prediction layers, which count as layers but are not loaded
	SlidingWindowCache bool `json:"sliding_window_cache,omitempty"` // layers with a window keep only that; the others keep everything
	NoOutput           bool `json:"no_output,omitempty"`            // an encoder: no output matrix, not even a tied one
	TiedTwice          bool `json:"tied_twice,omitempty"`           // a tied embedding has two copies even on the host alone

	// Which layers of a file have a window: the loader knows, the file need not
	// say. Records of models do say, layer by layer.
	WindowPeriod int  `json:"window_period,omitempty"` // of so many layers one keeps everything; 0 = the file says which
	FullFirst    bool `json:"full_first,omitempty"`    // it is the first of them, not the last
	Chunk        int  `json:"chunk,omitempty"`         // chunked attention, tokens, where the file states no window

	Graph Graph `json:"graph,omitzero"`

	Guessed bool `json:"-"` // nothing is known of it: the common form stands in

	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Graph holds the departures of an architecture's compute graph from the
// common form; package sizing says what each does to a compute buffer.
type Graph struct {
	NoQuery       bool `json:"no_query,omitempty"`       // the query is a view of a larger product, not alive on its own
	ExtraHidden   int  `json:"extra_hidden,omitempty"`   // more streams of the hidden width alive at the widest point
	PositionBytes int  `json:"position_bytes,omitempty"` // of the position input, a token; 0 = 4
	NoPositions   bool `json:"no_positions,omitempty"`

	LayerNorm      bool   `json:"layer_norm,omitempty"`      // norms subtract the mean, with or without a bias
	PlainNorm      bool   `json:"plain_norm,omitempty"`      // norms without weights
	Parallel       bool   `json:"parallel,omitempty"`        // mixer and feed-forward run side by side
	PostNormOnly   bool   `json:"post_norm_only,omitempty"`  // norms after mixer and feed-forward instead of before
	NormAfterSum   bool   `json:"norm_after_sum,omitempty"`  // norms after each sum with the residual stream, as in BERT
	Pooling        string `json:"pooling,omitempty"`         // of an encoder: "mean" or "first" token
	PositionTable  bool   `json:"position_table,omitempty"`  // positions are looked up and added to the embeddings
	NoRope         bool   `json:"no_rope,omitempty"`         // queries and keys are not turned by position
	RopeInWindow   bool   `json:"rope_in_window,omitempty"`  // only in layers with a window are they turned
	FactorsInFull  bool   `json:"factors_in_full,omitempty"` // frequency factors are for layers without a window
	RopeSkip       int    `json:"rope_skip,omitempty"`       // nor in every so many-th layer
	ScaleUnturned  bool   `json:"scale_unturned,omitempty"`  // where they are not turned, queries are scaled by position
	NormAfterRope  bool   `json:"norm_after_rope,omitempty"` // queries and keys are normalised after the turn
	NormedValue    bool   `json:"normed_value,omitempty"`    // values are normalised before they are cached
	SoftCap        int    `json:"soft_cap,omitempty"`        // operations over attention scores that cap them
	ResidualFirst  string `json:"residual_first,omitempty"`  // the stream is the first operand of its sums: ffn or both
	EmbeddingScale bool   `json:"embedding_scale,omitempty"` // token embeddings are scaled
	LateScale      bool   `json:"late_scale,omitempty"`      // and that where they are first used, not where they are looked up
	ScaledQuery    bool   `json:"scaled_query,omitempty"`    // queries are scaled before attention
	ScaledResidual bool   `json:"scaled_residual,omitempty"` // what a part of a layer makes is scaled before it joins the stream
	KeepHidden     string `json:"keep_hidden,omitempty"`     // the last layer's stream is kept for drafts: raw or normed
	LateRows       bool   `json:"late_rows,omitempty"`       // the last layer runs for all tokens, not only those with an output
	SquaredReLU    bool   `json:"squared_relu,omitempty"`
	WeighChosen    bool   `json:"weigh_chosen,omitempty"`    // experts are chosen by logits and weighed by a softmax over the chosen
	RouteOnLogits  bool   `json:"route_on_logits,omitempty"` // experts are chosen by logits
	NormedWeights  bool   `json:"normed_weights,omitempty"`  // the experts' weights are divided by their sum
	WeighInput     bool   `json:"weigh_input,omitempty"`     // experts' inputs are weighed, not their outputs
	Streams        int    `json:"streams,omitempty"`         // residual streams of which a layer works on one
	SparseLayers   int    `json:"sparse_layers,omitempty"`   // first layers whose feed-forward keeps only the largest gates
	ScaledLayer    bool   `json:"scaled_layer,omitempty"`    // a layer's output is scaled
	TwinExperts    bool   `json:"twin_experts,omitempty"`    // experts run beside a dense feed-forward, each with its own norms
	RepeatKeys     bool   `json:"repeat_keys,omitempty"`     // key heads are repeated to the number of value heads
}
