package sizing

// Verdict says how well a model runs on a rig, best first.
type Verdict string

// The verdicts. Comfortable leaves headroom on every device, tight leaves
// little, offload keeps layers or experts in RAM, no does not run.
const (
	Comfortable Verdict = "comfortable"
	Tight       Verdict = "tight"
	Offload     Verdict = "offload"
	No          Verdict = "no"
)

// Label says how well a figure is known.
type Label string

// The labels, best first.
const (
	Exact      Label = "exact"      // a property of the file format or the allocator
	Measured   Label = "measured"   // seen on a real machine
	Calibrated Label = "calibrated" // fitted to measurements, band given
	Estimated  Label = "estimated"  // reasoned
)

// Parts are the terms of a memory sum, in bytes.
type Parts struct {
	Weights        int64 `json:"weights"`
	KVCache        int64 `json:"kv_cache"`
	RecurrentState int64 `json:"recurrent_state"`
	Compute        int64 `json:"compute"`  // activations: the runtime's compute and output buffers
	Overhead       int64 `json:"overhead"` // what no runtime buffer accounts for: driver context, workspaces, pools
	Total          int64 `json:"total"`
}

// The kinds of a device in a Budget.
const (
	KindGPU  = "gpu"
	KindHost = "host"
)

// DeviceBudget is what one device holds. Free is what stays when everything
// is placed; it is negative by what is missing.
type DeviceBudget struct {
	Name         string `json:"name"`
	Kind         string `json:"kind"` // gpu or host
	Capacity     int64  `json:"capacity"`
	UsedByOthers int64  `json:"used_by_others"`
	Parts
	Free   int64 `json:"free"`
	Mapped int64 `json:"mapped,omitempty"` // of the weights, pages of the file that the system may drop and read again
}

// Placement says which layers went where.
type Placement struct {
	GPULayers int   `json:"gpu_layers"` // the output layer counted, as -ngl counts
	Layers    int   `json:"layers"`     // of the model, the output layer counted
	PerDevice []int `json:"per_device"` // layers on each GPU, the output layer counted
	CPUMoE    int   `json:"cpu_moe"`    // layers whose experts stay in RAM
	KVOnHost  bool  `json:"kv_on_host"`
	FlashAttn bool  `json:"flash_attn"` // what auto came to
	Pipeline  bool  `json:"pipeline"`   // pipeline parallelism over several GPUs
	CtxPadded int   `json:"ctx_padded"` // cells that the cache really has, a stream
	Streams   int   `json:"streams"`    // separate caches
	Automatic bool  `json:"automatic"`  // the planner chose GPULayers or CPUMoE

	SplitMode SplitMode  `json:"split_mode"`
	Moved     int        `json:"moved_tensors,omitempty"`   // tensors that lie elsewhere than with their layer
	Parted    int        `json:"parted_layers,omitempty"`   // layers that they are of
	Remote    []string   `json:"rpc,omitempty"`             // the devices behind RPC servers
	Overrides []Override `json:"override_tensor,omitempty"` // the planner's own, as --override-tensor takes them

	DeviceMap []ModulePlace `json:"device_map,omitempty"` // of Transformers, in its own order
}

// ModulePlace says on which device a module with all that is in it lies: a
// GPU's number, cpu or disk. An empty name is the whole model.
type ModulePlace struct {
	Module string `json:"module"`
	Device string `json:"device"`
}

// Band is a range around a middle.
type Band struct {
	Low   float64 `json:"low"`
	Mid   float64 `json:"mid"`
	High  float64 `json:"high"`
	Bound string  `json:"bound"` // what limits it: memory bandwidth, compute, host memory …
}

// Speed is in tokens a second, of one sequence (decode) or of the prompt.
type Speed struct {
	Decode  Band  `json:"decode"`
	Prefill Band  `json:"prefill"`
	Label   Label `json:"label"`

	Speculative *Speculation `json:"speculative,omitempty"` // with a draft model
}

// Fits are the inverse answers: the largest of each that still fits with
// everything else as it is. Zero or empty: none does.
type Fits struct {
	MaxCtx      int    `json:"max_ctx"`      // tokens
	BestQuant   string `json:"best_quant"`   // of the common ones
	MaxParallel int    `json:"max_parallel"` // sequences, each of today's context
	MinGPUs     int    `json:"min_gpus"`     // of the rig's first GPU
}

// Step is one line of shown work. The steps that have bytes sum to the total.
type Step struct {
	Device  string `json:"device,omitempty"`
	Term    string `json:"term"`    // weights, kv_cache …
	Formula string `json:"formula"` // in symbols
	Filled  string `json:"filled"`  // with numbers
	Bytes   int64  `json:"bytes"`
	Label   Label  `json:"label"`
	Source  string `json:"source"`
}

// OnGPUs is what the GPUs hold together, bytes.
func (b *Budget) OnGPUs() int64 {
	var sum int64
	for i := range b.Devices {
		if d := &b.Devices[i]; d.Kind == KindGPU {
			sum += d.Total
		}
	}
	return sum
}

// Allocator is what PyTorch's counters and the driver show at the peak, bytes.
type Allocator struct {
	Allocated int64 `json:"allocated"` // torch.cuda.max_memory_allocated
	Reserved  int64 `json:"reserved"`  // torch.cuda.max_memory_reserved
	Process   int64 `json:"process"`   // as the driver counts it for the process
}

// Budget is the answer: what each device holds and what that means.
type Budget struct {
	Model   string `json:"model"` // the model's id
	Quant   string `json:"quant"`
	Ctx     int    `json:"ctx"`
	Runtime string `json:"runtime"`

	Totals    Parts          `json:"totals"` // over all devices, the host included
	Devices   []DeviceBudget `json:"devices"`
	Placement Placement      `json:"placement"`
	Verdict   Verdict        `json:"verdict"`
	Reason    string         `json:"reason"` // the verdict in a sentence
	Speed     Speed          `json:"speed"`
	Allocator *Allocator     `json:"allocator,omitempty"` // of PyTorch, on the fullest GPU
	Training  *TrainingParts `json:"training,omitempty"`
	Serving   *Serving       `json:"serving,omitempty"`
	Warnings  []string       `json:"warnings"`
}

// TrainingParts are the parts of a training step on the fullest GPU at its
// peak, bytes. Weights, gradients and optimizer states do not depend on the
// batch.
type TrainingParts struct {
	Weights     int64  `json:"weights"`
	Gradients   int64  `json:"gradients"`
	Optimizer   int64  `json:"optimizer"`
	Activations int64  `json:"activations"` // saved for the backward pass
	Logits      int64  `json:"logits"`      // logits, their log-softmax and gradients
	Temporary   int64  `json:"temporary"`   // of the optimizer, of gathered shards, of the backward pass
	Phase       string `json:"phase"`       // where the peak is: backward start, gradients or step
	Offloaded   int64  `json:"offloaded"`   // optimizer states and parameters in RAM
}

// States are the parts that every step holds, whatever the batch.
func (p *TrainingParts) States() int64 { return p.Weights + p.Gradients + p.Optimizer }
