package gguf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"runlocal/catalog"
)

// Reading is a header in the catalog's terms.
type Reading struct {
	Model        *catalog.Model
	Architecture *catalog.Architecture // how this file lays its tensors out
	Quant        string                // the precision that the file says it has, or AsInFile
	Notes        []string              // what a person should know about the file, a line each
}

// Model describes the file's model in blocks, as the catalog does; see
// Describe.
func Model(f *File, known map[string]*catalog.Architecture) (*catalog.Model, error) {
	r, err := Describe(f, known)
	if err != nil {
		return nil, err
	}
	return r.Model, nil
}

// Limits on what a description may hold; with them nothing that is reckoned
// from it overflows.
const (
	maxLayers = 1 << 12
	maxWidth  = 1 << 24 // elements of any width
	maxRow    = 1 << 20 // elements that a layer caches for a token
	maxVocab  = 1 << 26
)

// Describe turns a header into a model of the catalog's form. What a layer
// is follows from the tensors that it has; how wide it is follows from the
// keys of its architecture and, where those are absent, from the tensors.
// What no mixer and no feed-forward explains is listed by name and shape, so
// that nothing of the file is lost. An architecture that known lacks is
// refused, as is a file that holds no language model.
func Describe(f *File, known map[string]*catalog.Architecture) (*Reading, error) {
	arch := f.Architecture()
	if err := checkArchitecture(f, arch, known); err != nil {
		return nil, err
	}
	d := &describer{f: f, prefix: arch + ".", layout: *known[arch]}
	m := &catalog.Model{
		ID: fileID(f), Name: modelName(f), Maker: f.Text("general.organization"), Licence: f.Text("general.license"), LicenceSource: "card",
		GGUFArch: arch, Grade: "config", NativeDtype: strings.ToLower(f.Quant()),
		Sources: []string{"GGUF header of " + fileID(f)}, ContextSource: "GGUF header",
	}
	if err := d.model(m); err != nil {
		return nil, err
	}
	m.PublishedParams, m.ActiveParams = d.parameters(m)
	m.PublishedParamsSource = "GGUF header"
	return &Reading{Model: m, Architecture: &d.layout, Quant: f.Quant(), Notes: notes(f)}, nil
}

func checkArchitecture(f *File, arch string, known map[string]*catalog.Architecture) error {
	switch {
	case arch == "" && len(f.Tensors) == 0:
		return &FormatError{What: "holds no model", Do: "name the file with the weights"}
	case arch == "":
		return damaged(keyName("general.architecture"), "is not there")
	case arch == "clip" || f.Text("general.type") == "mmproj":
		return &FormatError{What: "holds a projector for images or sound (mmproj), not a language model", Do: "name the model's own file"}
	case f.Text("general.type") == "adapter" || f.Text("adapter.type") != "":
		return &FormatError{What: "holds a LoRA adapter, not a model", Do: "name the file of the model that it belongs to"}
	case known[arch] == nil:
		return &FormatError{
			What: fmt.Sprintf("the architecture %s is not known to the engine", quoted(arch)),
			Do:   fmt.Sprintf("it knows %d, such as %s", len(known), strings.Join(some(known), ", ")),
		}
	}
	if n, ok := f.Int("split.count"); ok && n > 1 && f.Parts == 1 {
		return &FormatError{What: fmt.Sprintf("is one of %d parts of a model", n), Do: "keep the parts together under the names that they came with"}
	}
	return nil
}

// some are a few of the architectures, for an error.
func some(known map[string]*catalog.Architecture) []string {
	names := slices.Sorted(maps.Keys(known))
	return slices.DeleteFunc(names, func(s string) bool { return s != "llama" && s != "qwen3" && s != "gemma3" && s != "deepseek2" })
}

func fileID(f *File) string {
	if name := clean(f.Name); name != "" {
		return name
	}
	return "gguf"
}

