package catalog

// TensorType is a number format of one tensor: Bytes for every Block elements
// of a row. The JSON form is the one of assets/quants/types.json.
type TensorType struct {
	Name     string `json:"name"`               // as GGUF writes it: "Q4_K"
	Block    int    `json:"block"`              // elements
	Bytes    int    `json:"bytes"`              // of one block
	Fallback string `json:"fallback,omitempty"` // type for rows that Block does not divide
	Note     string `json:"note,omitempty"`
}

// RowBytes is the size of a row of n elements, n a multiple of the block.
func (t *TensorType) RowBytes(n int64) int64 { return n / int64(t.Block) * int64(t.Bytes) }

// Quant is a file type ("Q4_K_M"): which type each tensor gets. The rules are
// tried in order and the first that matches decides; Default is for the rest.
// The JSON form is the one of assets/quants/mixes.json.
type Quant struct {
	ID      string  `json:"id"`
	Default string  `json:"default"`           // a TensorType's name
	About   string  `json:"about"`             // one line for a reader
	Quality string  `json:"quality"`           // lossless, near-lossless, good, fair, poor
	Common  bool    `json:"common"`            // shown without asking for all
	Imatrix bool    `json:"imatrix,omitempty"` // needs an importance matrix
	Rules   []Rule  `json:"rules,omitempty"`
	Source  string  `json:"source"`
	Bits    float64 `json:"bits"` // nominal bits a weight, for ordering only
}

// Rule gives Type to the tensors of a Role when all its conditions hold;
// absent conditions always hold. Counts run over the tensors of that role, in
// layer order, except that in a mixture of experts the layer number counts.
type Rule struct {
	// Role is attn_q, attn_k, attn_v (fused QKV too), attn_output, ffn_up,
	// ffn_gate, ffn_down, output (a tied embedding too), token_embd, stacked
	// (three-dimensional tensors: experts) or any.
	Role string `json:"role"`
	Type string `json:"type"`

	MoreBits     bool   `json:"more_bits,omitempty"` // i < n/8, or i ≥ 7n/8, or (i − n/8) mod 3 = 2
	FirstOf      int    `json:"first_of,omitempty"`  // i < n/FirstOf
	FirstN       int    `json:"first_n,omitempty"`   // i < FirstN
	Middle       bool   `json:"middle,omitempty"`    // n/8 ≤ i < 7n/8
	GQAMin       int    `json:"gqa_min,omitempty"`   // heads a KV head
	ExpertsMin   int    `json:"experts_min,omitempty"`
	GQAOrExperts int    `json:"gqa_or_experts_min,omitempty"` // either of the two
	Experts      int    `json:"experts,omitempty"`            // exactly
	Imatrix      *bool  `json:"imatrix,omitempty"`            // with or without an importance matrix
	Class70B     bool   `json:"class_70b,omitempty"`          // 80 layers: llama.cpp's type "70B"
	Arch         string `json:"arch,omitempty"`
	NotArch      string `json:"not_arch,omitempty"`
	NotExperts   int    `json:"not_experts,omitempty"` // any number of experts but this
	Indivisible  bool   `json:"indivisible,omitempty"` // the row is no multiple of the default type's block
	ByCount      bool   `json:"by_count,omitempty"`    // i counts tensors even in a mixture of experts
}
