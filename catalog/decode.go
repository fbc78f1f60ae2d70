package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// RecordError says which record of which file cannot be used, and why.
type RecordError struct {
	File   string
	Record string // id, or "record 3" where the id itself cannot be read
	Reason string
}

func (e *RecordError) Error() string {
	return e.File + ": " + e.Record + ": " + e.Reason
}

// decodeStrict decodes one JSON value and refuses unknown fields and anything
// that follows the value.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return plain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end of the JSON value")
	}
	return nil
}

// plain takes the Go talk out of a JSON error.
func plain(err error) error {
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mismatch) && mismatch.Field != "":
		return fmt.Errorf("%s: a %s does not belong there", mismatch.Field, mismatch.Value)
	case errors.As(err, &mismatch):
		return fmt.Errorf("a %s does not belong there", mismatch.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON breaks off")
	default:
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
}

func decodeFile(fsys fs.FS, file string, v any) error {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if err := decodeStrict(data, v); err != nil {
		return fmt.Errorf("decode %s: %w", file, err)
	}
	return nil
}

// decodeRecords decodes an array of records in one go; only when that fails
// does it look for the record that is to blame.
func decodeRecords[T any, P record[T]](file string, data []byte) ([]P, error) {
	var records []P
	err := decodeStrict(data, &records)
	if err == nil {
		for i, r := range records {
			if r == nil {
				return nil, &RecordError{File: file, Record: recordName(nil, i), Reason: "null is no record"}
			}
		}
		return records, nil
	}
	raw, splitErr := splitRecords(data)
	if splitErr != nil {
		return nil, &RecordError{File: file, Record: "the file", Reason: splitErr.Error()}
	}
	for i, r := range raw {
		if err := decodeStrict(r, new(T)); err != nil {
			return nil, &RecordError{File: file, Record: recordName(r, i), Reason: err.Error()}
		}
	}
	return nil, &RecordError{File: file, Record: "the file", Reason: err.Error()}
}

// splitRecords cuts a file into its records: an array of them or a single one.
func splitRecords(data []byte) ([]json.RawMessage, error) {
	var raw []json.RawMessage
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) > 0 && trimmed[0] == '{' {
		var one json.RawMessage
		if err := decodeStrict(data, &one); err != nil {
			return nil, err
		}
		return append(raw, one), nil
	}
	if err := decodeStrict(data, &raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// recordName is the record's id, or its number counted from one.
func recordName(raw []byte, i int) string {
	var head struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &head) == nil && head.ID != "" {
		return head.ID
	}
	return "record " + strconv.Itoa(i+1)
}
