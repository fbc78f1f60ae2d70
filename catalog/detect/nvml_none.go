//go:build !(linux && cgo)

package detect

// builtInNVIDIA is nil where NVML cannot be called: its bindings need cgo and
// Linux. nvidia-smi answers instead.
func builtInNVIDIA() Driver { return nil }
