package sizing

// The runtimes that Settings.Runtime names. The engine sizes llama.cpp and
// Ollama (which runs it); the others are refused by name.
const (
	LlamaCpp = "llama.cpp"
	Ollama   = "ollama"
)

// The values of Settings.GPULayers that are not a number of layers.
const (
	LayersAuto = -1 // as many as fit, the planner decides
	LayersAll  = -2 // all, whether they fit or not
	LayersFit  = -3 // as llama.cpp's own automatic fit decides
)

// AllExperts is the value of Settings.CPUMoE that keeps the experts of every
// layer in RAM; ExpertsAuto lets the planner decide.
const (
	AllExperts  = -1
	ExpertsAuto = -2
)

// OutputsServer is the value of Settings.OutputsMax that reserves one row of
// logits a sequence, as llama-server does; 0 reserves the whole batch, as the
// API's default does.
const OutputsServer = -1

// FlashAttn says whether attention runs fused.
type FlashAttn string

// The values of FlashAttn. Auto is on wherever the runtime would turn it on.
const (
	FlashAuto FlashAttn = "auto"
	FlashOn   FlashAttn = "on"
	FlashOff  FlashAttn = "off"
)

// SplitMode says how several GPUs share a model.
type SplitMode string

// The values of SplitMode; the empty one is SplitLayer.
const (
	SplitLayer SplitMode = "layer" // whole layers to each GPU
	SplitRow   SplitMode = "row"   // the rows of each matrix over all GPUs
	SplitNone  SplitMode = "none"  // one GPU alone, Settings.MainGPU
)

// Override sends the tensors whose name a pattern matches to a buffer, as
// llama.cpp's --override-tensor does: the first one that matches counts.
type Override struct {
	Pattern string `json:"pattern"` // searched for in the tensor's name; RE2 syntax
	Buffer  string `json:"buffer"`  // "CPU", or a GPU by its number: "CUDA0", "GPU1"
}

// The margins of llama.cpp's automatic fit where nothing else is asked for.
const (
	FitTarget = 1 << 30 // bytes left free on each GPU
	FitCtx    = 4096    // tokens below which the context is not cut
)

// FilledUsual is how far the context is taken to be filled, tokens: without
// flash attention the scratch pool grows with every prompt that is deeper than
// those before. A warning says how far it can go.
const FilledUsual = 4096

// Settings are what a person chooses when starting a runtime. Start from
// Defaults and change what matters.
type Settings struct {
	Runtime string
	Quant   string // a catalog.Quant's id, "Q4_K_M"

	Ctx      int    // context, tokens, all sequences together as llama.cpp's -c; 0 = the model's longest
	KVTypeK  string // type of the cached keys: f16, bf16, f32, q8_0, q4_0 …
	KVTypeV  string // and of the values
	Parallel int    // sequences (n_seq_max)

	Batch      int // logical batch, tokens
	UBatch     int // physical batch, tokens
	OutputsMax int // logit rows reserved; OutputsServer, 0 (whole batch) or a number

	KVUnified bool // one cache shared by all sequences
	SWAFull   bool // sliding-window layers keep the whole context
	FlashAttn FlashAttn

	GPULayers   int       // LayersAuto, LayersAll or a number, the output layer counted
	CPUMoE      int       // layers whose experts stay in RAM; AllExperts, ExpertsAuto
	TensorSplit []float64 // shares of the layers by GPU; nil = by free memory
	Filled      int       // tokens of the context in use, for the scratch pool; 0 = FilledUsual
	KVOffload   bool      // cache on the GPU with its layer
	OpOffload   bool      // big batches of host layers are computed on the GPU

	SplitMode SplitMode
	MainGPU   int        // the GPU of SplitNone, counted from 0
	Overrides []Override // in the order in which they are tried
	FitTarget []int64    // bytes that LayersFit leaves free by GPU, the last one for the rest; nil = FitTarget
	FitCtx    int        // tokens below which LayersFit does not cut the context; 0 = FitCtx

	Attention string  // of PyTorch: eager, sdpa, flash; empty = the model class's own
	CacheKind string  // of Transformers: dynamic, static, none; empty = dynamic
	MaxMemory []int64 // of a device map: bytes by GPU, the host's last; nil = what is free
	Train     Train   // how the model is trained; the zero value infers
	Serve     Serve   // how a server divides the model and what it may take

	NoMmap   bool // weights in RAM are read into buffers; otherwise they are the file's pages
	Mlock    bool // what lies in RAM is locked there
	DirectIO bool // the file is read past the system's cache; there is no mapping then

	Vision     Projector
	LoRA       []LoRA
	Draft      *Draft // nil = none
	Embeddings bool   // vectors instead of text: every token of a batch has an output

	Build   string // one of catalog.Builds, an era of llama.cpp; empty = the newest
	Guess   bool   // an architecture that the engine does not know is sized by the closest that it does
	Imatrix bool   // the file was quantised with an importance matrix
}

// Defaults are llama-server's, at the given precision and context. The
// context is llama.cpp's -c; llama-server's cache is unified.
func Defaults(quant string, ctx int) Settings {
	return Settings{
		Runtime: LlamaCpp, Quant: quant, Ctx: ctx,
		KVTypeK: "f16", KVTypeV: "f16", Parallel: 1,
		Batch: 2048, UBatch: 512, OutputsMax: OutputsServer,
		KVUnified: true, FlashAttn: FlashAuto,
		GPULayers: LayersAuto, CPUMoE: ExpertsAuto, KVOffload: true, OpOffload: true,
	}
}