// modelName is what the file calls its model, or the file's own name.
func modelName(f *File) string {
	for _, name := range []string{f.Text("general.name"), f.Text("general.basename"), strings.TrimSuffix(clean(f.Name), ".gguf")} {
		if name != "" {
			return name
		}
	}
	return "a model without a name"
}

func notes(f *File) []string {
	var list []string
	if f.Missing > 0 {
		list = append(list, fmt.Sprintf("the file lacks %.1f MiB of its tensors: the download is not complete", float64(f.Missing)/(1<<20)))
	}
	if f.BigEndian {
		list = append(list, "the file is big-endian: only machines of that kind load it")
	}
	return list
}

// describer builds a model from a header.
type describer struct {
	f      *File
	prefix string // of the architecture's keys
	layout catalog.Architecture
	hidden int64
	layers []layer // the loaded ones
	extra  []layer // those that predict several tokens ahead, not loaded
	err    error   // the first number that can't be
}

func (d *describer) model(m *catalog.Model) error {
	embedding := d.f.Tensor("token_embd.weight")
	if embedding == nil {
		return damaged(tensorName("token_embd.weight"), "is not there")
	}
	d.hidden = d.key("embedding_length", 0, embedding.Shape[0])
	m.Hidden = d.size("embedding_length", d.hidden)
	if embedding.Shape[0] != d.hidden {
		m.EmbeddingDim = d.size("token_embd.weight", embedding.Shape[0])
	}
	if embedding.Shape[1] > maxVocab || m.Hidden == 0 {
		return damaged(tensorName(embedding.Name), "%d rows of %d elements", embedding.Shape[1], d.hidden)
	}
	if d.err != nil {
		return d.err
	}
	m.Vocab = int(embedding.Shape[1])
	if context, ok := d.at("context_length", 0); ok && context > 0 {
		m.Context = int(min(context, 1<<31-1))
	}
	m.TiedEmbeddings = d.f.Tensor("output.weight") == nil
	causal, stated := d.at("attention.causal", 0)
	m.Encoder = d.layout.NoOutput || stated && causal == 0
	noNorm := false
	m.FinalNorm = &noNorm // norms stand among the extra tensors, by their own names
	if err := d.sortTensors(m); err != nil {
		return err
	}
	d.lookAtLayout()
	return d.blocks(m)
}

// size takes a number into the description and refuses what can't be one.
func (d *describer) size(what string, n int64) int {
	if (n < 0 || n > maxWidth) && d.err == nil {
		d.err = damaged(quoted(what), "%d is out of range", n)
	}
	return int(min(max(n, 0), maxWidth))
}

// at is the value of one of the architecture's keys in a layer: GGUF writes
// one number for all or a list.
func (d *describer) at(key string, layer int) (int64, bool) {
	v, ok := d.f.keys[d.prefix+key]
	if !ok {
		return 0, false
	}
	if list := v.Ints(); v.array {
		if layer >= len(list) {
			return 0, false
		}
		return list[layer], true
	}
	return v.Int()
}

// key is the value of a key in a layer, or what else it would be.
func (d *describer) key(key string, layer int, otherwise int64) int64 {
	if n, ok := d.at(key, layer); ok {
		return n
	}
	return otherwise
}

// parameters counts what the file holds, without the prediction layers and
// the RoPE factors, which the converter made, and
// what of it a token reads.
func (d *describer) parameters(m *catalog.Model) (all, active int64) {
	for i := range d.f.Tensors {
		if t := &d.f.Tensors[i]; !strings.HasPrefix(t.Name, "blk.") && !strings.HasPrefix(t.Name, "rope_") {
			all += t.Elements()
		}
	}
	active = all
	i := 0
	m.EachLayer(func(l catalog.Layer) {
		for _, t := range d.layers[i].tensors {
			n := t.Elements()
			all += n
			if strings.Contains(t.Name, "_exps.") && l.Block.FFN.Experts > 0 {
				n = n / int64(l.Block.FFN.Experts) * int64(l.Block.FFN.Active)
			}
			active += n
		}
		i++
	})
	return all, active
}
