package sizing

import (
	"slices"

	"runlocal/catalog"
)

// Runtime sizes models for one runtime other than llama.cpp. Each lives in a
// folder of its own below sizing, imports sizing, and is wired by package
// runtimes: adding one touches its folder and a line there.
type Runtime interface {
	// ID is the name in Settings.Runtime: "transformers", "vllm" …
	ID() string
	// About says what is known of the runtime and which settings it reads.
	About() RuntimeAbout
	// Precisions are the ids that it can load the model at, widest first; none
	// if it does not load the model.
	Precisions(m *catalog.Model) []string
	// Size computes what the model takes. It is pure. The error is a
	// *RequestError if the request has no answer.
	Size(m *catalog.Model, s Settings, rig *Rig) (Budget, error)
	// Explain shows the work: the bytes of its steps sum to Size's totals.
	Explain(m *catalog.Model, s Settings, rig *Rig) ([]Step, error)
}

// RuntimeAbout describes a runtime to the screens and to the grammar of
// requests.
type RuntimeAbout struct {
	Title      string   // "Transformers (PyTorch)"
	Label      Label    // how well its rules are known as a whole
	Known      string   // the same in a sentence: what it was checked against, and how well it held
	Source     string   // where its rules were read
	Defaults   Settings // as it starts by itself; the precision too. Ctx is the caller's
	CacheTypes []string // of the cache, widest first; nil = llama.cpp's
	Keys       []string // the request keys that change its figures, beside model, quant, ctx, gpu and ram
}

// register takes the runtimes in; a later one of the same name replaces an
// earlier one.
func (e *Engine) register(list []Runtime) {
	e.runtimes = make(map[string]Runtime, len(list))
	for _, rt := range list {
		if e.runtimes[rt.ID()] == nil {
			e.order = append(e.order, rt.ID())
		}
		e.runtimes[rt.ID()] = rt
	}
}

// runtime is the registered runtime of the settings; nil where the engine
// itself answers, as for llama.cpp.
func (e *Engine) runtime(s *Settings) Runtime {
	if s.Runtime == LlamaCpp {
		return nil
	}
	return e.runtimes[s.Runtime]
}

// Runtimes lists the ids that Settings.Runtime takes: llama.cpp and Ollama,
// then the registered ones in their order.
func (e *Engine) Runtimes() []string {
	list := []string{LlamaCpp, Ollama}
	for _, id := range e.order {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// RuntimeAbout describes a registered runtime; false for those that the engine
// sizes itself and for unknown ones.
func (e *Engine) RuntimeAbout(id string) (RuntimeAbout, bool) {
	rt := e.runtimes[id]
	if rt == nil {
		return RuntimeAbout{}, false
	}
	return rt.About(), true
}

// Precisions lists the precisions that a runtime can load a model at, widest
// first: the common file types for llama.cpp.
func (e *Engine) Precisions(m *catalog.Model, runtime string) []string {
	if rt := e.runtime(&Settings{Runtime: runtime}); rt != nil {
		return rt.Precisions(m)
	}
	return e.commonIDs(e.common)
}

func (e *Engine) commonIDs(mixes []*mix) []string {
	ids := make([]string, len(mixes))
	for i, m := range mixes {
		ids[i] = m.record.ID
	}
	return ids
}

// Refuse makes the error of a request that has no answer, for runtimes: the
// field is the flag, with dashes.
func Refuse(field, format string, args ...any) error { return refuse(field, format, args...) }
