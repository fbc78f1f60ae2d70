package sizing

import (
	"fmt"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing/units"
)

// sourceCSA is no measurement of our own: it says so.
const sourceCSA = "llama.cpp llama-kv-cache-dsv4; its windows equal to a public log (ggml-org/llama.cpp#27680), the rest as its source reads"

// compressedRow is a cache that keeps one row for so many tokens, and the
// tokens that are not summed up yet, as DeepSeek V4's attention has them.
type compressedRow struct {
	what  string
	ratio int64 // tokens a row
	width int64 // elements of a row
	open  int64 // elements a sequence of the vectors under way; their weights take as many
}

// sumsUpTwice is how many windows of tokens a row of the finer compression is
// made of: its own and the one before.
const sumsUpTwice = 2

// addCSA adds compressed sparse attention: one shared vector a token for the
// last window, one for every few tokens before, and the indexer's, which
// chooses among them. llama.cpp keeps them for each sequence apart, unified or
// not (src/llama-kv-cache-dsv4.cpp).
func addCSA(k *kind, x *catalog.Mixer) {
	head, ratio := int64(x.HeadDim), int64(x.Compress)
	k.cached, k.swa, k.apart = true, true, true
	k.cache = cacheRow{k: head, mla: true}
	k.heads, k.query = int64(x.Heads), int64(x.Heads)*head
	if ratio == 0 {
		return
	}
	windows := int64(1)
	if x.Indexer != nil {
		windows = sumsUpTwice
	}
	open := func(width int64) int64 { return windows * ratio * windows * width }
	k.compressed = []compressedRow{{what: "compressed", ratio: ratio, width: head, open: open(head)}}
	if ix := x.Indexer; ix != nil {
		k.compressed = append(k.compressed, compressedRow{what: "indexer", ratio: ratio, width: int64(ix.HeadDim), open: open(int64(ix.HeadDim))})
	}
}

// compressedCells are the cells of a sequence, padded as every cache is.
func (r *resolved) compressedCells(row compressedRow) int64 {
	return ceil(max(1, (r.cells+row.ratio-1)/row.ratio), cellPad)
}

// apart is what the cells of a window are where each sequence has its own.
func (r *resolved) apart(c *compiled) int64 {
	if r.SWAFull {
		return r.cells
	}
	return ceil(min(r.cells, c.window+min(int64(r.UBatch), r.cells*r.seqs)), r.pad())
}

// shape is the number of cells of a stream of a kind's cache, and of streams.
func (r *resolved) shape(c *compiled, k *kind) (cells, streams int64) {
	switch {
	case k.apart:
		return r.apart(c), r.seqs
	case k.swa:
		return r.swa, r.streams
	}
	return r.cells, r.streams
}

// compressedLayer is what a layer keeps beside its window.
func (r *resolved) compressedLayer(k *kind) (s sided) {
	for _, row := range k.compressed {
		// Of a token under way both its vector and its weight are kept, in f32.
		bytes, open := r.typeK.row(row.width)*r.compressedCells(row)*r.seqs, 4*row.open*r.seqs
		s.gpu += ceil(bytes+padding(r.typeK, row.width), gpuAlign) + 2*ceil(open, gpuAlign)
		s.host += bytes + 2*open
	}
	return s
}

// compressedWork shows compressedLayer in the step of a layer's cache.
func (x *explainer) compressedWork(s *Step, k *kind) {
	if len(k.compressed) == 0 {
		return
	}
	var parts []string
	for _, row := range k.compressed {
		parts = append(parts, fmt.Sprintf("%s: %s cells, one for %d tokens, of %d, and 2 × %s in f32 for the tokens under way", row.what,
			units.Count(x.r.compressedCells(row)), row.ratio, row.width, units.Count(row.open)))
	}
	s.Source = sourceCSA
	s.Formula += ", and for every sequence rows that stand for several tokens"
	s.Filled += "; " + strings.Join(parts, "; ")
}
