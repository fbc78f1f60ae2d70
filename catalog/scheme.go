package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
)

// Scheme is how runtimes other than llama.cpp store the weights of a matrix:
// plain floats, or packed integers with scales beside them. The JSON form is
// the one of assets/quants/schemes.json. Sizes are those of the tensors that
// lie on the device once the model is loaded.
type Scheme struct {
	ID      string   `json:"id"` // "bnb-nf4"
	Aliases []string `json:"aliases,omitempty"`
	Method  string   `json:"method"` // float, bitsandbytes, gptq, awq, hqq, fp8, w8a8, torchao, mx
	About   string   `json:"about"`  // one line for a reader
	Quality string   `json:"quality"`
	Source  string   `json:"source"`

	Bits  int    `json:"bits"`  // of a stored weight
	Dtype string `json:"dtype"` // of what is not quantised and of the arithmetic: bf16, f16, f32

	Group      int     `json:"group,omitempty"`       // weights of a row that share a scale; 0 = the whole row, or a tile
	Flat       bool    `json:"flat,omitempty"`        // groups run over the matrix as one line, not row by row
	Tile       int     `json:"tile,omitempty"`        // side of the square that shares a scale
	ScaleBytes int     `json:"scale_bytes,omitempty"` // of one scale
	ZeroBits   int     `json:"zero_bits,omitempty"`   // of one zero point
	Nested     int     `json:"nested,omitempty"`      // scales are one byte each, and so many of them share one of 4 bytes
	IndexBytes int     `json:"index_bytes,omitempty"` // of each input's group number
	Tables     []int64 `json:"tables,omitempty"`      // bytes of fixed tables beside every matrix

	// Experts says whether fused expert matrices are quantised as well: yes,
	// no, or only (and nothing else is).
	Experts string `json:"experts"`
	// Output tells that the output matrix and the embedding are quantised too.
	Output bool `json:"output,omitempty"`
}

// Plain tells a scheme that quantises nothing.
func (s *Scheme) Plain() bool { return s.Method == "float" }

// EachPart calls f with the bytes of every tensor that one matrix of in × out
// weights becomes: the weights first.
func (s *Scheme) EachPart(in, out int64, f func(bytes int64)) {
	f(bitsToBytes(in*out, s.Bits))
	scales := s.scales(in, out)
	switch {
	case s.Nested > 0:
		f(scales)
		f(4 * ceilDiv(scales, int64(s.Nested)))
	case s.ScaleBytes > 0:
		f(scales * int64(s.ScaleBytes))
	}
	if s.ZeroBits > 0 {
		f(bitsToBytes(scales, s.ZeroBits))
	}
	if s.IndexBytes > 0 {
		f(in * int64(s.IndexBytes))
	}
	for _, n := range s.Tables {
		f(n)
	}
}

// MatrixBytes is the sum of EachPart.
func (s *Scheme) MatrixBytes(in, out int64) int64 {
	sum := int64(0)
	s.EachPart(in, out, func(n int64) { sum += n })
	return sum
}

// scales is how many scales a matrix has.
func (s *Scheme) scales(in, out int64) int64 {
	switch {
	case s.Plain():
		return 0
	case s.Tile > 0:
		return ceilDiv(in, int64(s.Tile)) * ceilDiv(out, int64(s.Tile))
	case s.Group == 0:
		return out
	case s.Flat:
		return ceilDiv(in*out, int64(s.Group))
	default:
		return ceilDiv(in, int64(s.Group)) * out
	}
}

// DtypeBytes is the size of one value of what is not quantised.
func (s *Scheme) DtypeBytes() int64 {
	if s.Dtype == "f32" {
		return 4
	}
	return 2
}

// BitsPerWeight is what a weight of a large square matrix takes, scales and
// zero points included.
func (s *Scheme) BitsPerWeight() float64 {
	const side = 4096
	return 8 * float64(s.MatrixBytes(side, side)) / (side * side)
}

func bitsToBytes(n int64, bits int) int64 { return ceilDiv(n*int64(bits), 8) }

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

const schemesFile = "quants/schemes.json"

// loadSchemes reads the storage schemes and refuses one that can't be
// reckoned with.
func (c *Catalog) loadSchemes(fsys fs.FS) error {
	if err := decodeFile(fsys, schemesFile, &c.Schemes); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range c.Schemes {
		for _, name := range append([]string{s.ID}, s.Aliases...) {
			if k := quantKey(name); k == "" || seen[k] {
				return &RecordError{File: schemesFile, Record: s.ID, Reason: fmt.Sprintf("the name %q is taken or empty", name)}
			}
			seen[quantKey(name)] = true
		}
		if err := s.check(); err != nil {
			return &RecordError{File: schemesFile, Record: s.ID, Reason: err.Error()}
		}
	}
	return nil
}

func (s *Scheme) check() error {
	methods := []string{"float", "bitsandbytes", "gptq", "awq", "hqq", "fp8", "w8a8", "torchao", "mx"}
	switch {
	case !slices.Contains(methods, s.Method):
		return fmt.Errorf("method %q is none of %v", s.Method, methods)
	case s.Bits < 1 || s.Bits > 32:
		return fmt.Errorf("%d bits a weight", s.Bits)
	case !slices.Contains([]string{"bf16", "f16", "f32"}, s.Dtype):
		return fmt.Errorf("dtype %q is none of bf16, f16, f32", s.Dtype)
	case !slices.Contains([]string{"yes", "no", "only"}, s.Experts):
		return fmt.Errorf("experts %q is none of yes, no, only", s.Experts)
	case s.Group < 0 || s.Tile < 0 || s.Nested < 0 || s.ScaleBytes < 0 || s.ScaleBytes > 8 || s.ZeroBits < 0 || s.ZeroBits > math.MaxInt8:
		return errors.New("sizes out of range")
	case s.Source == "" || s.About == "":
		return errors.New("wants a source and a line about it")
	}
	return nil
}

// Scheme finds a storage scheme by its id or another word for it, letter case
// and signs aside; false if there is none.
func (c *Catalog) Scheme(name string) (*Scheme, bool) {
	k := quantKey(name)
	for _, s := range c.Schemes {
		if quantKey(s.ID) == k || slices.ContainsFunc(s.Aliases, func(a string) bool { return quantKey(a) == k }) {
			return s, true
		}
	}
	return nil, false
}
