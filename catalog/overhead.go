package catalog

import (
	"fmt"
	"io/fs"
)

const overheadsFile = "overheads/drivers.json"

// Overhead is what a process takes on a GPU beyond the runtime's own buffers,
// for one backend and perhaps one range of hardware. Of the rows that match a
// GPU the last one counts. Sizes in bytes.
type Overhead struct {
	ID      string  `json:"id"`
	Backend string  `json:"backend"`
	From    float64 `json:"from,omitempty"` // lowest compute capability; 0 = any
	To      float64 `json:"to,omitempty"`   // highest; 0 = any

	// An empty context takes Context on a device of Cores multiprocessors, and
	// on others Floor and the rest in proportion. Cores 0: the same everywhere.
	Context int64 `json:"context"`
	Floor   int64 `json:"floor,omitempty"`
	Cores   int64 `json:"cores,omitempty"`

	Modules int64 `json:"modules,omitempty"`  // kernels once they have run
	Blas    int64 `json:"blas,omitempty"`     // the matrix library with its workspace, where it is used
	PoolMin int64 `json:"pool_min,omitempty"` // the least of the scratch pool
	PoolBy  int64 `json:"pool_by,omitempty"`  // what the pool grows by; 0 = there is no pool

	// Dequantises: prompts go through the matrix library, for which the pool
	// holds the largest matrix as f16.
	Dequantises bool `json:"dequantises,omitempty"`

	Device string `json:"device,omitempty"` // what the row was measured on; empty = nothing
	Label  string `json:"label"`            // on that device; elsewhere it is an estimate
	Source string `json:"source"`
}

// loadOverheads reads the table of overheads.
func (c *Catalog) loadOverheads(fsys fs.FS) error {
	if err := decodeFile(fsys, overheadsFile, &c.Overheads); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, o := range c.Overheads {
		if o.ID == "" || seen[o.ID] || o.Backend == "" {
			return &RecordError{File: overheadsFile, Record: o.ID, Reason: "wants a name of its own and a backend"}
		}
		seen[o.ID] = true
		for _, n := range []int64{o.Context, o.Floor, o.Cores, o.Modules, o.Blas, o.PoolMin, o.PoolBy} {
			const most = 1 << 34
			if n < 0 || n > most {
				return &RecordError{File: overheadsFile, Record: o.ID, Reason: fmt.Sprintf("%d is no size of an overhead", n)}
			}
		}
		if o.Label == "" || o.Source == "" || o.Floor > o.Context {
			return &RecordError{File: overheadsFile, Record: o.ID, Reason: "wants a label, a source, and a floor below the whole"}
		}
	}
	return nil
}
