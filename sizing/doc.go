// Package sizing is the engine: from a model, settings and a rig it computes
// what a runtime will allocate on each device, whether that fits, how fast it
// will run, and how each figure came about.
//
// Its functions are pure. They open no file, read no clock and keep no global
// state; the only thing that an Engine remembers is what it derived from a
// model once, so that the next estimate costs microseconds. The package may
// import package catalog and nothing else of runlocal.
//
// All sizes are integer bytes. GiB is 2^30 bytes, GB is 10^9 bytes.
package sizing
