package sizing

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"runlocal/catalog"
	"runlocal/catalog/gguf"
)

// ForFile is the engine for one model file: it knows the one model that the
// file holds, at the one precision that it has, and weighs it by the file's
// own table of tensors, so that custom mixes are exact. Everything else is as
// in e. Ask it about r.Model with Settings.Quant set to r.Quant.
func (e *Engine) ForFile(f *gguf.File, r *gguf.Reading) *Engine {
	tensors := make([]fileTensor, len(f.Tensors))
	for i := range f.Tensors {
		t := &f.Tensors[i]
		layout, _ := t.Type.Layout() // a type without one was refused by the reader
		layer, name, inLayer := gguf.LayerOf(t.Name)
		if !inLayer {
			layer = outside
		}
		tensors[i] = fileTensor{
			layer: layer, name: name, cols: t.Shape[0], count: t.Elements() / t.Shape[0], deep: t.Shape[2] > 1,
			typ: tensorType{name: layout.Name, block: layout.Block, bytes: layout.Bytes},
		}
	}
	return e.forTensors(r.Model, r.Architecture, r.Quant, tensors)
}

// fileTensor is a tensor as it lies in a file.
type fileTensor struct {
	layer int    // or outside
	name  string // without "blk.N."
	cols  int64  // elements of a row
	count int64  // rows, over all other dimensions
	deep  bool   // more than two dimensions
	typ   tensorType
}

// outside stands for the layer of a tensor that belongs to none.
const outside = -1

func (t *fileTensor) bytes() int64 { return t.typ.row(t.cols) * t.count }

func (t *fileTensor) size() sided {
	return sided{gpu: ceil(t.bytes()+padding(&t.typ, t.cols), gpuAlign), host: ceil(t.bytes(), hostAlign)}
}

// routed tensors are the experts' own, biases and scales too.
func (t *fileTensor) routed() bool { return strings.Contains(t.name, "_exps.") }

func (e *Engine) forTensors(m *catalog.Model, a *catalog.Architecture, quant string, tensors []fileTensor) *Engine {
	archs := maps.Clone(e.archs)
	archs[a.ID] = a
	file := &mix{
		record: &catalog.Quant{ID: quant, About: "the precision of the file", Common: true, Source: "the file's table of tensors"},
		deflt:  e.f16, plain: true,
	}
	bytes, elems := int64(0), int64(1)
	for i := range tensors {
		t := &tensors[i]
		file.plain = file.plain && t.typ.block == 1
		bytes, elems = bytes+t.bytes(), elems+t.cols*t.count
	}
	file.record.Bits = 8 * float64(bytes) / float64(elems)
	types := slices.Clone(e.types)
	file.types = typesOfFile(&types, tensors)
	one := &Engine{
		types: types, typeIDs: e.typeIDs, f16: e.f16, f32: e.f32,
		mixes: map[string]*mix{quant: file}, common: []*mix{file}, archs: archs,
		builds: e.builds, overheads: e.overheads, parent: e,
	}
	c := one.derive(m)
	w := weighFile(c, file, tensors)
	c.weights = make([]atomic.Pointer[weights], 2) // with and without an importance matrix: it is made
	for i := range c.weights {
		c.weights[i].Store(w)
	}
	one.compiled.Store(m, c)
	return one
}

// fileTypes are the types of a file's tensors, by layer (or outside) and name.
type fileTypes map[fileTensorID]typeID

type fileTensorID struct {
	layer int
	name  string
}

// typesOfFile finds the types of a file's tensors among the engine's and
// appends those that it does not know.
func typesOfFile(types *[]tensorType, tensors []fileTensor) fileTypes {
	out := make(fileTypes, len(tensors))
	for i := range tensors {
		t := &tensors[i]
		at := slices.IndexFunc(*types, func(k tensorType) bool { return k.block == t.typ.block && k.bytes == t.typ.bytes })
		if at < 0 {
			at = len(*types)
			*types = append(*types, t.typ)
		}
		out[fileTensorID{t.layer, t.name}] = typeID(at)
	}
	return out
}

