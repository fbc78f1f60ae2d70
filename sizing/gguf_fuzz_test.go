package sizing

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

// FuzzFile sizes whatever model a header describes: no panic, nothing
// negative, and steps that add up.
func FuzzFile(f *testing.F) {
	c, e := world(f)
	truth, err := gguftest.LoadTruth(filepath.Join("..", "catalog", "testdata", "truth_models.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"Llama-3.2-1B", "Mixtral-8x7B", "DeepSeek-V2-Lite", "Falcon-H1-0.5B", "Nemotron-H-8B", "Qwen3-Next-80B-A3B", "Gemma-4-E2B", "LFM2-1.2B", "Mamba-2.8B", "BGE-small-en-v1.5"} {
		h, err := truth[name].Header(func(string, []uint64) gguf.Type { return 8 })
		if err != nil {
			f.Fatal(err)
		}
		h.Tensors = slices.DeleteFunc(h.Tensors, func(x gguftest.Tensor) bool {
			n, _, ok := gguf.LayerOf(x.Name)
			return ok && n > 5 || x.Shape[0]%32 != 0
		})
		for i, k := range h.Keys {
			if strings.HasSuffix(k.Name, ".block_count") {
				h.Keys[i].Value = uint32(6)
			}
		}
		f.Add(h.Bytes())
	}
	rigs := []*Rig{benchRig(f, c), benchRig(f, c, "nvidia-geforce-rtx-3090", "nvidia-geforce-rtx-4060")}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := gguf.Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		r, err := gguf.Describe(file, c.Architectures)
		if err != nil {
			return
		}
		one := e.ForFile(file, r)
		for _, rig := range rigs {
			checkFile(t, one, r, rig)
		}
	})
}

func checkFile(t *testing.T, e *Engine, r *gguf.Reading, rig *Rig) {
	t.Helper()
	s := Defaults(r.Quant, 4096)
	b, err := e.Estimate(r.Model, s, rig)
	if err != nil {
		return // a combination that the runtime refuses
	}
	for _, d := range append(b.Devices, DeviceBudget{Parts: b.Totals}) {
		if d.Weights < 0 || d.KVCache < 0 || d.RecurrentState < 0 || d.Compute < 0 || d.Overhead < 0 || d.Total != d.Weights+d.KVCache+d.RecurrentState+d.Compute+d.Overhead {
			t.Errorf("%s: %+v", d.Name, d.Parts)
		}
	}
	steps, err := e.Explain(r.Model, s, rig)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, step := range steps {
		sum += step.Bytes
	}
	if sum != b.Totals.Total {
		t.Errorf("steps of %d bytes, %d in all", sum, b.Totals.Total)
	}
	e.Rank(r.Model, rig)
}
