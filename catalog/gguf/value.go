package gguf

import (
	"math"
	"strings"
	"unicode"
)

// kind is the type of a key's value, by GGUF's number for it.
type kind uint32

const (
	kindU8 kind = iota
	kindI8
	kindU16
	kindI16
	kindU32
	kindI32
	kindF32
	kindBool
	kindText
	kindArray
	kindU64
	kindI64
	kindF64
	kinds // how many there are
)

// width is the size of a number, bytes; 0 for texts and arrays.
func (k kind) width() int {
	switch k {
	case kindU8, kindI8, kindBool:
		return 1
	case kindU16, kindI16:
		return 2
	case kindU32, kindI32, kindF32:
		return 4
	case kindU64, kindI64, kindF64:
		return 8
	default: // a text or an array
		return 0
	}
}

// Value is what a key stands for: a number, a text or an array. Of long texts
// and arrays only the length is kept; see keepText and keepList.
type Value struct {
	kind  kind // of the elements, where it is an array
	array bool
	n     uint64   // elements of an array, bytes of a text
	bits  uint64   // of a number, as it stands in the file
	list  []uint64 // the same for every element
	text  string
}

// Len is the number of an array's elements or a text's bytes, kept or not; 1
// for a number.
func (v Value) Len() int {
	if v.array || v.kind == kindText {
		return int(min(v.n, math.MaxInt32))
	}
	return 1
}

// Int is the value as a whole number; ok is false for anything else.
// Converters write some whole numbers as floats.
func (v Value) Int() (n int64, ok bool) {
	if v.array || v.kind == kindText {
		return 0, false
	}
	return v.kind.whole(v.bits)
}

// Float is the value as a finite number; ok is false for anything else.
func (v Value) Float() (x float64, ok bool) {
	if v.array || v.kind != kindF32 {
		n, ok := v.Int()
		return float64(n), ok
	}
	x = float64(math.Float32frombits(uint32(v.bits)))
	return x, !math.IsNaN(x) && !math.IsInf(x, 0)
}

// Ints are the elements of an array of whole numbers or booleans; nil for
// anything else and for arrays that were not kept.
func (v Value) Ints() []int64 {
	var list []int64
	for _, b := range v.list {
		n, ok := v.kind.whole(b)
		if !ok {
			return nil
		}
		list = append(list, n)
	}
	return list
}

// Text is the value as a text, with what could command a terminal taken out;
// "" for anything else and for texts that were not kept.
func (v Value) Text() string { return clean(v.text) }

func (k kind) whole(bits uint64) (int64, bool) {
	var f float64
	switch k {
	case kindI8:
		return int64(int8(bits)), true
	case kindI16:
		return int64(int16(bits)), true
	case kindI32:
		return int64(int32(bits)), true
	case kindF32:
		f = float64(math.Float32frombits(uint32(bits)))
	case kindF64:
		f = math.Float64frombits(bits)
	default:
		return int64(bits), bits <= math.MaxInt64 || k == kindI64
	}
	if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// clean takes control characters and marks of writing direction out.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�")))
}

// value reads the value of a key.
func (s *source) value() (Value, error) {
	k, err := s.kind()
	if err != nil {
		return Value{}, err
	}
	switch k {
	case kindArray:
		return s.array(1)
	case kindText:
		return s.text()
	default:
		bits, err := s.number(k)
		return Value{kind: k, bits: bits}, err
	}
}

func (s *source) kind() (kind, error) {
	n, err := s.u32()
	if err == nil && kind(n) >= kinds {
		err = damaged(s.where(), "a value of unknown type %d", n)
	}
	return kind(n), err
}

func (s *source) number(k kind) (uint64, error) {
	b, err := s.take(k.width())
	if err != nil {
		return 0, err
	}
	switch len(b) {
	case 1:
		return uint64(b[0]), nil
	case 2:
		return uint64(s.order.Uint16(b)), nil
	case 4:
		return uint64(s.order.Uint32(b)), nil
	}
	return s.order.Uint64(b), nil
}

func (s *source) text() (Value, error) {
	v := Value{kind: kindText}
	var err error
	if v.n, err = s.u64(); err != nil {
		return v, err
	}
	if v.n > maxString {
		return v, beyond(s.where(), "a text of %d bytes; the limit is %d MiB", v.n, maxString>>20)
	}
	if v.n > keepText {
		return v, s.skip(v.n)
	}
	if err := s.keep(int(v.n)); err != nil {
		return v, err
	}
	b, err := s.take(int(v.n))
	v.text = string(b)
	return v, err
}

// array reads an array: a short one of numbers into memory, any other without
// keeping it, and nothing of one within another.
func (s *source) array(depth int) (Value, error) {
	v := Value{array: true}
	var err error
	if v.kind, err = s.kind(); err != nil {
		return v, err
	}
	if v.n, err = s.u64(); err != nil {
		return v, err
	}
	switch {
	case v.kind == kindArray || v.kind == kindText:
		return v, s.skipElements(v, depth)
	case v.n <= keepList && depth == 1:
		return v, s.keepElements(&v)
	}
	width := uint64(v.kind.width())
	if v.n > maxHeader/width {
		return v, beyond(s.where(), "an array of %d elements, more than a header has room for", v.n)
	}
	return v, s.skip(v.n * width)
}

func (s *source) keepElements(v *Value) error {
	if err := s.room(v.n * uint64(v.kind.width())); err != nil {
		return err
	}
	if err := s.keep(int(v.n) * 8); err != nil {
		return err
	}
	v.list = make([]uint64, v.n)
	for i := range v.list {
		var err error
		if v.list[i], err = s.number(v.kind); err != nil {
			return err
		}
	}
	return nil
}

// skipElements walks over texts and arrays, which have sizes of their own.
func (s *source) skipElements(v Value, depth int) error {
	if v.kind == kindArray && depth >= maxNesting {
		return beyond(s.where(), "arrays within arrays, deeper than %d", maxNesting)
	}
	for range v.n {
		var err error
		if v.kind == kindArray {
			_, err = s.array(depth + 1)
		} else {
			err = s.passText()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *source) passText() error {
	n, err := s.u64()
	if err != nil {
		return err
	}
	if n > maxString {
		return beyond(s.where(), "a text of %d bytes; the limit is %d MiB", n, maxString>>20)
	}
	return s.skip(n)
}
