package catalog

import (
	"fmt"
	"strings"
)

// Model is one language model, described layer by layer, because its memory
// goes layer by layer too. The JSON form is the one of assets/models/*.json.
type Model struct {
	ID       string   `json:"id"`     // kebab-case, unique
	Name     string   `json:"name"`   // as people write it
	Family   string   `json:"family"` // the file it stands in
	Maker    string   `json:"maker"`
	Released string   `json:"released"` // year-month
	HF       string   `json:"hf"`       // Hugging Face id, owner/name
	Ollama   string   `json:"ollama,omitempty"`
	Aliases  []string `json:"aliases"`

	Licence       string `json:"licence"`
	LicenceSource string `json:"licence_source"` // config, card, family rule or unknown

	Uses   []string `json:"uses"`   // chat, code, embedding …
	Inputs []string `json:"inputs"` // text, image, audio

	Context       int    `json:"context"`                  // longest context, tokens
	ContextNative int    `json:"context_native,omitempty"` // before RoPE scaling, tokens; 0 = the same
	ContextSource string `json:"context_source"`

	GGUFArch string `json:"gguf_arch"` // llama.cpp's name; empty: llama.cpp does not load it
	HFArch   string `json:"hf_arch"`

	Vocab              int   `json:"vocab"`                // rows of the embedding
	GGUFVocab          int   `json:"gguf_vocab,omitempty"` // rows that the converter keeps, where it drops some; 0 = Vocab
	Hidden             int   `json:"hidden"`               // width of the residual stream, elements
	TiedEmbeddings     bool  `json:"tied_embeddings"`
	NormBias           bool  `json:"norm_bias,omitempty"`           // norms are LayerNorm with a bias
	PositionEmbeddings int   `json:"position_embeddings,omitempty"` // rows of a learned position table
	EmbeddingDim       int   `json:"embedding_dim,omitempty"`       // where it differs from Hidden
	OutputBias         bool  `json:"output_bias,omitempty"`
	FinalNorm          *bool `json:"final_norm,omitempty"` // nil = there is one
	Encoder            bool  `json:"encoder,omitempty"`    // no KV cache: embedding models, rerankers

	Blocks       []Block          `json:"blocks"`
	ExtraParams  map[string]int64 `json:"extra_params,omitempty"`  // parameters by description, shape unknown
	ExtraTensors []ExtraTensor    `json:"extra_tensors,omitempty"` // the same with a name and a shape
	NotInGGUF    []string         `json:"not_in_gguf,omitempty"`   // keys of ExtraParams that the converter leaves out

	NativeDtype string `json:"native_dtype"` // bf16, fp16, fp32, fp8, mxfp4 …

	PublishedParams       int64    `json:"published_params"`
	PublishedParamsSource string   `json:"published_params_source"`
	PublishedIncludes     []string `json:"published_includes,omitempty"` // vision, audio, mtp, tied_head
	ActiveParams          int64    `json:"active_params"`                // read for one token, both embeddings counted

	Vision *Part `json:"vision"` // apart from the text model; nil = none
	Audio  *Part `json:"audio,omitempty"`
	MTP    *MTP  `json:"mtp"` // multi-token-prediction layers; nil = none

	Grade   string   `json:"grade"` // config, library-config, catalog or recalled
	Sources []string `json:"sources"`
	Notes   string   `json:"notes"`
}

// Block is a run of Count equal layers, or a pattern (Blocks) that repeats.
// Exactly one of the two forms is filled.
type Block struct {
	Count int   `json:"count,omitempty"`
	Mixer Mixer `json:"mixer,omitzero"`
	FFN   FFN   `json:"ffn,omitzero"`

	Norms         *int             `json:"norms,omitempty"`          // norm vectors of width Hidden; nil = 2
	ParallelBlock bool             `json:"parallel_block,omitempty"` // attention and feed-forward share one norm
	ExtraParams   map[string]int64 `json:"extra_params,omitempty"`
	ExtraTensors  []ExtraTensor    `json:"extra_tensors,omitempty"`

	Repeat int     `json:"repeat,omitempty"`
	Blocks []Block `json:"blocks,omitempty"`
}

