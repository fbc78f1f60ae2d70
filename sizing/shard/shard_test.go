package shard

import (
	"slices"
	"testing"

	"runlocal/catalog"
)

func load(t *testing.T, name string) (*Model, *catalog.Catalog) {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Model(name)
	if err != nil {
		t.Fatal(err)
	}
	return New(m), c
}

// Layers over pipeline stages: what is left over goes to the stages before the
// last, from the back.
func TestStages(t *testing.T) {
	for _, x := range []struct {
		layers, stages int
		want           []int
	}{
		{32, 1, []int{32}}, {32, 2, []int{16, 16}}, {61, 2, []int{31, 30}}, {62, 4, []int{15, 16, 16, 15}},
		{61, 3, []int{20, 21, 20}}, {5, 3, []int{2, 2, 1}}, {3, 2, []int{2, 1}},
	} {
		got := Layout{Tensor: 1, Pipeline: x.stages, Data: 1}.Stages(x.layers)
		if !slices.Equal(got, x.want) {
			t.Errorf("%d layers over %d stages: %v, want %v", x.layers, x.stages, got, x.want)
		}
	}
}

func TestLayoutsThatNoServerMakes(t *testing.T) {
	m, _ := load(t, "llama-3.1-8b")
	for _, l := range []Layout{{3, 1, 1, false}, {0, 1, 1, false}, {1, 33, 1, false}, {1, 1, -1, false}, {1 << 20, 1, 1, false}} {
		if l.Check(m.Model) == nil {
			t.Errorf("%+v was taken", l)
		}
	}
	if n := Widest(m.Model, 7); n != 4 {
		t.Errorf("of 7 GPUs %d divide 32 heads, want 4", n)
	}
}

// Key heads are copied where there are fewer than GPUs, latent caches are whole
// on each.
func TestCachePerToken(t *testing.T) {
	for _, x := range []struct {
		model    string
		tensor   int
		elements int64 // of the first layer that keeps tokens
	}{
		{"llama-3.1-8b", 1, 2 * 8 * 128}, {"llama-3.1-8b", 4, 2 * 2 * 128}, {"llama-3.1-8b", 8, 2 * 128}, {"llama-3.1-8b", 16, 2 * 128},
		{"qwen3.6-35b-a3b", 4, 2 * 256}, {"deepseek-v3", 1, 576}, {"deepseek-v3", 8, 576},
	} {
		m, _ := load(t, x.model)
		l := Layout{Tensor: x.tensor, Pipeline: 1, Data: 1}
		for _, k := range m.Layers {
			if c := m.Kinds[k].Caches; len(c) > 0 && c[0].Sort != State {
				if got := c[0].PerToken(l); got != x.elements {
					t.Errorf("%s over %d GPUs: %d elements a token, want %d", x.model, x.tensor, got, x.elements)
				}
				break
			}
		}
	}
}

// With whole experts to each GPU a rank holds as many bytes of them as with a
// part of each, where the numbers divide.
func TestExpertsWholeOrInParts(t *testing.T) {
	m, c := load(t, "qwen3-30b-a3b")
	q, _ := c.Scheme("BF16")
	n := len(m.Layers)
	part := m.Weights(q, Layout{4, 1, 1, false}, 0, 0, n, false)
	whole := m.Weights(q, Layout{4, 1, 1, true}, 0, 0, n, false)
	one := m.Weights(q, Layout{1, 1, 1, false}, 0, 0, n, false)
	if part.Experts != whole.Experts || 4*part.Experts != one.Experts || part.Layers != whole.Layers {
		t.Errorf("in parts %+v, whole %+v, on one %+v", part, whole, one)
	}
	if d := m.Weights(q, Layout{2, 1, 2, true}, 0, 0, n, false); d.Experts != part.Experts || d.Layers <= part.Layers {
		t.Errorf("two copies of two: %+v, want the experts over four and the rest over two", d)
	}
}

// On one GPU the weights are the parameters: nothing is lost and nothing twice.
func TestOneGPUHoldsTheParameters(t *testing.T) {
	for _, name := range []string{"llama-3.1-8b", "qwen3-30b-a3b", "gemma-3-12b", "nemotron-3-nano-4b", "gpt-oss-20b", "qwen3.6-27b"} {
		m, c := load(t, name)
		q, _ := c.Scheme("BF16")
		w := m.Weights(q, Layout{1, 1, 1, false}, 0, 0, len(m.Layers), false)
		want := 2 * m.Parameters()
		pad := 2 * 2 * int64(m.Hidden) * 64
		if got := w.Total() - w.Absorbed; got < want || got > want+pad {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}
