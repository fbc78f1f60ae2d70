package catalog

import "io/fs"

const architecturesFile = "architectures/llama.cpp.json"

// loadArchitectures reads what llama.cpp does its own way, by architecture.
func (c *Catalog) loadArchitectures(fsys fs.FS) error {
	var list []*Architecture
	if err := decodeFile(fsys, architecturesFile, &list); err != nil {
		return err
	}
	c.Architectures = make(map[string]*Architecture, len(list))
	for _, a := range list {
		if a.ID == "" || c.Architectures[a.ID] != nil {
			return &RecordError{File: architecturesFile, Record: a.ID, Reason: "wants a name of its own"}
		}
		c.Architectures[a.ID] = a
	}
	return nil
}
