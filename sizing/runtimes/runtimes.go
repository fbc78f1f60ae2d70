// Package runtimes lists the runtimes that the engine sizes beside llama.cpp.
// A new one is a folder below sizing and a line here.
package runtimes

import (
	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/sglang"
	"runlocal/sizing/torch"
	"runlocal/sizing/vllm"
)

// All makes every runtime, in the order in which they are offered. The
// catalog gives them their tables.
func All(c *catalog.Catalog) []sizing.Runtime {
	return []sizing.Runtime{torch.New(c), vllm.New(c), sglang.New(c)}
}
