package gguf

import (
	"sort"
	"strings"
)

// File is the header of a GGUF model, all its parts together.
type File struct {
	Name      string // of the file that was opened, without its folder; "" if it was read from elsewhere
	Version   int    // of the format: 2 or 3
	BigEndian bool
	Parts     int   // files that the model is split into; 1 for a whole one
	Header    int64 // bytes of header, all parts together
	Size      int64 // bytes of all parts as they are
	Missing   int64 // bytes that the parts are shorter than their tensors need

	Tensors []Tensor // in the order of the file

	keys   map[string]Value
	byName []int32 // Tensors' indices, ordered by name
}

// Tensor is an entry of the table of tensors.
type Tensor struct {
	Name   string
	Type   Type
	Dims   int      // how many of Shape the file states
	Shape  [4]int64 // elements, fastest dimension first; 1 where the tensor has no such dimension
	Offset int64    // bytes from the start of its part's data
}

// Elements is the number of values.
func (t *Tensor) Elements() int64 { return t.Shape[0] * t.Shape[1] * t.Shape[2] * t.Shape[3] }

// Bytes is the size of the values.
func (t *Tensor) Bytes() int64 {
	l, _ := t.Type.Layout()
	return t.Elements() / l.Block * l.Bytes
}

// Architecture is llama.cpp's name for the kind of model ("qwen3moe"); ""
// where the file has none.
func (f *File) Architecture() string { return f.Text("general.architecture") }

// Get returns the value of a key.
func (f *File) Get(key string) (Value, bool) {
	v, ok := f.keys[key]
	return v, ok
}

// Int returns a key's value where it is a whole number.
func (f *File) Int(key string) (n int64, ok bool) {
	v, ok := f.keys[key]
	if !ok {
		return 0, false
	}
	return v.Int()
}

// Text returns a key's value where it is a text, "" otherwise.
func (f *File) Text(key string) string { return f.keys[key].Text() }

// Tensor finds a tensor by name; nil if there is none.
func (f *File) Tensor(name string) *Tensor {
	i, ok := sort.Find(len(f.byName), func(i int) int { return strings.Compare(name, f.Tensors[f.byName[i]].Name) })
	if !ok {
		return nil
	}
	return &f.Tensors[f.byName[i]]
}

// DataBytes is the size of all tensors.
func (f *File) DataBytes() int64 {
	n := int64(0)
	for i := range f.Tensors {
		n += f.Tensors[i].Bytes()
	}
	return n
}

// index orders the tensors by name and refuses one that stands there twice.
func (f *File) index() error {
	f.byName = make([]int32, len(f.Tensors))
	for i := range f.byName {
		f.byName[i] = int32(i)
	}
	sort.Slice(f.byName, func(i, j int) bool { return f.Tensors[f.byName[i]].Name < f.Tensors[f.byName[j]].Name })
	for i := 1; i < len(f.byName); i++ {
		if name := f.Tensors[f.byName[i]].Name; name == f.Tensors[f.byName[i-1]].Name {
			return damaged(tensorName(name), "stands there twice")
		}
	}
	return nil
}
