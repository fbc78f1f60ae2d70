// Package detect finds out what this machine is: its GPUs, their memory and
// what already uses it, and the host around them. Each GPU is tied to its
// catalog record.
//
// Every way of asking (NVML, nvidia-smi, sysfs, system_profiler, procfs) is a
// source of its own, runs on its own goroutine and has a time limit. A source
// that fails or hangs delays nothing and is reported in [Report.Sources] with
// its state and, where there is one, the way to mend it.
//
// What a driver does not tell stays unknown: such fields are nil (or zero
// where zero is no possible value), never a made-up number.
//
// One leak cannot be avoided: a call into the NVIDIA library that never
// returns keeps its goroutine and its thread, because C code cannot be
// stopped from outside. Later calls wait for that one up to their own limit
// instead of starting another, so there is one such goroutine at most. Reads
// of sysfs that hang in the kernel behave alike.
//
// The package imports catalog and nothing else of runlocal.
package detect
