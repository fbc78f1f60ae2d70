package sizing

import (
	"fmt"
	"slices"
	"strings"

	"runlocal/catalog"
)

// RequestError is a request that no answer exists for, in one line that says
// what was wrong and what would be right.
type RequestError struct {
	Field string // the flag or key, with dashes
	Text  string
}

func (e *RequestError) Error() string { return e.Text }

func refuse(field, format string, args ...any) error {
	return &RequestError{Field: field, Text: fmt.Sprintf(format, args...)}
}

// Limits of what the engine takes; beyond them a request is a typing error.
const (
	maxCtx      = 1 << 27 // tokens
	maxParallel = 256     // llama.cpp's LLAMA_MAX_SEQ
	maxBatch    = 1 << 20 // tokens
)

// cacheTypes are the types that llama.cpp's cache may have.
//
//nolint:gochecknoglobals // a table, never written
var cacheTypes = []string{"f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"}

// CacheTypes lists the types that the cached keys and values may have, widest
// first.
func CacheTypes() []string { return slices.Clone(cacheTypes) }

// resolved are settings checked against a model, with every choice made that
// does not depend on the rig.
type resolved struct {
	Settings
	weights *weights

	ctx          int64 // as asked, tokens
	cells, swa   int64 // of a stream
	streams      int64
	seqs         int64
	ub           int64 // tokens of a physical batch
	outputs      int64 // logit rows
	typeK, typeV *tensorType
	flash        bool
	overrides    []override
	ctxAuto      bool // the context was not asked for
	build        *catalog.Build
	guessed      string // why the figures are a guess; empty if they are none
}

// resolve checks settings and fills in what follows from them and the model.
func (e *Engine) resolve(c *compiled, s Settings) (resolved, error) {
	r := resolved{Settings: s, guessed: e.guess(c, s)}
	if err := e.checkModel(c, s); err != nil {
		return r, err
	}
	m, ok := e.mixes[s.Quant]
	if !ok {
		return r, refuse("quant", "no precision named %q", s.Quant)
	}
	if r.Ctx == 0 {
		r.Ctx, r.ctxAuto = c.model.Context, true
		if s.GPULayers == LayersFit && !s.KVUnified && s.Parallel > 0 && s.Parallel <= maxParallel {
			r.Ctx *= s.Parallel
		}
	}
	if err := checkNumbers(&r.Settings); err != nil {
		return r, err
	}
	if err := e.resolveCacheTypes(c, &r); err != nil {
		return r, err
	}
	var err error
	if r.build, err = e.buildOf(s.Build); err != nil {
		return r, err
	}
	if r.overrides, err = compileOverrides(s.Overrides); err != nil {
		return r, err
	}
	if err := e.checkExtras(c, &r); err != nil {
		return r, err
	}
	r.weights = e.weightsFor(c, m, s.Imatrix || m.record.Imatrix)
	r.applyBuild()
	r.ctx, r.seqs = int64(r.Ctx), int64(r.Parallel)
	r.shapeCache(c)
	r.ub = min(int64(r.UBatch), r.cells*r.streams)
	r.outputs = r.outputRows(c)
	return r, nil
}

func (e *Engine) checkModel(c *compiled, s Settings) error {
	switch s.Runtime {
	case LlamaCpp, Ollama:
	default:
		return refuse("runtime", "no runtime named %q is sized here; there are %s", s.Runtime, strings.Join(e.Runtimes(), ", "))
	}
	if s.Guess {
		return nil
	}
	if c.model.GGUFArch == "" {
		return refuse("model", "llama.cpp does not load %s (%s); it can't be sized for %s (guess sizes it by the closest architecture)", c.model.Name, c.model.HFArch, s.Runtime)
	}
	if _, ok := e.archs[c.model.GGUFArch]; !ok {
		return refuse("model", "the architecture %q of %s is not known to the engine (guess sizes it by the closest)", c.model.GGUFArch, c.model.Name)
	}
	return nil
}

// guess says why the figures for a model would be a guess; empty if they are
// none.
func (e *Engine) guess(c *compiled, s Settings) string {
	switch {
	case c.arch.Guessed:
	case !s.Guess:
		return ""
	case c.model.GGUFArch == "":
		return fmt.Sprintf("llama.cpp does not load %s; its layers are taken in the common form", clipped(c.model.HFArch))
	case e.archs[c.model.GGUFArch] != nil:
		return ""
	}
	return fmt.Sprintf("the architecture %s is not known; its layers are taken in the common form", clipped(c.model.GGUFArch))
}

