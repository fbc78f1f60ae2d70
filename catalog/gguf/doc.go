// Package gguf reads the header of a GGUF file: its keys and its table of
// tensors, never the weights. A header is enough to say what a model takes,
// exactly, because every tensor's type and shape stand in it.
//
// Headers come from strangers. What a reader keeps is bounded by the constants
// of this package whatever the header claims; a count is never trusted for an
// allocation; everything that can't be a header is an error of one line that
// says what is wrong, where, and what to do.
package gguf
