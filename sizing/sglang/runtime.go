package sglang

import (
	"slices"
	"strings"
	"sync"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/shard"
)

// ID is the runtime's name in Settings.Runtime.
const ID = "sglang"

// Runtime sizes models for SGLang. It is safe for concurrent use.
type Runtime struct {
	server    *catalog.Server
	schemes   []*catalog.Scheme
	overheads []*catalog.Overhead
	models    sync.Map // *catalog.Model → *shard.Model
}

// New makes the runtime on a catalog's tables.
func New(c *catalog.Catalog) *Runtime {
	return &Runtime{server: c.SGLang, schemes: c.Schemes, overheads: c.Overheads}
}

// ID implements sizing.Runtime.
func (r *Runtime) ID() string { return ID }

// About implements sizing.Runtime.
func (r *Runtime) About() sizing.RuntimeAbout {
	s := sizing.Defaults("BF16", 0)
	s.Runtime, s.OutputsMax, s.Vision.On = ID, 0, true
	return sizing.RuntimeAbout{
		Title: "SGLang", Label: sizing.Estimated,
		Known:      "its share of the card follows its source; checked against one start log, on four H100, within 3 %",
		Source:     "SGLang 0.5: server_args.py (mem-fraction-static) and model_runner.py (tokens of the cache)",
		Defaults:   s,
		CacheTypes: []string{"f16", "bf16", "fp8"},
		Keys: []string{
			"parallel", "kv_type", "kv_type_k", "tensor_parallel", "pipeline_parallel", "data_parallel", "expert_parallel",
			"gpu_memory_utilization", "max_num_seqs", "max_num_batched_tokens", "enforce_eager", "mmproj", "runtime_build",
		},
	}
}

// order is the order of precisions, widest first.
//
//nolint:gochecknoglobals // a table, never written
var order = []string{"F32", "BF16", "F16", "fp8", "int8-w8a8", "gptq-8", "nvfp4", "mxfp4", "gptq-4", "awq-4", "bnb-nf4-dq"}

// Precisions implements sizing.Runtime.
func (r *Runtime) Precisions(m *catalog.Model) []string {
	if m.HFArch == "" {
		return nil
	}
	moe, served := false, true
	m.EachLayer(func(l catalog.Layer) {
		moe = moe || l.Block.FFN.Type == catalog.FFNMoE
		served = served && !slices.Contains([]string{catalog.MixerRWKV6, catalog.MixerRWKV7, catalog.MixerRGLRU, catalog.MixerMamba1}, l.Block.Mixer.Type)
	})
	var list []string
	for _, id := range order {
		if s := r.scheme(id); served && s != nil && (moe || s.Experts != "only") {
			list = append(list, id)
		}
	}
	return list
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

// loads checks that SGLang loads a model at a precision.
func (r *Runtime) loads(m *catalog.Model, quant string) (*catalog.Scheme, error) {
	ids := r.Precisions(m)
	if len(ids) == 0 {
		return nil, sizing.Refuse("model", "SGLang does not serve %s", m.Name)
	}
	if !slices.Contains(ids, quant) {
		return nil, sizing.Refuse("quant", "SGLang does not load %s at %q; there are %s", m.Name, quant, strings.Join(ids, ", "))
	}
	return r.scheme(quant), nil
}
