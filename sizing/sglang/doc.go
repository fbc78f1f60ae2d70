// Package sglang sizes models for SGLang: the share of each card that weights
// and cache may take together (mem-fraction-static), how the server chooses it,
// the tokens that it holds, and the lines that it prints at start. It may
// import sizing, its package shard, units and catalog.
//
// The rules were read in SGLang's server_args.py and model_runner.py of 0.5.
package sglang
