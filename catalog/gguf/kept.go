package gguf

import "fmt"

// Kept is a header in a form to put aside and read again without the file:
// everything that a File knows. Its fields are for the encoder alone.
type Kept struct {
	Name      string         `json:"name"`
	Version   int            `json:"version"`
	BigEndian bool           `json:"big_endian,omitempty"`
	Parts     int            `json:"parts"`
	Header    int64          `json:"header"`
	Size      int64          `json:"size"`
	Missing   int64          `json:"missing,omitempty"`
	Keys      map[string]Val `json:"keys"`
	Tensors   []Row          `json:"tensors"`
}

// Val is a Value with its fields to be seen.
type Val struct {
	Kind  uint32   `json:"k"`
	Array bool     `json:"a,omitempty"`
	N     uint64   `json:"n,omitempty"`
	Bits  uint64   `json:"b,omitempty"`
	List  []uint64 `json:"l,omitempty"`
	Text  string   `json:"t,omitempty"`
}

// Row is an entry of the table of tensors.
type Row struct {
	Name   string   `json:"n"`
	Type   Type     `json:"t"`
	Dims   int      `json:"d"`
	Shape  [4]int64 `json:"s"`
	Offset int64    `json:"o"`
}

// Keep makes a copy to put aside.
func (f *File) Keep() *Kept {
	k := &Kept{
		Name: f.Name, Version: f.Version, BigEndian: f.BigEndian, Parts: f.Parts, Header: f.Header, Size: f.Size, Missing: f.Missing,
		Keys: make(map[string]Val, len(f.keys)), Tensors: make([]Row, len(f.Tensors)),
	}
	for name, v := range f.keys {
		k.Keys[name] = Val{uint32(v.kind), v.array, v.n, v.bits, v.list, v.text}
	}
	for i, t := range f.Tensors {
		k.Tensors[i] = Row(t)
	}
	return k
}

// File makes a header of what was put aside. It holds what it is given to the
// limits of a file's own header, as it may have been damaged meanwhile.
func (k *Kept) File() (*File, error) {
	switch {
	case len(k.Keys) > maxKeys || len(k.Tensors) > maxTensors:
		return nil, fmt.Errorf("%d keys and %d tensors are more than a header has", len(k.Keys), len(k.Tensors))
	case k.Version != 2 && k.Version != 3, k.Parts < 1 || k.Parts > maxParts:
		return nil, fmt.Errorf("version %d in %d parts is no header", k.Version, k.Parts)
	case k.Header < 0 || k.Size < 0 || k.Missing < 0 || k.Size > maxBytes:
		return nil, fmt.Errorf("sizes of %d, %d and %d bytes are no header's", k.Header, k.Size, k.Missing)
	}
	f := &File{
		Name: k.Name, Version: k.Version, BigEndian: k.BigEndian, Parts: k.Parts, Header: k.Header, Size: k.Size, Missing: k.Missing,
		Tensors: make([]Tensor, len(k.Tensors)), keys: make(map[string]Value, len(k.Keys)),
	}
	for name, v := range k.Keys {
		if len(name) > maxName || v.Kind >= uint32(kinds) || len(v.List) > keepList || len(v.Text) > keepText {
			return nil, damaged(keyName(name), "is no value that a header keeps")
		}
		f.keys[name] = Value{kind(v.Kind), v.Array, v.N, v.Bits, v.List, v.Text}
	}
	sum := int64(0)
	for i := range k.Tensors {
		t, err := k.Tensors[i].tensor()
		if err != nil {
			return nil, err
		}
		if sum += t.Bytes(); sum > maxBytes {
			return nil, damaged("", "all tensors together have more than %d bytes", int64(maxBytes))
		}
		f.Tensors[i] = t
	}
	return f, f.index()
}

func (r *Row) tensor() (Tensor, error) {
	t := Tensor(*r)
	s := source{place: "tensor", named: t.Name}
	if len(t.Name) > maxName || t.Dims < 0 || t.Dims > maxDims || t.Offset < 0 || t.Offset > maxBytes {
		return t, damaged(s.where(), "is no entry of a table of tensors")
	}
	for _, n := range t.Shape {
		if n < 1 || n > maxBytes {
			return t, damaged(s.where(), "%d elements in a dimension", n)
		}
	}
	return t, s.checkShape(&t)
}
