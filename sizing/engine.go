package sizing

import (
	"fmt"
	"sync"

	"runlocal/catalog"
)

// Engine answers questions about models. It holds the tables of types and
// mixes and remembers what it derived from each model; it is safe for
// concurrent use.
type Engine struct {
	types   []tensorType
	typeIDs map[string]typeID
	f16     typeID
	f32     typeID

	mixes  map[string]*mix
	common []*mix // shown by default, best first
	archs  map[string]*catalog.Architecture

	parent    *Engine // of an engine for one file: the one that knows the catalog
	builds    []*catalog.Build
	overheads []*catalog.Overhead

	newest int // release of the newest model, months

	runtimes map[string]Runtime // by id; see runtime.go
	order    []string           // their ids as registered

	compiled   sync.Map  // *catalog.Model → *compiled
	simulators sync.Pool // *simulator
	desks      sync.Pool // *desk
}

// NewEngine builds an engine on a catalog's tables, with runtimes beside
// llama.cpp. It panics on tables that contradict themselves: they are
// embedded, and a test loads them.
func NewEngine(c *catalog.Catalog, runtimes ...Runtime) *Engine {
	e := &Engine{
		typeIDs: make(map[string]typeID, len(c.Types)),
		mixes:   make(map[string]*mix, len(c.Quants)),
		archs:   c.Architectures,

		builds: c.Builds, overheads: c.Overheads,
		newest: newestOf(c.Models),
	}
	for name, t := range c.Types {
		e.typeIDs[name] = typeID(len(e.types))
		e.types = append(e.types, tensorType{name: name, block: int64(t.Block), bytes: int64(t.Bytes)})
	}
	for i := range e.types {
		if fb := c.Types[e.types[i].name].Fallback; fb != "" {
			e.types[i].fallback, e.types[i].hasFallback = e.typeIDs[fb], true
		}
	}
	e.register(runtimes)
	e.f16, e.f32 = e.typeIDs["F16"], e.typeIDs["F32"]
	for _, q := range c.Quants {
		m, err := e.resolveMix(q)
		if err != nil {
			panic(fmt.Sprintf("sizing: %v", err))
		}
		m.index = len(e.mixes)
		e.mixes[q.ID] = m
		if q.Common {
			e.common = append(e.common, m)
		}
	}
	return e
}

// compile returns what the engine derived from a model, deriving it on first
// use.
func (e *Engine) compile(m *catalog.Model) *compiled {
	if c, ok := e.compiled.Load(m); ok {
		return c.(*compiled)
	}
	c, _ := e.compiled.LoadOrStore(m, e.derive(m))
	return c.(*compiled)
}
