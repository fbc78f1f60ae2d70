// Package vllm sizes models for vLLM: what each GPU holds of the weights, the
// activations of the profile run, what is left for the cache, its blocks, and
// so the very lines that vLLM prints at start. It may import sizing, its
// package shard, units and catalog.
//
// The rules were read in vLLM's sources from 0.6 to 0.33 and are kept by era
// in assets/runtimes/vllm.json; the newest one counts where none is asked for.
package vllm
