package catalog

import (
	"fmt"
	"reflect"
	"strings"
)

// maxWidth bounds the numbers inside blocks, so that a product of two of them
// stays far from overflow.
const maxWidth = 1 << 24

// bounded refuses a negative or absurd number anywhere in the record, so that
// nothing reckoned from it overflows. Ints are widths, counts and lengths;
// int64s are parameter counts. It walks every field, which takes longer than
// all other checks together: the loader asks it of user records, a test of the
// embedded ones.
func (m *Model) bounded() error {
	if err := checkNumbers(reflect.ValueOf(m).Elem(), maxDimension, "", true); err != nil {
		return err
	}
	for i := range m.Blocks {
		if err := checkNumbers(reflect.ValueOf(&m.Blocks[i]).Elem(), maxWidth, "blocks", false); err != nil {
			return err
		}
	}
	return nil
}

func (d *Device) bounded() error {
	return checkNumbers(reflect.ValueOf(d).Elem(), maxDimension, "", false)
}

// checkNumbers walks v, except for the blocks of a model (top), which have
// limits of their own.
func checkNumbers(v reflect.Value, limit int64, field string, top bool) error {
	switch v.Kind() {
	default: // strings and truth values have no range
	case reflect.Int:
		if n := v.Int(); n < 0 || n > limit {
			return fmt.Errorf("%s: %d is out of range", field, n)
		}
	case reflect.Int64:
		if n := v.Int(); n < 0 || n > maxParams {
			return fmt.Errorf("%s: %d is out of range", field, n)
		}
	case reflect.Float64:
		if f := v.Float(); !(f >= 0 && f <= maxParams) {
			return fmt.Errorf("%s: %g is out of range", field, f)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return checkNumbers(v.Elem(), limit, field, false)
		}
	case reflect.Slice:
		return checkElements(v, limit, field)
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := checkNumbers(it.Value(), limit, field, false); err != nil {
				return err
			}
		}
	case reflect.Struct:
		return checkFields(v, limit, top)
	}
	return nil
}

func checkElements(v reflect.Value, limit int64, field string) error {
	if v.Type().Elem().Kind() == reflect.String {
		return nil
	}
	for i := range v.Len() {
		if err := checkNumbers(v.Index(i), limit, field, false); err != nil {
			return err
		}
	}
	return nil
}

func checkFields(v reflect.Value, limit int64, top bool) error {
	t := v.Type()
	for i := range v.NumField() {
		f := v.Field(i)
		if k := f.Kind(); k == reflect.String || k == reflect.Bool || top && t.Field(i).Name == "Blocks" {
			continue
		}
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if err := checkNumbers(f, limit, name, false); err != nil {
			return err
		}
	}
	return nil
}

// roughParameters counts as Parameters does, in floating point, so that no
// hostile shape overflows. Blocks must have passed checkBlocks.
func (m *Model) roughParameters() float64 {
	var n float64
	add := func(t Tensor) { n += float64(t.Cols) * float64(t.Rows) * float64(t.Depth) }
	m.EachModelTensor(nil, add)
	for _, p := range m.ExtraParams {
		n += float64(p)
	}
	return n + m.roughBlocks(m.Blocks)
}

func (m *Model) roughBlocks(blocks []Block) float64 {
	var sum float64
	for i := range blocks {
		b := &blocks[i]
		if len(b.Blocks) > 0 {
			sum += float64(b.Repeat) * m.roughBlocks(b.Blocks)
			continue
		}
		var n float64
		m.EachBlockTensor(nil, b, func(t Tensor) { n += float64(t.Cols) * float64(t.Rows) * float64(t.Depth) })
		for _, p := range b.ExtraParams {
			n += float64(p)
		}
		sum += float64(b.Count) * n
	}
	return sum
}
