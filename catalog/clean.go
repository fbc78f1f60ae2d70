package catalog

import (
	"reflect"
	"strings"
	"unicode"
)

// cleanString takes out what could command a terminal or reorder its text:
// control characters and marks of writing direction. Tabs and line ends become
// spaces, broken UTF-8 the replacement character.
func cleanString(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		default:
			return r
		}
	}, s)
}

// cleanStrings cleans every string that record, a pointer, leads to.
func cleanStrings(record any) { cleanValue(reflect.ValueOf(record)) }

func cleanValue(v reflect.Value) {
	switch v.Kind() {
	default: // numbers and truth values hold no text
	case reflect.String:
		v.SetString(cleanString(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			cleanValue(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanValue(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			cleanValue(v.Field(i))
		}
	case reflect.Map:
		cleanKeys(v)
	}
}

// cleanKeys cleans the keys of a map; its values are numbers in every record.
func cleanKeys(m reflect.Value) {
	for _, k := range m.MapKeys() {
		if s := k.String(); cleanString(s) != s {
			value := m.MapIndex(k)
			m.SetMapIndex(k, reflect.Value{})
			m.SetMapIndex(reflect.ValueOf(cleanString(s)), value)
		}
	}
}
