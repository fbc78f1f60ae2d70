package gguf

// Limits on a header. All real files are far below them, the tokeniser's
// arrays apart, which are walked and not kept.
const (
	maxHeader  = 512 << 20 // bytes of header read in one file
	maxKeys    = 1 << 16   // keys of one file
	maxTensors = 1 << 20   // tensors of a model, all parts together
	maxParts   = 1 << 10   // files that a model is split into
	maxName    = 1 << 10   // bytes of a key's or a tensor's name
	maxString  = 16 << 20  // bytes of a text; a chat template has some thousand
	maxDims    = 4         // dimensions of a tensor
	maxNesting = 2         // arrays within arrays
	maxAlign   = 1 << 20   // bytes that tensors are aligned to
	maxBytes   = 1 << 60   // of a tensor, and of all together

	// What is kept of a header's keys, names and values, bytes.
	maxKept = 64 << 20
	// keepText is the longest text that is kept; of a longer one only the
	// length is.
	keepText = 4 << 10
	// keepList is the longest array of numbers that is kept: one number a
	// layer. Of a longer one, and of any array of texts, only the length is.
	keepList = 4 << 10
)
