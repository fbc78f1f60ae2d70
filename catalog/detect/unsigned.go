//go:build (linux && cgo) || windows

package detect

import "math"

// bytesOf turns a driver's unsigned count into bytes, not known when absurd.
func bytesOf(n uint64) (int64, bool) {
	return int64(n), n <= math.MaxInt64 //nolint:gosec // the second result says when the first is no good
}