// ExtraTensor is a weight that no mixer or feed-forward explains, by its GGUF
// name (without "blk.N.") and shape; the product of the shape is its
// parameter count.
type ExtraTensor struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"` // elements, fastest dimension first, as GGUF writes it
}

// The mixer types.
const (
	MixerAttention     = "attention"
	MixerMLA           = "mla" // multi-head latent attention
	MixerCSA           = "csa" // DeepSeek V4's compressed sparse attention
	MixerMamba1        = "mamba1"
	MixerMamba2        = "mamba2"
	MixerGatedDeltaNet = "gated_delta_net"
	MixerKDA           = "kda" // Kimi delta attention
	MixerLightning     = "lightning"
	MixerShortConv     = "short_conv"
	MixerRWKV6         = "rwkv6"
	MixerRWKV7         = "rwkv7"
	MixerRGLRU         = "rglru"
	MixerParallel      = "parallel" // several mixers in one block
	MixerNone          = "none"
)

// Mixer is the part of a block that mixes tokens. Type says which fields
// count; the others stay zero. Widths are in elements.
type Mixer struct {
	Type string `json:"type"`

	// attention, mla, csa, and the head counts of the linear mixers
	Heads    int `json:"heads,omitempty"`
	KVHeads  int `json:"kv_heads,omitempty"`
	HeadDim  int `json:"head_dim,omitempty"`
	VHeadDim int `json:"v_head_dim,omitempty"` // 0 = HeadDim (attention)
	Window   int `json:"window,omitempty"`     // sliding window, tokens; 0 = full
	Chunk    int `json:"chunk,omitempty"`      // chunked attention, tokens

	QKNorm        string     `json:"qk_norm,omitempty"` // head or full
	QBias         bool       `json:"q_bias,omitempty"`
	KVBias        bool       `json:"kv_bias,omitempty"`
	VBias         bool       `json:"v_bias,omitempty"`
	OBias         bool       `json:"o_bias,omitempty"`
	OutputGate    OutputGate `json:"output_gate,omitempty"`
	Sinks         bool       `json:"sinks,omitempty"`
	SharesKVOf    string     `json:"shares_kv_of,omitempty"` // "previous": no K and V of its own
	Cross         bool       `json:"cross,omitempty"`        // reads the encoder's output
	Bidirectional bool       `json:"bidirectional,omitempty"`
	Sandwich      *bool      `json:"sandwich,omitempty"`
	KEqV          bool       `json:"k_eq_v,omitempty"` // no V projection; both are cached

	QLoraRank     int      `json:"q_lora_rank,omitempty"`
	KVLoraRank    int      `json:"kv_lora_rank,omitempty"`
	QKNopeHeadDim int      `json:"qk_nope_head_dim,omitempty"`
	QKRopeHeadDim int      `json:"qk_rope_head_dim,omitempty"`
	Indexer       *Indexer `json:"indexer,omitempty"`
	OGroups       int      `json:"o_groups,omitempty"`
	OLoraRank     int      `json:"o_lora_rank,omitempty"`
	Compress      int      `json:"compress,omitempty"`

	// mamba1, mamba2
	DInner     int   `json:"d_inner,omitempty"`
	DState     int   `json:"d_state,omitempty"`
	DConv      int   `json:"d_conv,omitempty"`
	DtRank     int   `json:"dt_rank,omitempty"`
	NGroups    int   `json:"n_groups,omitempty"`
	InnerNorms bool  `json:"inner_norms,omitempty"`
	PlainNorms bool  `json:"plain_norms,omitempty"` // inner norms without weights
	Norm       *bool `json:"norm,omitempty"`        // mamba2's gated norm; nil = there is one

	// gated_delta_net, kda, short_conv, rglru
	KeyHeads     int `json:"key_heads,omitempty"`
	ValueHeads   int `json:"value_heads,omitempty"`
	KeyHeadDim   int `json:"key_head_dim,omitempty"`
	ValueHeadDim int `json:"value_head_dim,omitempty"`
	Conv         int `json:"conv,omitempty"` // taps
	Width        int `json:"width,omitempty"`

	// rwkv
	DecayRank int `json:"decay_rank,omitempty"`
	ARank     int `json:"a_rank,omitempty"`
	GateRank  int `json:"gate_rank,omitempty"`
	ValueRank int `json:"value_rank,omitempty"`
	MixRank   int `json:"mix_rank,omitempty"`

	Mixers []Mixer `json:"mixers,omitempty"` // parallel
}

