package glossary

import (
	"errors"
	"strconv"

	"runlocal/sizing"
	"runlocal/sizing/units"
)

// sizeFigures print bytes of a budget.
func sizeFigures() map[string]maker {
	return map[string]maker{
		"size":    budgetBytes(func(b *sizing.Budget) int64 { return b.Totals.Total }),
		"gpu":     budgetBytes((*sizing.Budget).OnGPUs),
		"kv":      budgetBytes(func(b *sizing.Budget) int64 { return b.Totals.KVCache }),
		"state":   budgetBytes(func(b *sizing.Budget) int64 { return b.Totals.RecurrentState }),
		"compute": budgetBytes(func(b *sizing.Budget) int64 { return b.Totals.Compute }),
		"weights": (*figures).weights,
		"kvtoken": (*figures).kvToken,
		"bpw":     (*figures).bitsPerWeight,
		"saves":   (*figures).saves,
		"kvsaves": (*figures).cacheSaves,
		"train":   (*figures).train,

		"cachetokens": serving(func(v *sizing.Serving) string { return units.Count(int(v.KVTokens)) }),
		"requests":    serving(func(v *sizing.Serving) string { return strconv.FormatFloat(v.Concurrency, 'f', 2, 64) }),
		"longest":     serving(func(v *sizing.Serving) string { return units.Count(v.EstimatedLen) }),
		"left":        serving(func(v *sizing.Serving) string { return units.Bytes(v.Available) }),
	}
}

// serving prints what a server makes of the memory: the call names a runtime
// that is one, and a GPU.
func serving(term func(*sizing.Serving) string) maker {
	return func(f *figures, c *call) (figure, error) {
		q, err := f.question(c)
		switch {
		case err != nil:
			return nil, err
		case q.rig == nil:
			return nil, errors.New("wants a gpu")
		}
		return fixed(func() (string, error) {
			b, err := f.estimate(q, q.rig)
			if err == nil && b.Serving == nil {
				err = errors.New("the runtime is no server")
			}
			if err != nil {
				return "", err
			}
			return term(b.Serving), nil
		}), nil
	}
}

// budgetBytes prints a term of the estimate.
func budgetBytes(term func(*sizing.Budget) int64) maker {
	return func(f *figures, c *call) (figure, error) {
		q, err := f.question(c)
		if err != nil {
			return nil, err
		}
		if q.rig == nil {
			q.rig = roomy()
		}
		return fixed(func() (string, error) {
			b, err := f.estimate(q, q.rig)
			return units.Bytes(term(&b)), err
		}), nil
	}
}

// file is the question's model in its precision.
func (f *figures) file(q question) (sizing.File, error) {
	return f.engine.FileOf(q.model, q.settings.Quant)
}

func (f *figures) weights(c *call) (figure, error) {
	q, err := f.question(c)
	if err != nil {
		return nil, err
	}
	if _, own := f.engine.RuntimeAbout(q.settings.Runtime); own { // its weights are no file of ours
		return budgetBytes(func(b *sizing.Budget) int64 { return b.Totals.Weights })(f, c)
	}
	return fixed(func() (string, error) {
		file, err := f.file(q)
		return units.Bytes(file.Bytes), err
	}), nil
}

func (f *figures) bitsPerWeight(c *call) (figure, error) {
	q, err := f.question(c)
	if err != nil {
		return nil, err
	}
	return fixed(func() (string, error) {
		file, err := f.file(q)
		return strconv.FormatFloat(file.Bits, 'f', 2, 64), err
	}), nil
}

// kvToken prints what one more token adds to the cache of a long context,
// where sliding windows are full.
func (f *figures) kvToken(c *call) (figure, error) {
	q, err := f.question(c)
	if err != nil {
		return nil, err
	}
	return fixed(func() (string, error) {
		n, err := f.engine.CachePerToken(q.model, q.settings)
		return units.Bytes(n), err
	}), nil
}

// cache is the KV cache at a context, bytes.
func (f *figures) cache(q question, ctx int) (int64, error) {
	q.settings.Ctx = ctx
	b, err := f.estimate(q, roomy())
	return b.Totals.KVCache, err
}

func (f *figures) saves(c *call) (figure, error) {
	q, err := f.question(c, "from", "to")
	if err != nil {
		return nil, err
	}
	from, err := f.catalog.Quant(c.option("from"))
	if err != nil {
		return nil, err
	}
	to, err := f.catalog.Quant(c.option("to"))
	if err != nil {
		return nil, err
	}
	return fixed(func() (string, error) {
		q.settings.Quant = from.ID
		a, err := f.file(q)
		if err != nil {
			return "", err
		}
		q.settings.Quant = to.ID
		b, err := f.file(q)
		return units.Bytes(a.Bytes - b.Bytes), err
	}), nil
}

func (f *figures) cacheSaves(c *call) (figure, error) {
	q, err := f.question(c, "from", "to")
	if err != nil {
		return nil, err
	}
	from, to := c.option("from"), c.option("to")
	if from == "" || to == "" {
		return nil, errors.New("want from= and to=, types of the cache")
	}
	return fixed(func() (string, error) {
		q.settings.KVTypeK, q.settings.KVTypeV = from, from
		a, err := f.cache(q, q.settings.Ctx)
		if err != nil {
			return "", err
		}
		q.settings.KVTypeK, q.settings.KVTypeV = to, to
		b, err := f.cache(q, q.settings.Ctx)
		return units.Bytes(a - b), err
	}), nil
}

// trainFigureTokens is any length: what the figure says does not depend on it.
const trainFigureTokens = 512

// train is what training holds whatever the batch: weights, gradients and
// AdamW's states, in mixed precision where every weight is trained.
func (f *figures) train(c *call) (figure, error) {
	m, err := f.model(c.subject)
	if err != nil {
		return nil, err
	}
	s := sizing.Defaults("", trainFigureTokens)
	s.Runtime = "transformers"
	// Gradients that are kept over several batches are there all the time.
	s.Train = sizing.Train{Mode: sizing.TrainMode(c.option("mode")), Precision: "amp", Accumulate: 2}
	b, err := f.engine.Estimate(m, s, &sizing.Rig{})
	if err != nil {
		return nil, err
	}
	if b.Training == nil {
		return nil, errors.New("want mode=full, lora, dora or qlora")
	}
	return fixed(func() (string, error) { return units.Bytes(b.Training.States()), nil }), nil
}
