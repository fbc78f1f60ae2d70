package glossary

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

// figure prints one number, or one sentence, of an entry for the reader's
// rig; nil when that is not known.
type figure func(rig *sizing.Rig) (string, error)

// figures ties calls to the catalog and the engine.
type figures struct {
	engine  *sizing.Engine
	catalog *catalog.Catalog
	makers  map[string]maker

	mu      sync.Mutex                 // of the two below
	rigs    map[string]*sizing.Rig     // by the call's gpu: many calls name the same
	devices map[string]*catalog.Device // by the name that a call uses
}

// maker makes the figure of one kind of call, or says what is wrong with the
// call.
type maker func(*figures, *call) (figure, error)

func newFigures(engine *sizing.Engine, c *catalog.Catalog) *figures {
	f := &figures{engine: engine, catalog: c, makers: make(map[string]maker),
		rigs: make(map[string]*sizing.Rig), devices: make(map[string]*catalog.Device)}
	maps.Copy(f.makers, sizeFigures())
	maps.Copy(f.makers, modelFigures())
	maps.Copy(f.makers, speedFigures())
	maps.Copy(f.makers, readerFigures())
	return f
}

// tie makes the figures of an entry. Errors name the file and the line; all
// of them come at once.
func (f *figures) tie(e *Entry) error {
	var wrong []error
	params := e.Params()
	for i := range e.body.pieces {
		p := &e.body.pieces[i]
		if p.call == nil {
			continue
		}
		show, err := f.make(p.call.fill(params))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", e.File, p.call.line, err))
		}
		p.show = show
	}
	return errors.Join(wrong...)
}

// make makes the figure of one call.
func (f *figures) make(c *call) (figure, error) {
	build, ok := f.makers[c.name]
	if !ok {
		names := slices.Sorted(maps.Keys(f.makers))
		return nil, fmt.Errorf("no figure is called %q; nearest: %s", c.name, request.Nearest(c.name, names))
	}
	if c.open() {
		return nil, fmt.Errorf("%s %q: a parameter without a value; params has none of this name", c.name, c.subject)
	}
	show, err := build(f, c)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", c.name, c.subject, err)
	}
	return show, nil
}

// fixed is a figure that is the same for every reader: computed when it is
// first shown.
func fixed(compute func() (string, error)) figure {
	once := sync.OnceValues(compute)
	return func(*sizing.Rig) (string, error) { return once() }
}

// question is a call that asks the engine: a model, settings, and a rig that
// is nil where the call names none.
type question struct {
	model    *catalog.Model
	settings sizing.Settings
	rig      *sizing.Rig
}

// question reads the call's options by the keys of package request. Those in
// skip are the figure's own.
func (f *figures) question(c *call, skip ...string) (question, error) {
	var q question
	m, err := f.model(c.subject)
	if err != nil {
		return q, err
	}
	var r request.Request
	for _, o := range c.options {
		if slices.Contains(skip, o.key) {
			continue
		}
		if err := r.Set(o.key, o.value); err != nil {
			return q, err
		}
	}
	q, err = f.asked(&r, m)
	return q, err
}

// asked reads a request about a model: settings, and the rig if it names one.
func (f *figures) asked(r *request.Request, m *catalog.Model) (question, error) {
	q := question{model: m}
	var err error
	if q.settings, err = r.Settings(f.catalog, m); err != nil {
		return q, err
	}
	if r.Has("gpu") {
		q.rig, err = f.rig(r)
	}
	return q, err
}

// rig looks the named cards up once.
func (f *figures) rig(r *request.Request) (*sizing.Rig, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := r.Get("gpu") + "|" + r.Get("ram") + "|" + r.Get("compute_capability")
	if rig, ok := f.rigs[key]; ok {
		return rig, nil
	}
	rig, err := r.Rig(f.catalog, nil)
	if err == nil {
		f.rigs[key] = rig
	}
	return rig, err
}

// device looks a name up once.
func (f *figures) device(name string) (*catalog.Device, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d, ok := f.devices[name]; ok {
		return d, nil
	}
	d, err := f.catalog.Device(name)
	if err == nil {
		f.devices[name] = d
	}
	return d, err
}

// model takes ids only: a figure must not change its subject when the catalog
// grows.
func (f *figures) model(id string) (*catalog.Model, error) {
	m, err := f.catalog.Model(id)
	if err != nil {
		return nil, fmt.Errorf("no such model: %w", err)
	}
	if m.ID != id {
		return nil, fmt.Errorf("no model has this id; %s matches", m.ID)
	}
	return m, nil
}

// estimate answers a question on its own rig, or on the given one.
func (f *figures) estimate(q question, rig *sizing.Rig) (sizing.Budget, error) {
	b, err := f.engine.Estimate(q.model, q.settings, rig)
	if err != nil {
		return b, fmt.Errorf("size %s: %w", q.model.ID, err)
	}
	return b, nil
}

// roomy is a rig that holds every model, for figures that ask about no card
// in particular.
func roomy() *sizing.Rig {
	const everything = 1 << 46 // bytes
	return &sizing.Rig{
		Name:      "any GPU",
		GPUs:      []sizing.GPU{sizing.BareGPU(everything, 8.9)},
		Host:      sizing.DefaultHost(),
		Simulated: true,
	}
}
