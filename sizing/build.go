package sizing

import (
	"strings"

	"runlocal/catalog"
)

// buildOf finds an era of llama.cpp; the empty name is the newest. The error
// is a *RequestError.
func (e *Engine) buildOf(id string) (*catalog.Build, error) {
	if id == "" || id == e.builds[0].ID {
		return e.builds[0], nil
	}
	names := make([]string, len(e.builds))
	for i, b := range e.builds {
		if b.ID == id {
			return b, nil
		}
		names[i] = b.ID
	}
	return nil, refuse("runtime-build", "no build named %q; there are %s", id, strings.Join(names, ", "))
}

// Builds lists the eras of llama.cpp that Settings.Build takes, the newest
// first.
func (e *Engine) Builds() []*catalog.Build { return e.builds }

// applyBuild makes of the settings what an older build makes of them.
func (r *resolved) applyBuild() {
	if r.build.UnifiedOnly {
		r.KVUnified = true
	}
	if r.build.FullWindows {
		r.SWAFull = true
	}
}

// pad is what the build rounds a number of cells up to.
func (r *resolved) pad() int64 {
	if n := int64(r.build.PadUnfused); n > 0 && !r.flash {
		return n
	}
	return cellPad
}

// embeddings is how many inputs of embeddings the host has.
func (r *resolved) embeddings() int64 {
	if r.build.OneEmbedding {
		return 1
	}
	return 2
}

// indexBytes is what the index of a cell that a batch writes takes.
func (r *resolved) indexBytes() int64 {
	if r.build.NoIndices {
		return 0
	}
	return 8
}