// Indexer is the small attention that chooses the tokens of a sparse one.
type Indexer struct {
	Heads   int `json:"heads"`
	HeadDim int `json:"head_dim"`
	TopK    int `json:"top_k"`
}

// The feed-forward types.
const (
	FFNDense = "dense"
	FFNMoE   = "moe"
	FFNNone  = "none"
)

// FFN is the feed-forward part of a block.
type FFN struct {
	Type         string `json:"type"`
	Intermediate int    `json:"intermediate,omitempty"` // dense: inner width
	Gated        bool   `json:"gated,omitempty"`        // three matrices, not two
	Bias         bool   `json:"bias,omitempty"`

	Experts                   int  `json:"experts,omitempty"`
	Active                    int  `json:"active,omitempty"` // experts read for a token
	ExpertIntermediate        int  `json:"expert_intermediate,omitempty"`
	SharedExperts             int  `json:"shared_experts,omitempty"`
	SharedIntermediate        int  `json:"shared_intermediate,omitempty"` // of each
	RouterBias                bool `json:"router_bias,omitempty"`
	SharedGate                bool `json:"shared_gate,omitempty"`
	ExpertBias                bool `json:"expert_bias,omitempty"`
	DenseResidualIntermediate int  `json:"dense_residual_intermediate,omitempty"`
	Latent                    int  `json:"latent,omitempty"` // width that the experts work in; 0 = Hidden

	PlainWeights bool    `json:"plain_weights,omitempty"` // the chosen experts' weights are not divided by their sum
	WeightScale  float64 `json:"weight_scale,omitempty"`  // what those weights are multiplied by; 0 and 1 = by nothing
	ExpertGroups int     `json:"expert_groups,omitempty"` // groups of experts of which a token chooses some first
}

// Part is a vision or audio tower beside the text model.
type Part struct {
	Params         int64      `json:"params"`
	ParamsSource   string     `json:"params_source,omitempty"`
	Source         string     `json:"source,omitempty"`
	Kind           string     `json:"kind,omitempty"`
	TokensPerImage TokenRange `json:"tokens_per_image,omitempty"`
}

// TokenRange is the number of tokens that one image becomes: a number or a
// range, as text ("256", "64-1024").
type TokenRange string

// UnmarshalJSON takes a JSON number or a string.
func (r *TokenRange) UnmarshalJSON(b []byte) error {
	*r = TokenRange(strings.Trim(string(b), `"`))
	return nil
}

// OutputGate says whether attention multiplies its output by a gate: "" for
// none, "full" for one gate an element (it doubles q), "head" for one a head.
type OutputGate string

// UnmarshalJSON takes true (a gate an element) or a string.
func (g *OutputGate) UnmarshalJSON(b []byte) error {
	switch s := string(b); s {
	case "true":
		*g = "full"
	case "false", "null", `""`:
		*g = ""
	case `"head"`, `"full"`:
		*g = OutputGate(strings.Trim(s, `"`))
	default:
		return fmt.Errorf("output_gate: want true or %q, got %s", "head", s)
	}
	return nil
}

// MTP is the set of multi-token-prediction layers beside the text model.
type MTP struct {
	Layers int    `json:"layers"`
	Params int64  `json:"params"`
	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}
