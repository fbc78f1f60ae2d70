// Package gguftest writes GGUF headers for tests: right ones, and wrong ones
// through the counts and raw bytes that it lets a test set.
package gguftest

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"runlocal/catalog/gguf"
)

// Key is a key with its value: a Go number, bool or string, a slice of one of
// these, a Nested, or Raw bytes (type number included).
type Key struct {
	Name  string
	Value any
}

// Raw stands for a value byte by byte.
type Raw []byte

// Nested is an array of arrays.
type Nested [][]uint32

// Tensor is an entry of the table. Its offset follows from those before it
// unless At is set.
type Tensor struct {
	Name  string
	Type  gguf.Type
	Shape []uint64
	At    *uint64
}

// Header is what Bytes writes.
type Header struct {
	Version   uint32 // 0 = 3
	BigEndian bool
	Keys      []Key
	Tensors   []Tensor

	ClaimKeys, ClaimTensors *uint64 // written instead of the true counts
}

// Bytes is the header alone, without padding or data.
func (h *Header) Bytes() []byte {
	w := writer{order: binary.LittleEndian}
	if h.BigEndian {
		w.order = binary.BigEndian
	}
	version := h.Version
	if version == 0 {
		version = 3
	}
	w.WriteString("GGUF")
	w.put(version)
	w.put(claim(h.ClaimTensors, len(h.Tensors)))
	w.put(claim(h.ClaimKeys, len(h.Keys)))
	for _, k := range h.Keys {
		w.text(k.Name)
		w.value(k.Value)
	}
	offset := uint64(0)
	for _, t := range h.Tensors {
		w.text(t.Name)
		w.put(uint32(len(t.Shape)))
		elements := uint64(1)
		for _, n := range t.Shape {
			w.put(n)
			elements *= n
		}
		w.put(uint32(t.Type))
		if t.At != nil {
			w.put(*t.At)
			continue
		}
		w.put(offset)
		if l, ok := t.Type.Layout(); ok {
			offset += (elements/uint64(l.Block)*uint64(l.Bytes) + 31) / 32 * 32
		}
	}
	return w.Bytes()
}

// File is the header with the data behind it, all zero; for small tensors.
func (h *Header) File() []byte {
	b := h.Bytes()
	f, err := gguf.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		panic(fmt.Sprintf("gguftest: %v", err))
	}
	return append(b, make([]byte, f.Missing)...)
}

func claim(c *uint64, n int) uint64 {
	if c != nil {
		return *c
	}
	return uint64(n)
}

type writer struct {
	bytes.Buffer
	order binary.ByteOrder
}

func (w *writer) put(v any) {
	// A bytes.Buffer takes everything, and every v has a fixed size.
	_ = binary.Write(&w.Buffer, w.order, v)
}

func (w *writer) text(s string) {
	w.put(uint64(len(s)))
	w.WriteString(s)
}

func (w *writer) value(v any) {
	switch v := v.(type) {
	case Raw:
		w.Write(v)
	case string:
		w.put(uint32(8))
		w.text(v)
	case []string:
		w.array(8, len(v))
		for _, s := range v {
			w.text(s)
		}
	case Nested:
		w.array(9, len(v))
		for _, inner := range v {
			w.put(uint32(4))
			w.put(uint64(len(inner)))
			w.put(inner)
		}
	default:
		w.numbers(v)
	}
}

func (w *writer) array(kind uint32, n int) {
	w.put(uint32(9))
	w.put(kind)
	w.put(uint64(n))
}

func (w *writer) numbers(v any) {
	for kind, one := range []any{uint8(0), int8(0), uint16(0), int16(0), uint32(0), int32(0), float32(0), false, nil, nil, uint64(0), int64(0), float64(0)} {
		if one == nil {
			continue
		}
		switch fmt.Sprintf("%T", v) {
		case fmt.Sprintf("%T", one):
			w.put(uint32(kind))
			w.put(v)
			return
		case fmt.Sprintf("[]%T", one):
			w.array(uint32(kind), binary.Size(v)/binary.Size(one))
			w.put(v)
			return
		}
	}
	panic(fmt.Sprintf("gguftest: no value of type %T", v))
}