// clipped keeps a name from a file short.
func clipped(s string) string {
	const most = 60
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func checkNumbers(s *Settings) error {
	for _, n := range []struct {
		field   string
		v, most int
		unit    string
	}{
		{"ctx", s.Ctx, maxCtx, "tokens"},
		{"parallel", s.Parallel, maxParallel, "sequences"},
		{"batch", s.Batch, maxBatch, "tokens"},
		{"ubatch", s.UBatch, maxBatch, "tokens"},
	} {
		if n.v < 1 || n.v > n.most {
			return refuse(n.field, "%s %d is out of range: 1 to %d %s", n.field, n.v, n.most, n.unit)
		}
	}
	if s.OutputsMax < OutputsServer || s.OutputsMax > maxBatch {
		return refuse("outputs-max", "outputs-max %d is out of range: 0 to %d rows", s.OutputsMax, maxBatch)
	}
	if s.GPULayers < LayersFit {
		return refuse("gpu-layers", "gpu-layers %d is no number of layers: auto, all, fit, or 0 and more", s.GPULayers)
	}
	if s.CPUMoE < ExpertsAuto {
		return refuse("cpu-moe", "cpu-moe %d is no number of layers: auto, all, or 0 and more", s.CPUMoE)
	}
	for _, share := range s.TensorSplit {
		if !(share >= 0 && share <= 1e9) {
			return refuse("tensor-split", "tensor-split has a share of %g: shares are 0 and more", share)
		}
	}
	s.UBatch = min(s.UBatch, s.Batch)
	return checkPlaces(s)
}

// resolveCacheTypes checks the cache's types against what the runtime can do:
// a block must divide the head, quantised values need flash attention, and a
// compressed (MLA) cache has one type for both.
func (e *Engine) resolveCacheTypes(c *compiled, r *resolved) error {
	for _, t := range []struct {
		field, name string
		to          **tensorType
	}{{"kv-type-k", r.KVTypeK, &r.typeK}, {"kv-type-v", r.KVTypeV, &r.typeV}} {
		if !slices.Contains(cacheTypes, t.name) {
			return refuse(t.field, "no cache type named %q; there are %v", t.name, cacheTypes)
		}
		*t.to = &e.types[e.typeIDs[upper(t.name)]]
	}
	switch r.FlashAttn {
	case FlashOn, FlashAuto:
		r.flash = true
	case FlashOff:
	default:
		return refuse("flash-attn", "flash-attn is on, off or auto, not %q", r.FlashAttn)
	}
	if r.typeV.block > 1 && !r.flash && c.maxV > 0 {
		return refuse("kv-type-v", "a %s value cache needs flash attention", r.KVTypeV)
	}
	for i := range c.kinds {
		if !r.flash {
			break // the whole row is converted, not head by head
		}
		if err := r.checkHead(&c.kinds[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolved) checkHead(k *kind) error {
	if !k.cached {
		return nil
	}
	if k.cache.mla {
		if r.KVTypeK != r.KVTypeV {
			return refuse("kv-type-v", "a compressed (MLA) cache has one type for keys and values, not %s and %s", r.KVTypeK, r.KVTypeV)
		}
		if k.cache.k%r.typeK.block != 0 {
			return refuse("kv-type-k", "%s works in blocks of %d, which do not divide a cached row of %d", r.KVTypeK, r.typeK.block, k.cache.k)
		}
		return nil
	}
	if k.cache.headDim%r.typeK.block != 0 || k.cache.headDim%r.typeV.block != 0 {
		return refuse("kv-type-k", "%s/%s works in blocks of %d, which do not divide a head of %d",
			r.KVTypeK, r.KVTypeV, max(r.typeK.block, r.typeV.block), k.cache.headDim)
	}
	return nil
}

// outputRows is how many rows of logits are reserved for a physical batch.
func (r *resolved) outputRows(c *compiled) int64 {
	rows := int64(r.OutputsMax)
	switch {
	case c.model.Encoder || r.OutputsMax == 0 || r.build.LogitsWholeBatch:
		rows = int64(r.Batch)
	case r.OutputsMax == OutputsServer:
		rows = r.seqs
	}
	return min(rows, r.ub)
}

// upper turns a cache type's name into the catalog's spelling.
func upper(name string) string {
	b := []byte(name)
	for i, ch := range b {
		if ch >= 'a' && ch <= 'z' {
			b[i] = ch - 'a' + 'A'
		}
	}
	return string(b)
}

// CheckTables reports an architecture of the catalog that the engine has no
// entry for; it is for tests of the data.
func (e *Engine) CheckTables(models []*catalog.Model) error {
	for _, m := range models {
		if m.GGUFArch != "" && e.archs[m.GGUFArch] == nil {
			return fmt.Errorf("model %s: no entry for architecture %q", m.ID, m.GGUFArch)
		}
	}
	return nil
}
