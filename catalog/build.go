package catalog

import (
	"fmt"
	"io/fs"
)

const buildsFile = "runtimes/llama.cpp.json"

// Build is an era of llama.cpp: releases that share their rules of memory.
// The rules are departures from the newest era's, which has none.
type Build struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Since string `json:"since"` // year-month
	Until string `json:"until"` // empty: the newest

	LogitsWholeBatch bool `json:"logits_whole_batch,omitempty"` // rows of logits are reserved for the physical batch, whoever asks
	F32Masks         bool `json:"f32_masks,omitempty"`          // masks are f32, with flash attention cast to f16 on the device
	NoCacheCopy      bool `json:"no_cache_copy,omitempty"`      // f16 copies of a cache of another type are no part of the compute buffer
	NoRotation       bool `json:"no_rotation,omitempty"`        // quantised caches are stored as they are
	NoIndices        bool `json:"no_indices,omitempty"`         // cells are written in one piece, without an input of indices
	OneEmbedding     bool `json:"one_embedding,omitempty"`      // one input of embeddings on the host, not two
	UnifiedOnly      bool `json:"unified_only,omitempty"`       // one cache for all sequences
	FullWindows      bool `json:"full_windows,omitempty"`       // layers with a window keep the whole context
	PadUnfused       int  `json:"pad_unfused,omitempty"`        // cells are rounded up to this without flash attention; 0 = to 256 as with it

	Label  string `json:"label"` // how well the era's figures are known
	Source string `json:"source"`
}

// loadBuilds reads llama.cpp's eras, the newest first.
func (c *Catalog) loadBuilds(fsys fs.FS) error {
	if err := decodeFile(fsys, buildsFile, &c.Builds); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, b := range c.Builds {
		switch {
		case b.ID == "" || seen[b.ID]:
			return &RecordError{File: buildsFile, Record: b.ID, Reason: "wants a name of its own"}
		case b.Title == "" || b.Source == "" || b.Label == "":
			return &RecordError{File: buildsFile, Record: b.ID, Reason: "wants a title, a label and a source"}
		case (i == 0) != (b.Until == ""):
			return &RecordError{File: buildsFile, Record: b.ID, Reason: "only the first one is the newest and has no end"}
		case b.PadUnfused < 0 || b.PadUnfused > 256:
			return &RecordError{File: buildsFile, Record: b.ID, Reason: fmt.Sprintf("pads cells to %d", b.PadUnfused)}
		}
		seen[b.ID] = true
	}
	if len(c.Builds) == 0 {
		return &RecordError{File: buildsFile, Reason: "wants at least the newest era"}
	}
	return nil
}