// fileWeigher adds a file's tensors up.
type fileWeigher struct {
	c     *compiled
	w     *weights
	first sided // tensors outside the layers that go with the first one
	// normIsLast tells that the only norm outside the layers is the last one,
	// though it is called after the embedding (LFM2).
	normIsLast bool
}

func weighFile(c *compiled, m *mix, tensors []fileTensor) *weights {
	n := len(c.layers)
	x := &fileWeigher{c: c, normIsLast: !c.arch.FinalNormIsInput, w: &weights{
		mix: m, layers: make([]sided, n), routed: make([]sided, n),
		gpuSum: make([]int64, n+1), hostSum: make([]int64, n+1), routedGPU: make([]int64, n+1), routedHst: make([]int64, n+1),
	}}
	for i := range tensors {
		if tensors[i].name == "output_norm.weight" {
			x.normIsLast = false
		}
	}
	m.file, m.normIsLast = tensors, x.normIsLast
	for i := range tensors {
		t := &tensors[i]
		x.w.data += t.bytes()
		switch {
		case t.layer == outside:
			x.addOutside(t)
		case t.layer < n && !c.kinds[c.layers[t.layer]].skipped:
			x.addToLayer(t)
		}
	}
	x.w.layers[0].add(x.first)
	for i := range n {
		all, routed := x.w.layers[i], x.w.routed[i]
		x.w.gpuSum[i+1], x.w.hostSum[i+1] = x.w.gpuSum[i]+all.gpu, x.w.hostSum[i]+all.host
		x.w.routedGPU[i+1], x.w.routedHst[i+1] = x.w.routedGPU[i]+routed.gpu, x.w.routedHst[i]+routed.host
	}
	return x.w
}

// addToLayer adds a tensor to its layer. Of the experts' own a token reads
// only the active ones.
func (x *fileWeigher) addToLayer(t *fileTensor) {
	size, bytes, elems := t.size(), t.bytes(), t.cols*t.count
	x.w.layers[t.layer].add(size)
	x.w.hostMax = max(x.w.hostMax, bytes)
	if ffn := &x.c.kinds[x.c.layers[t.layer]].block.FFN; t.routed() {
		x.w.routed[t.layer].add(size)
		active, experts := int64(ffn.Active), int64(max(1, ffn.Experts))
		bytes, elems = bytes/experts*active, elems/experts*active
	}
	x.w.read += bytes
	x.w.elems += elems
}

// addOutside places a tensor outside the layers as addModelTensor does: what
// is looked up by token or position stays on the host, the rest goes with the
// output.
func (x *fileWeigher) addOutside(t *fileTensor) {
	size := t.size()
	switch t.name {
	case "token_embd.weight":
		x.w.input.add(size)
		if !x.c.model.TiedEmbeddings || x.c.arch.NoOutput {
			return
		}
		if !x.c.arch.TiedTwice {
			x.w.tied = size
		}
		x.w.outBig, x.w.outPad = t.bytes(), padding(&t.typ, t.cols)
		x.w.output.add(size)
	case "position_embd.weight", "token_types.weight", "per_layer_token_embd.weight":
		x.w.input.add(size)
		return
	case "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight":
		x.w.rope.add(size)
		return
	case "token_embd_norm.weight", "token_embd_norm.bias":
		if x.normIsLast {
			x.w.output.add(size)
		} else {
			x.first.add(size)
		}
	case "per_layer_model_proj.weight", "per_layer_proj_norm.weight":
		x.first.add(size)
	case "output.weight":
		x.w.outBig, x.w.outPad = t.bytes(), padding(&t.typ, t.cols)
		x.w.output.add(size)
	default:
		x.w.output.add(size)
	}
	x.w.read += t.bytes()
	x.w.elems += t.cols * t.count
}
