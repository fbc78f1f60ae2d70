package catalog

import (
	"fmt"
	"io/fs"
)

// HFArchitecture is what Transformers does its own way for one of its model
// classes: names of modules, and where the forward pass departs from the
// common form. The JSON form is the one of assets/architectures/transformers.json;
// a class without a departure needs no entry.
type HFArchitecture struct {
	ID string `json:"id"` // the class: "LlamaForCausalLM"

	Layer     string   `json:"layer,omitempty"`     // class of a layer, which accelerate does not split; "" = after the model's class
	Stem      string   `json:"stem,omitempty"`      // the inner model; "" = "model"
	Embedding string   `json:"embedding,omitempty"` // in it; "" = "embed_tokens"
	Layers    string   `json:"layers,omitempty"`    // in it; "" = "layers"
	Before    []string `json:"before,omitempty"`    // modules between embedding and layers, without parameters of weight
	After     []string `json:"after,omitempty"`     // modules after the layers; nil = norm, rotary_emb
	Head      string   `json:"head,omitempty"`      // "" = "lm_head"

	Norm        string `json:"norm,omitempty"`         // rms, gemma (all in 32 bits) or layer; "" = rms, layer where norms have a bias
	Activation  string `json:"activation,omitempty"`   // new: GELU spelled out, which keeps four copies; "" = one operation
	RoutingF32  bool   `json:"routing_f32,omitempty"`  // experts' outputs are weighed in 32 bits
	DenseMoE    bool   `json:"dense_moe,omitempty"`    // every expert sees every token
	TwoRotary   bool   `json:"two_rotary,omitempty"`   // rotary tables for layers with a window and for the others
	RotaryF32   bool   `json:"rotary_f32,omitempty"`   // positions are turned in 32 bits
	NoRotary    bool   `json:"no_rotary,omitempty"`    // no rotary tables at all
	ScaledEmbed bool   `json:"scaled_embed,omitempty"` // embeddings are scaled into a copy
	Attention   string `json:"attention,omitempty"`    // what runs where nothing is asked for; "" = sdpa

	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}

const transformersFile = "architectures/transformers.json"

func (c *Catalog) loadHFArchitectures(fsys fs.FS) error {
	var list []*HFArchitecture
	if err := decodeFile(fsys, transformersFile, &list); err != nil {
		return err
	}
	c.HFArchitectures = make(map[string]*HFArchitecture, len(list))
	for _, a := range list {
		if a.ID == "" || c.HFArchitectures[a.ID] != nil {
			return &RecordError{File: transformersFile, Record: a.ID, Reason: fmt.Sprintf("the id %q is taken or empty", a.ID)}
		}
		c.HFArchitectures[a.ID] = a
	}
	return nil
}
