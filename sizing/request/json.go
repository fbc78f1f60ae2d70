package request

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads a request line: one object with Keys. Unknown keys, keys
// given twice, values of another type and anything after the object are
// refused. null leaves a key unanswered.
func ParseJSON(line []byte) (*Request, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("the line is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New(`want one JSON object, such as {"model":"llama-3.1-8b"}`)
	}
	r := &Request{values: make(map[string][]string)}
	for dec.More() {
		if err := r.readPair(dec); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object; want one object a line")
	}
	return r, nil
}

func notJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON: the object is not closed")
	}
	return fmt.Errorf("not JSON: %s", clip(strings.TrimPrefix(err.Error(), "json: ")))
}

// readPair reads one key and its value.
func (r *Request) readPair(dec *json.Decoder) error {
	t, err := dec.Token()
	if err != nil {
		return notJSON(err)
	}
	name, _ := t.(string)
	key, err := findKey(name)
	if err != nil {
		return err
	}
	if _, twice := r.values[name]; twice {
		return fmt.Errorf("key %q is given twice", name)
	}
	var v any
	if err := dec.Decode(&v); err != nil {
		return notJSON(err)
	}
	if v == nil {
		return nil
	}
	values, ok := texts(key.Kind, v)
	if !ok {
		return fmt.Errorf("%s: want %s", name, wanted(key.Kind))
	}
	r.values[name] = values
	return nil
}

// texts turns a JSON value into the text that the command line would have.
func texts(k Kind, v any) ([]string, bool) {
	if array, ok := v.([]any); ok {
		return arrayTexts(k, array)
	}
	switch v := v.(type) {
	case string:
		return []string{v}, k == Text || k == TextOrWhole || k == List || k == Numbers
	case json.Number:
		isWhole := !strings.ContainsAny(v.String(), ".eE")
		return []string{v.String()}, k == Real || isWhole && (k == Whole || k == TextOrWhole)
	case bool:
		return []string{fmt.Sprint(v)}, k == Switch
	}
	return nil, false
}

func arrayTexts(k Kind, array []any) ([]string, bool) {
	list := make([]string, 0, len(array))
	for _, v := range array {
		switch v := v.(type) {
		case string:
			if k != List {
				return nil, false
			}
			list = append(list, v)
		case json.Number:
			if k != Numbers {
				return nil, false
			}
			list = append(list, v.String())
		default:
			return nil, false
		}
	}
	if k == Numbers {
		return []string{strings.Join(list, ",")}, len(list) > 0
	}
	return list, k == List
}

func wanted(k Kind) string {
	switch k {
	case Text:
		return "a text"
	case Whole:
		return "a whole number"
	case Real:
		return "a number"
	case Switch:
		return "true or false"
	case TextOrWhole:
		return "a whole number or a text"
	case List:
		return "a text or an array of texts"
	case Numbers:
		return "a text or an array of numbers"
	}
	return "another type"
}
