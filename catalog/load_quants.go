package catalog

import (
	"errors"
	"fmt"
	"io/fs"
)

const (
	typesFile = "quants/types.json"
	mixesFile = "quants/mixes.json"
)

// loadQuants reads the number formats and the file types made of them, and
// refuses a mix that names a format nobody described.
func (c *Catalog) loadQuants(fsys fs.FS) error {
	var types []*TensorType
	if err := errors.Join(decodeFile(fsys, typesFile, &types), decodeFile(fsys, mixesFile, &c.Quants)); err != nil {
		return err
	}
	c.Types = make(map[string]*TensorType, len(types))
	for _, t := range types {
		if t.Name == "" || t.Block < 1 || t.Bytes < 1 || c.Types[t.Name] != nil {
			return &RecordError{File: typesFile, Record: t.Name, Reason: "wants a name of its own, a block and its bytes"}
		}
		c.Types[t.Name] = t
	}
	for _, t := range types {
		if t.Fallback != "" && c.Types[t.Fallback] == nil {
			return &RecordError{File: typesFile, Record: t.Name, Reason: fmt.Sprintf("falls back to unknown type %q", t.Fallback)}
		}
	}
	seen := make(map[string]bool, len(c.Quants))
	for _, q := range c.Quants {
		if err := c.checkQuant(q, seen[q.ID]); err != nil {
			return &RecordError{File: mixesFile, Record: q.ID, Reason: err.Error()}
		}
		seen[q.ID] = true
	}
	return nil
}

func (c *Catalog) checkQuant(q *Quant, seen bool) error {
	if q.ID == "" || seen {
		return errors.New("wants an id of its own")
	}
	if c.Types[q.Default] == nil {
		return fmt.Errorf("unknown default type %q", q.Default)
	}
	for i, r := range q.Rules {
		if c.Types[r.Type] == nil {
			return fmt.Errorf("rule %d: unknown type %q", i+1, r.Type)
		}
	}
	return nil
}
