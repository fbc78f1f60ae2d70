package detect

import "encoding/binary"

// countRecords counts the records in what GetLogicalProcessorInformationEx of
// the Windows API writes: each has its kind and its own length in front, 32 bits
// each.
func countRecords(b []byte) int {
	n := 0
	for len(b) >= 8 {
		length := binary.LittleEndian.Uint32(b[4:])
		if length < 8 || uint64(length) > uint64(len(b)) {
			break
		}
		n++
		b = b[length:]
	}
	return n
}
