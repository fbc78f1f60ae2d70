package gguf

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"runlocal/catalog"
)

// layer is what a file has of one layer, by the names without "blk.N.".
type layer struct {
	index   int
	tensors []*Tensor // in the order of the file
	byName  map[string]*Tensor
}

func (l *layer) has(name string) bool { return l.byName[name] != nil }

// dim is an extent of a tensor, 0 where the layer has no such tensor.
func (l *layer) dim(name string, i int) int64 {
	if t := l.byName[name]; t != nil {
		return t.Shape[i]
	}
	return 0
}

// elements is the size of a tensor, 0 where the layer has none.
func (l *layer) elements(name string) int64 {
	if t := l.byName[name]; t != nil {
		return t.Elements()
	}
	return 0
}

// LayerOf takes a tensor's name apart: "blk.3.attn_q.weight" is "attn_q.weight"
// of layer 3. ok is false for a tensor outside the layers.
func LayerOf(name string) (layer int, rest string, ok bool) {
	number, rest, found := strings.Cut(strings.TrimPrefix(name, "blk."), ".")
	if !strings.HasPrefix(name, "blk.") || !found {
		return 0, name, false
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || strconv.Itoa(n) != number {
		return 0, name, false
	}
	return n, rest, true
}

// sortTensors gives each tensor to its layer, those outside the layers to the
// model.
func (d *describer) sortTensors(m *catalog.Model) error {
	all, ahead, err := d.countLayers()
	if err != nil {
		return err
	}
	layers := make([]layer, all)
	for i := range d.f.Tensors {
		t := &d.f.Tensors[i]
		n, rest, ok := LayerOf(t.Name)
		switch {
		case !ok && t.Name != "token_embd.weight" && t.Name != "output.weight":
			m.ExtraTensors = append(m.ExtraTensors, extraTensor(t, t.Name))
		case ok && n >= all:
			return damaged(tensorName(t.Name), "the model has only %d layers", all)
		case ok:
			l := &layers[n]
			if l.byName == nil {
				l.index, l.byName = n, map[string]*Tensor{}
			}
			l.tensors = append(l.tensors, t)
			l.byName[rest] = t
		}
	}
	for i := range layers {
		if layers[i].byName == nil {
			return damaged("layer "+strconv.Itoa(i), "the file has nothing of it")
		}
	}
	d.layers, d.extra = layers[:all-ahead], layers[all-ahead:]
	if ahead > 0 {
		m.MTP = &catalog.MTP{Layers: ahead, Source: "GGUF header"}
		for _, l := range d.extra {
			for _, t := range l.tensors {
				m.MTP.Params += t.Elements()
			}
		}
	}
	return nil
}

// countLayers is the number of layers, and of those at the end that predict
// several tokens ahead, which a runtime does not load by itself.
func (d *describer) countLayers() (all, ahead int, err error) {
	n, ok := d.at("block_count", 0)
	if !ok {
		for i := range d.f.Tensors {
			if at, _, ok := LayerOf(d.f.Tensors[i].Name); ok {
				n = max(n, int64(at)+1)
			}
		}
	}
	if n < 1 || n > maxLayers {
		return 0, 0, damaged(keyName(d.prefix+"block_count"), "%d layers; want 1 to %d", n, maxLayers)
	}
	last := d.key("nextn_predict_layers", 0, 0)
	if last < 0 || last >= n {
		return 0, 0, damaged(keyName(d.prefix+"nextn_predict_layers"), "%d of %d layers", last, n)
	}
	if last > 0 && !d.hasLayer(n-1) {
		n -= last // the count is the model's, the file was written without them
		last = 0
	}
	return int(n), int(last), nil
}

func (d *describer) hasLayer(n int64) bool {
	want := fmt.Sprintf("blk.%d.", n)
	for i := range d.f.Tensors {
		if strings.HasPrefix(d.f.Tensors[i].Name, want) {
			return true
		}
	}
	return false
}

// lookAtLayout finds how this file lays tensors out: newer converters join
// what older ones wrote apart.
func (d *describer) lookAtLayout() {
	a := &d.layout
	a.FusedQKV, a.FusedGateUp, a.FusedExpertGateUp, a.SplitBetaAlpha = false, false, false, false
	for i := range d.layers {
		l := &d.layers[i]
		a.FusedQKV = a.FusedQKV || l.has("attn_qkv.weight") && !l.isDeltaNet()
		a.FusedGateUp = a.FusedGateUp || !l.has("ffn_gate.weight") && l.has("ffn_up.weight") && l.dim("ffn_up.weight", 1) == 2*l.dim("ffn_down.weight", 0)
		a.FusedExpertGateUp = a.FusedExpertGateUp || l.has("ffn_gate_up_exps.weight")
		a.SplitBetaAlpha = a.SplitBetaAlpha || l.has("ssm_alpha.weight")
	}
}

// blocks describes the layers and joins what is equal.
func (d *describer) blocks(m *catalog.Model) error {
	var list []catalog.Block
	for i := range d.layers {
		b, err := d.block(m, &d.layers[i])
		if d.err != nil {
			err = d.err // a number out of range comes before what follows from it
		}
		if err != nil {
			return fmt.Errorf("layer %d: %w", i, err)
		}
		if n := len(list); n > 0 && equalBlocks(&list[n-1], &b) {
			list[n-1].Count++
			continue
		}
		list = append(list, b)
	}
	m.Blocks = fold(list)
	return d.err
}

func (d *describer) block(m *catalog.Model, l *layer) (catalog.Block, error) {
	if l.has("ffn_gate.0.weight") || l.has("ffn_down.0.weight") {
		return catalog.Block{}, &FormatError{What: "its experts are stored one by one, which runtimes no longer read", Do: convert}
	}
	norms := 0 // they stand among the extra tensors, by their own names
	b := catalog.Block{Count: 1, Norms: &norms}
	var err error
	if b.Mixer, err = d.mixer(l); err != nil {
		return b, err
	}
	if b.FFN, err = d.feedForward(l); err != nil {
		return b, err
	}
	d.addRest(m, &b, l)
	return b, nil
}

// addRest lists the tensors that mixer and feed-forward do not explain.
func (d *describer) addRest(m *catalog.Model, b *catalog.Block, l *layer) {
	explained := map[*Tensor]bool{}
	m.EachBlockTensor(&d.layout, b, func(e catalog.Tensor) {
		t := l.byName[e.Name]
		if t == nil {
			t = l.byName[otherName(e.Name)]
		}
		if t != nil && t.Elements() == e.Elements() {
			explained[t] = true
		}
	})
	for _, t := range l.tensors {
		if !explained[t] {
			_, rest, _ := LayerOf(t.Name)
			b.ExtraTensors = append(b.ExtraTensors, extraTensor(t, rest))
		}
	}
}

// otherName is what a file may call a tensor besides the catalog's name.
func otherName(name string) string {
	switch name {
	case "ffn_up.weight":
		return "channel_mix_key.weight"
	case "ffn_down.weight":
		return "channel_mix_value.weight"
	}
	return ""
}

func extraTensor(t *Tensor, name string) catalog.ExtraTensor {
	e := catalog.ExtraTensor{Name: clean(name), Shape: make([]int, max(1, t.Dims))}
	for i := range e.Shape {
		e.Shape[i] = int(t.Shape[i])
	}
	return e
}

// equalBlocks compares two blocks, their counts apart.
func equalBlocks(a, b *catalog.Block) bool {
	x, y := *a, *b
	x.Count, y.Count = 0, 0
	return reflect.DeepEqual(x, y)
}

// fold writes a pattern that repeats once.
func fold(list []catalog.Block) []catalog.Block {
	const longest = 8 // blocks of a pattern
	var out []catalog.Block
	for len(list) > 0 {
		pattern, times := 1, 1
		for p := 2; p <= longest && 2*p <= len(list) && times == 1; p++ {
			n := 1
			for (n+1)*p <= len(list) && reflect.DeepEqual(list[:p], list[n*p:(n+1)*p]) {
				n++
			}
			if n > 1 {
				pattern, times = p, n
			}
		}
		if times == 1 {
			out = append(out, list[0])
		} else {
			out = append(out, catalog.Block{Repeat: times, Blocks: list[:pattern:pattern]})
		}
		list = list[pattern*times:]
	}
	return out
}
