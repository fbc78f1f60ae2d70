package catalog

import (
	"math"
	"testing"
)

// Bits a weight of published formats, scales included.
func TestSchemesTakeTheBitsTheyState(t *testing.T) {
	c := mustLoad(t)
	for id, want := range map[string]float64{
		"BF16": 16, "F32": 32, "bnb-int8": 8 + 32.0/4096, "bnb-nf4": 4.5, "bnb-nf4-dq": 4.127, "gptq-4": 4 + 20.0/128,
		"gptq-8": 8 + 24.0/128, "awq-4": 4 + 20.0/128, "hqq-4": 4.5, "fp8": 8 + 32.0/(128*128), "mxfp4": 4.25, "nvfp4": 4.5, "int4-ao": 4.25,
	} {
		s, ok := c.Scheme(id)
		if !ok {
			t.Errorf("no scheme %s", id)
			continue
		}
		if got := s.BitsPerWeight(); math.Abs(got-want) > 0.01 {
			t.Errorf("%s: %.4f bits a weight, want %.4f", id, got, want)
		}
	}
}

func TestSchemesAreFoundByOtherWords(t *testing.T) {
	c := mustLoad(t)
	for name, want := range map[string]string{"NF4": "bnb-nf4", "bfloat16": "BF16", "fp16": "F16", "load_in_8bit": "bnb-int8", "GPTQ_4": "gptq-4"} {
		if s, ok := c.Scheme(name); !ok || s.ID != want {
			t.Errorf("%s: %v, want %s", name, s, want)
		}
	}
	if s, ok := c.Scheme("Q4_K_M"); ok {
		t.Errorf("a GGUF file type was found as %s", s.ID)
	}
}

// A matrix of the catalog's own 8B model, tensor by tensor as bitsandbytes
// keeps it: 4096 × 14336 in NF4.
func TestPartsOfAMatrix(t *testing.T) {
	c := mustLoad(t)
	const in, out = 4096, 14336
	for id, want := range map[string][]int64{
		"BF16":       {in * out * 2},
		"bnb-nf4":    {in * out / 2, in * out / 64 * 4, 64},
		"bnb-nf4-dq": {in * out / 2, in * out / 64, in * out / 64 / 256 * 4, 64, 1024, 4},
		"gptq-4":     {in * out / 2, in / 128 * out * 2, in / 128 * out / 2, in * 4},
		"bnb-int8":   {in * out, out * 4},
	} {
		s, _ := c.Scheme(id)
		var got []int64
		s.EachPart(in, out, func(n int64) { got = append(got, n) })
		if len(got) != len(want) {
			t.Errorf("%s: parts %v, want %v", id, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: parts %v, want %v", id, got, want)
				break
			}
		}
	}
}
