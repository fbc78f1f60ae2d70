package sizing

import (
	"bytes"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

// f16Types is the type of every tensor of a model's F16 file, by its name
// without "blk.N.", as the catalog has it.
func f16Types(m *catalog.Model, a *catalog.Architecture) func(string, []uint64) gguf.Type {
	types := map[string]gguf.Type{}
	add := func(t catalog.Tensor) {
		types[t.Name] = 1
		if t.Role == catalog.RoleFixed {
			types[t.Name] = 0
		}
	}
	m.EachModelTensor(a, add)
	m.EachLayer(func(l catalog.Layer) { m.EachBlockTensor(a, l.Block, add) })
	if m.MTP != nil {
		m.EachMTPTensor(add)
	}
	return func(name string, shape []uint64) gguf.Type {
		_, rest, _ := gguf.LayerOf(name)
		if t, ok := types[rest]; ok {
			return t
		}
		if len(shape) > 1 && strings.HasSuffix(name, ".weight") {
			return 1
		}
		return 0
	}
}

// TestFilesAgreeWithTheCatalog reads each model of the loader's table as an
// F16 file: its weights, cache, state and buffers are those of the record.
func TestFilesAgreeWithTheCatalog(t *testing.T) {
	c, e := world(t)
	names := truthNames(t)
	truth, err := gguftest.LoadTruth(filepath.Join("..", "catalog", "testdata", "truth_models.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(truth)) {
		t.Run(name, func(t *testing.T) {
			m := modelNamed(t, c, names[name])
			h, err := truth[name].Header(f16Types(m, c.Architectures[m.GGUFArch]))
			if err != nil {
				t.Fatal(err)
			}
			f, err := gguf.Read(bytes.NewReader(h.Bytes()), int64(len(h.Bytes())))
			if err != nil {
				t.Fatal(err)
			}
			r, err := gguf.Describe(f, c.Architectures)
			if err != nil {
				t.Fatal(err)
			}
			r.Quant = "F16"
			r.Model.Context = m.Context
			if name == "GLM-4-9B-0414" {
				t.Skip("the record has biases that the table's file lacks; see the catalog's test")
			}
			compareWeights(t, e.ForFile(f, r), r.Model, e, m)
			compareBudgets(t, e.ForFile(f, r), r.Model, e, m)
		})
	}
}

func compareWeights(t *testing.T, file *Engine, fm *catalog.Model, e *Engine, m *catalog.Model) {
	t.Helper()
	fc, c := file.compile(fm), e.compile(m)
	got := *file.weightsFor(fc, file.mixes["F16"], false)
	want := *e.weightsFor(c, e.mixes["F16"], false)
	got.mix, want.mix = nil, nil
	for i := range reflect.TypeFor[weights]().NumField() {
		field := reflect.TypeFor[weights]().Field(i).Name
		g, w := reflect.ValueOf(got).Field(i), reflect.ValueOf(want).Field(i)
		if !reflect.DeepEqual(valueOf(g), valueOf(w)) {
			t.Errorf("weights.%s: %v, the catalog's %v", field, g, w)
		}
	}
}

// valueOf makes an unexported field comparable.
func valueOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Int64:
		return v.Int()
	case reflect.Slice:
		var list []any
		for i := range v.Len() {
			list = append(list, valueOf(v.Index(i)))
		}
		return list
	case reflect.Struct:
		var list []any
		for i := range v.NumField() {
			list = append(list, valueOf(v.Field(i)))
		}
		return list
	}
	return nil
}

func compareBudgets(t *testing.T, file *Engine, fm *catalog.Model, e *Engine, m *catalog.Model) {
	t.Helper()
	c, _ := world(t)
	for _, rig := range []*Rig{benchRig(t, c), benchRig(t, c, "nvidia-h100-sxm5-80gb"), benchRig(t, c, "nvidia-geforce-rtx-3090", "nvidia-geforce-rtx-3090")} {
		compareBudgetsOn(t, rig, file, fm, e, m)
	}
}

func compareBudgetsOn(t *testing.T, rig *Rig, file *Engine, fm *catalog.Model, e *Engine, m *catalog.Model) {
	t.Helper()
	for _, change := range []func(*Settings){
		func(*Settings) {},
		func(s *Settings) { s.Parallel, s.KVUnified = 4, false },
		func(s *Settings) { s.FlashAttn = FlashOff },
		func(s *Settings) { s.SWAFull, s.UBatch = true, 128 },
		func(s *Settings) { s.GPULayers = 7 },
		func(s *Settings) { s.CPUMoE = AllExperts },
	} {
		s := Defaults("F16", 4096)
		change(&s)
		got, err := file.Estimate(fm, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		want, err := e.Estimate(m, s, rig)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Devices, want.Devices) {
			t.Errorf("devices:\n got %+v\nwant %+v", got.Devices, want.Devices)
		}
	}
}

// TestCustomMixes writes every model of the catalog as a file in some mixes,
// tensor by tensor as the quantiser chooses, and weighs the file: the sums are
// those of the mix, wherever they lie.
func TestCustomMixes(t *testing.T) {
	c, e := world(t)
	for _, m := range c.Models {
		if m.GGUFArch == "" || len(m.ExtraParams) > 0 || slices.ContainsFunc(m.Blocks, hasExtraParams) {
			continue // parameters without a shape are in no table of tensors
		}
		for _, quant := range []string{"Q4_K_M", "IQ2_XS", "MXFP4_MOE"} {
			compiled := e.compile(m)
			traits := compiled.traits
			traits.imatrix = true
			x := &weigher{e: e, c: compiled, m: e.mixes[quant], choices: e.mixes[quant].choices(traits)}
			x.countRoles()
			file := e.forTensors(m, compiled.arch, quant, tensorsOf(x))
			got, want := *file.weightsFor(file.compile(m), file.mixes[quant], false), *e.weigh(compiled, e.mixes[quant], true)
			got.mix, want.mix = nil, nil
			if !reflect.DeepEqual(valueOf(reflect.ValueOf(got)), valueOf(reflect.ValueOf(want))) {
				t.Fatalf("%s %s:\n got %+v\nwant %+v", m.ID, quant, got, want)
			}
		}
	}
}

func hasExtraParams(b catalog.Block) bool {
	return len(b.ExtraParams) > 0 || slices.ContainsFunc(b.Blocks, hasExtraParams)
}

// tensorsOf lists a model's tensors with the types that a mix gives them.
func tensorsOf(x *weigher) []fileTensor {
	var list []fileTensor
	add := func(t catalog.Tensor, layer, position int) {
		list = append(list, fileTensor{layer: layer, name: t.Name, cols: t.Cols, count: t.Rows * t.Depth, typ: x.e.types[x.typeOf(&t, position)]})
	}
	for _, t := range x.c.model0 {
		add(t, outside, 0)
	}
	for i, k := range x.c.layers {
		for _, t := range x.c.kinds[k].tensors {
			add(t, i, i)
		}
	}
	return list
}
