package sizing

import (
	"strconv"
	"strings"

	"runlocal/catalog"
)

// home is where a tensor goes if nothing overrides it.
type home uint8

const (
	homeLayer  home = iota // with its layer
	homeInput              // looked up by token or position: the host
	homeOutput             // with the output layer
	homeTied               // the copy of a tied embedding, with the output layer
	homeRope               // a copy on each side with layers
)

// named is a tensor of a model in one file type, for what has to be decided
// tensor by tensor.
type named struct {
	name   string // without "blk.N."
	layer  int    // or outside
	home   home
	size   sided
	bytes  int64 // as the file has it
	row    int64 // bytes of one row
	rows   int64 // 1 for vectors, experts and what else is not multiplied row by row
	pad    int64 // what the CUDA backend adds
	read   int64 // of bytes, read for every token
	routed bool
}

// full is the tensor's name in the file.
func (t *named) full() string {
	if t.layer < 0 {
		return t.name
	}
	return "blk." + strconv.Itoa(t.layer) + "." + t.name
}

// namedTensors lists every tensor that is loaded, remembering the list.
func (c *compiled) namedTensors(r *resolved) []named {
	if list, ok := c.lists.Load(r.weights); ok {
		return list.([]named)
	}
	var list []named
	if r.weights.mix.file != nil {
		list = c.namedOfFile(r)
	} else {
		list = c.namedOfMix(r)
	}
	c.lists.Store(r.weights, list)
	return list
}

func (c *compiled) namedOfMix(r *resolved) []named {
	types := c.typesFor(r)
	var list []named
	add := func(t *catalog.Tensor, layer int, typ *tensorType) {
		list = c.addNamed(list, named{
			name: t.Name, layer: layer, row: typ.row(t.Cols), rows: t.Rows * t.Depth, pad: padding(typ, t.Cols), routed: t.Routed,
		}, t.Depth > 1, false)
	}
	for i := range c.model0 {
		add(&c.model0[i], outside, &c.engine.types[types.outer[i]])
	}
	for i, k := range c.layers {
		kind := &c.kinds[k]
		for j := range kind.tensors {
			if !kind.skipped {
				add(&kind.tensors[j], i, &c.engine.types[types.of[i][j]])
			}
		}
	}
	return list
}

func (c *compiled) namedOfFile(r *resolved) []named {
	var list []named
	for i := range r.weights.mix.file {
		t := &r.weights.mix.file[i]
		if t.layer != outside && (t.layer >= len(c.layers) || c.kinds[c.layers[t.layer]].skipped) {
			continue
		}
		list = c.addNamed(list, named{
			name: t.name, layer: t.layer, row: t.typ.row(t.cols), rows: t.count, pad: padding(&t.typ, t.cols), routed: t.routed(),
		}, t.routed() || t.deep, r.weights.mix.normIsLast)
	}
	return list
}

// addNamed finishes a tensor and adds it, twice where it is the embedding and
// the output at once.
func (c *compiled) addNamed(list []named, t named, stacked, normIsLast bool) []named {
	t.bytes = t.row * t.rows
	t.size = sided{gpu: ceil(t.bytes+t.pad, gpuAlign), host: ceil(t.bytes, hostAlign)}
	t.read = t.bytes
	if t.routed && t.layer >= 0 {
		x := &c.kinds[c.layers[t.layer]].block.FFN
		t.read = t.bytes / int64(max(1, x.Experts)) * int64(x.Active)
	}
	if stacked || !multiplied(t.name) {
		t.rows = 1
	}
	if t.layer == outside {
		t.home = homeOf(t.name, normIsLast)
	}
	if t.home == homeLayer && t.layer == outside {
		t.layer = first
	}
	if t.home == homeInput {
		t.read = 0
	}
	list = append(list, t)
	if t.name == "token_embd.weight" && c.model.TiedEmbeddings && !c.arch.NoOutput {
		t.home, t.read = homeTied, t.bytes
		list = append(list, t)
	}
	return list
}

// first is the layer of tensors that stand outside the layers but go with the
// first one.
const first = -2

// homeOf places a tensor outside the layers.
func homeOf(name string, normIsLast bool) home {
	switch name {
	case "token_embd.weight", "position_embd.weight", "token_types.weight", "per_layer_token_embd.weight":
		return homeInput
	case "token_embd_norm.weight", "token_embd_norm.bias":
		if normIsLast {
			return homeOutput
		}
		return homeLayer
	case "per_layer_model_proj.weight", "per_layer_proj_norm.weight":
		return homeLayer
	case "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight":
		return homeRope
	}
	return homeOutput
}

// multiplied tells whether a tensor is the left side of a matrix product.
func multiplied(name string) bool {
	if !strings.HasSuffix(name, ".weight") || strings.Contains(name, "conv") || strings.Contains(name, "norm") {
		return false
	}
	return !strings.HasPrefix(name, "token_") && !strings.HasPrefix(name, "position_") && !strings.HasPrefix(name, "per_layer_token") && !strings.HasPrefix(name, "altup_")
}
