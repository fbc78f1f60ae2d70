package vllm

import (
	"slices"
	"strings"
	"sync"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/shard"
)

// ID is the runtime's name in Settings.Runtime.
const ID = "vllm"

// Runtime sizes models for vLLM. It is safe for concurrent use.
type Runtime struct {
	server    *catalog.Server
	schemes   []*catalog.Scheme
	overheads []*catalog.Overhead
	models    sync.Map // *catalog.Model → *shard.Model
}

// New makes the runtime on a catalog's tables.
func New(c *catalog.Catalog) *Runtime {
	return &Runtime{server: c.VLLM, schemes: c.Schemes, overheads: c.Overheads}
}

// ID implements sizing.Runtime.
func (r *Runtime) ID() string { return ID }

// About implements sizing.Runtime.
func (r *Runtime) About() sizing.RuntimeAbout {
	s := sizing.Defaults("BF16", 0)
	s.Runtime, s.OutputsMax, s.Vision.On = ID, 0, true
	return sizing.RuntimeAbout{
		Title: "vLLM", Label: sizing.Calibrated,
		Known:      "cache tokens within 3 % of public start logs that state every setting, from 0.7 to 0.31; CUDA graphs, links and vision parts are estimated",
		Source:     "vLLM's sources from 0.6 to 0.33: the worker's memory profiling and the planning of cache blocks",
		Defaults:   s,
		CacheTypes: []string{"f32", "f16", "bf16", "fp8", "nvfp4"},
		Keys: []string{
			"parallel", "kv_type", "kv_type_k", "tensor_parallel", "pipeline_parallel", "data_parallel", "expert_parallel",
			"gpu_memory_utilization", "max_num_seqs", "max_num_batched_tokens", "enforce_eager", "prefix_caching",
			"attention", "mmproj", "lora", "runtime_build",
		},
	}
}

// order is the order of precisions, widest first.
//
//nolint:gochecknoglobals // a table, never written
var order = []string{
	"F32", "BF16", "F16", "bnb-int8", "fp8", "int8-w8a8", "gptq-8", "bnb-nf4", "bnb-fp4", "nvfp4", "mxfp4", "gptq-4", "awq-4",
	"bnb-nf4-dq", "bnb-fp4-dq",
}

// unserved are mixers that vLLM has no layers for.
//
//nolint:gochecknoglobals // a table, never written
var unserved = []string{catalog.MixerRWKV6, catalog.MixerRWKV7, catalog.MixerRGLRU}

// Precisions implements sizing.Runtime.
func (r *Runtime) Precisions(m *catalog.Model) []string {
	if m.HFArch == "" || r.unserved(m) {
		return nil
	}
	moe := false
	m.EachLayer(func(l catalog.Layer) { moe = moe || l.Block.FFN.Type == catalog.FFNMoE })
	var list []string
	for _, id := range order {
		if s := r.scheme(id); s != nil && (moe || s.Experts != "only") {
			list = append(list, id)
		}
	}
	return list
}

func (r *Runtime) unserved(m *catalog.Model) bool {
	bad := false
	m.EachLayer(func(l catalog.Layer) { bad = bad || slices.Contains(unserved, l.Block.Mixer.Type) })
	return bad
}

// compressed tells models whose cache keeps one vector for several tokens.
func (r *Runtime) compressed(m *catalog.Model) bool {
	found := false
	m.EachLayer(func(l catalog.Layer) { found = found || l.Block.Mixer.Type == catalog.MixerCSA })
	return found
}

func (r *Runtime) scheme(id string) *catalog.Scheme {
	i := slices.IndexFunc(r.schemes, func(s *catalog.Scheme) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return r.schemes[i]
}

func (r *Runtime) model(m *catalog.Model) *shard.Model {
	if s, ok := r.models.Load(m); ok {
		return s.(*shard.Model)
	}
	s, _ := r.models.LoadOrStore(m, shard.New(m))
	return s.(*shard.Model)
}

// Size implements sizing.Runtime.
func (r *Runtime) Size(m *catalog.Model, s sizing.Settings, rig *sizing.Rig) (sizing.Budget, error) {
	j, err := r.job(m, s, rig)
	if err != nil {
		return sizing.Budget{}, err
	}
	return j.budget(), nil
}

// Explain implements sizing.Runtime.
func (r *Runtime) Explain(m *catalog.Model, s sizing.Settings, rig *sizing.Rig) ([]sizing.Step, error) {
	j, err := r.job(m, s, rig)
	if err != nil {
		return nil, err
	}
	return j.steps(), nil
}

// Eras lists the ids that Settings.Build takes, the newest first.
func (r *Runtime) Eras() []string {
	list := make([]string, len(r.server.Eras))
	for i, e := range r.server.Eras {
		list[i] = e.ID
	}
	return list
}

// loads checks that vLLM loads a model at a precision.
func (r *Runtime) loads(m *catalog.Model, quant string) (*catalog.Scheme, error) {
	ids := r.Precisions(m)
	if len(ids) == 0 {
		return nil, sizing.Refuse("model", "vLLM does not serve %s", m.Name)
	}
	if !slices.Contains(ids, quant) {
		return nil, sizing.Refuse("quant", "vLLM does not load %s at %q; there are %s", m.Name, quant, strings.Join(ids, ", "))
	}
	return r.scheme(quant), nil
}
