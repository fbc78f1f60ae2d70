package sizing

import "runlocal/catalog"

// File says what a model's weights are in a file type: all tensors once, as
// the file holds them.
type File struct {
	Bytes int64   // without header and alignment
	Bits  float64 // a weight, over all tensors
}

// FileOf sizes a model's file. The error is a *RequestError.
func (e *Engine) FileOf(m *catalog.Model, quant string) (File, error) {
	c := e.compile(m)
	mix, ok := e.mixes[quant]
	if !ok {
		return File{}, refuse("quant", "no precision named %q", quant)
	}
	w := e.weightsFor(c, mix, mix.record.Imatrix)
	params := m.Parameters()
	if c.arch.MTPInFile && m.MTP != nil {
		params += m.MTP.Params
	}
	return File{Bytes: w.data, Bits: 8 * float64(w.data) / float64(max(1, params))}, nil
}

// CachePerToken is what one more token of a long context adds to the KV cache,
// bytes: the layers without a window, as those with one are full by then.
func (e *Engine) CachePerToken(m *catalog.Model, s Settings) (int64, error) {
	c := e.compile(m)
	r, err := e.resolve(c, s)
	if err != nil {
		return 0, err
	}
	sum := int64(0)
	for _, k := range c.layers {
		kind := &c.kinds[k]
		for _, row := range kind.compressed {
			sum += r.typeK.row(row.width) / row.ratio
		}
		if !kind.cached || kind.swa && !r.SWAFull {
			continue
		}
		sum += r.typeK.row(kind.cache.k)
		if v := r.valueRow(c, kind); v > 0 {
			sum += r.typeV.row(v)
		}
	}
	return sum, nil
}
