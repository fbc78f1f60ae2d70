package gguf

import (
	"encoding/binary"
	"io"
	"math/bits"
	"slices"
	"strconv"
)

// Read reads the header of one file of size bytes, which may end anywhere
// behind its header. Where the model is split over several files, it is the
// header of this one; Open joins them. The error is a *FormatError unless r
// failed.
func Read(r io.ReaderAt, size int64) (*File, error) {
	s := &source{r: r, size: max(0, size), order: binary.LittleEndian}
	f := &File{Parts: 1, Size: s.size, keys: map[string]Value{}}
	nTensors, nKeys, err := s.preamble(f)
	if err != nil {
		return nil, err
	}
	if err := s.readKeys(f, nKeys); err != nil {
		return nil, err
	}
	if err := s.readTensors(f, nTensors); err != nil {
		return nil, err
	}
	if err := f.index(); err != nil {
		return nil, err
	}
	align, err := f.alignment()
	if err != nil {
		return nil, err
	}
	f.Header = s.at
	return f, f.checkData(align)
}

// preamble reads what stands before the keys. The byte order is not stated: a
// version that is a multiple of 2^16 was written in the other one.
func (s *source) preamble(f *File) (tensors, keys uint64, err error) {
	if s.size < 4 {
		return 0, 0, &FormatError{What: "not a GGUF file: it is too short for one"}
	}
	magic, err := s.take(4)
	if err != nil {
		return 0, 0, err
	}
	if string(magic) != "GGUF" {
		return 0, 0, &FormatError{What: "not a GGUF file: it begins with " + quoted(string(magic))}
	}
	version, err := s.u32()
	if err != nil {
		return 0, 0, err
	}
	if version&0xffff == 0 {
		s.order, f.BigEndian = binary.BigEndian, true
		version = bits.ReverseBytes32(version)
	}
	switch f.Version = int(version); {
	case version == 1:
		return 0, 0, &FormatError{What: "GGUF version 1, which runtimes no longer read", Do: convert}
	case version != 2 && version != 3:
		return 0, 0, damaged("", "GGUF version %d; 2 and 3 are known", version)
	}
	if tensors, err = s.u64(); err != nil {
		return 0, 0, err
	}
	if keys, err = s.u64(); err != nil {
		return 0, 0, err
	}
	switch {
	case tensors > maxTensors:
		return 0, 0, beyond("", "%d tensors; the limit is %d", tensors, maxTensors)
	case keys > maxKeys:
		return 0, 0, beyond("", "%d keys; the limit is %d", keys, maxKeys)
	}
	return tensors, keys, nil
}

func (s *source) readKeys(f *File, n uint64) error {
	for range n {
		s.place, s.named = "a key's name", ""
		name, err := s.name()
		if err != nil {
			return err
		}
		s.place, s.named = "key", name
		if _, twice := f.keys[name]; twice {
			return damaged(s.where(), "stands there twice")
		}
		v, err := s.value()
		if err != nil {
			return err
		}
		f.keys[name] = v
	}
	return nil
}

func (s *source) readTensors(f *File, n uint64) error {
	for range n {
		s.place, s.named = "a tensor's name", ""
		name, err := s.name()
		if err != nil {
			return err
		}
		s.place, s.named = "tensor", name
		t, err := s.tensor(name)
		if err != nil {
			return err
		}
		if len(f.Tensors) == cap(f.Tensors) {
			f.Tensors = slices.Grow(f.Tensors, max(64, len(f.Tensors))) // by what is there, never by what is claimed
		}
		f.Tensors = append(f.Tensors, t)
	}
	return nil
}

func (s *source) tensor(name string) (Tensor, error) {
	t := Tensor{Name: name, Shape: [4]int64{1, 1, 1, 1}}
	dims, err := s.u32()
	if err != nil {
		return t, err
	}
	if dims > maxDims {
		return t, damaged(s.where(), "%d dimensions; the limit is %d", dims, maxDims)
	}
	t.Dims = int(dims)
	for i := range t.Dims {
		n, err := s.u64()
		if err != nil {
			return t, err
		}
		if n == 0 || n > maxBytes {
			return t, damaged(s.where(), "%d elements in dimension %d", n, i+1)
		}
		t.Shape[i] = int64(n)
	}
	typ, err := s.u32()
	if err != nil {
		return t, err
	}
	t.Type = Type(typ)
	if err := s.checkShape(&t); err != nil {
		return t, err
	}
	offset, err := s.u64()
	if err == nil && offset > maxBytes {
		err = damaged(s.where(), "its data is said to lie at byte %d", offset)
	}
	t.Offset = int64(offset)
	return t, err
}

// checkShape refuses a type that nobody knows and a size that overflows.
func (s *source) checkShape(t *Tensor) error {
	l, ok := t.Type.Layout()
	switch {
	case t.Type.takenBack():
		return &FormatError{Where: s.where(), What: "tensor type " + strconv.Itoa(int(t.Type)) + ", which runtimes no longer read", Do: convert}
	case !ok:
		return &FormatError{Where: s.where(), What: "unknown tensor type " + strconv.Itoa(int(t.Type)), Do: "the file is damaged, or newer than this program"}
	}
	if t.Shape[0]%l.Block != 0 {
		return damaged(s.where(), "a row of %d elements, which the %d of a %s block do not divide", t.Shape[0], l.Block, l.Name)
	}
	n, ok := uint64(1), true
	for _, d := range t.Shape {
		high, low := bits.Mul64(n, uint64(d))
		n, ok = low, ok && high == 0 && low <= maxBytes
	}
	if !ok || n/uint64(l.Block) > maxBytes/uint64(l.Bytes) {
		return damaged(s.where(), "its dimensions multiply to more than %d bytes", uint64(maxBytes))
	}
	return nil
}

// alignment is what the file aligns its tensors to, bytes.
func (f *File) alignment() (int64, error) {
	const key, usual = "general.alignment", 32
	if _, ok := f.keys[key]; !ok {
		return usual, nil
	}
	n, ok := f.Int(key)
	if !ok || n < 1 || n > maxAlign || n&(n-1) != 0 {
		return 0, damaged(keyName(key), "want a power of two, at most %d", maxAlign)
	}
	return n, nil
}

// checkData finds where the tensors' data ends, and how much of it the file
// lacks.
func (f *File) checkData(align int64) error {
	end, sum := int64(0), int64(0)
	for i := range f.Tensors {
		t := &f.Tensors[i]
		if t.Offset%align != 0 {
			return damaged(tensorName(t.Name), "its data lies at byte %d, no multiple of %d", t.Offset, align)
		}
		end = max(end, t.Offset+t.Bytes())
		if sum += t.Bytes(); sum > maxBytes {
			return damaged("", "all tensors together have more than %d bytes", int64(maxBytes))
		}
	}
	start := (f.Header + align - 1) / align * align
	if len(f.Tensors) > 0 {
		f.Missing = max(0, start+end-f.Size)
	}
	return nil
}
