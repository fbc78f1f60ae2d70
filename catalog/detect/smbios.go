package detect

import (
	"encoding/binary"
	"strings"
)

// Offsets in the SMBIOS structure "memory device" (type 17), from the DMTF's
// specification 3.7, section 7.18.
const (
	smbiosMemoryDevice = 17
	smbiosEnd          = 127

	deviceSize       = 0x0c // word: MiB, or KiB with the top bit; 0 = empty, ffff = unknown, 7fff = see deviceExtended
	deviceLocator    = 0x10 // byte: number of a string
	deviceBank       = 0x11
	deviceType       = 0x12
	deviceExtended   = 0x1c // dword: MiB
	deviceConfigured = 0x20 // word: MT/s as it runs
)

// parseSMBIOS lists the memory modules of the firmware's table. A broken table
// ends the list.
func parseSMBIOS(b []byte) []module {
	var modules []module
	for len(b) >= 4 {
		kind, length := b[0], int(b[1])
		if length < 4 || length > len(b) || kind == smbiosEnd {
			break
		}
		texts, rest := smbiosStrings(b[length:])
		if kind == smbiosMemoryDevice {
			modules = append(modules, memoryDevice(b[:length], texts))
		}
		b = rest
	}
	return modules
}

// smbiosStrings splits off the strings behind a structure: each ends with a
// zero byte, the set with one more.
func smbiosStrings(b []byte) (texts []string, rest []byte) {
	for len(b) > 0 && b[0] != 0 {
		text, after, ok := strings.Cut(string(b), "\x00")
		if !ok {
			return texts, nil
		}
		texts = append(texts, text)
		b = b[len(b)-len(after):]
	}
	if len(b) > 0 && len(texts) > 0 {
		return texts, b[1:]
	}
	return texts, b[min(2, len(b)):] // no strings: two zero bytes
}

func memoryDevice(s []byte, texts []string) module {
	var d module
	size, ok := word(s, deviceSize)
	switch {
	case !ok || size == 0 || size == 0xffff:
	case size == 0x7fff && len(s) >= deviceExtended+4:
		d.size = int64(binary.LittleEndian.Uint32(s[deviceExtended:])&0x7fffffff) << 20
	case size&0x8000 != 0:
		d.size = int64(size&0x7fff) << 10
	default:
		d.size = int64(size) << 20
	}
	if mtps, ok := word(s, deviceConfigured); ok && mtps != 0xffff {
		d.mtps = int(mtps)
	}
	d.kind = smbiosType(at(s, deviceType))
	d.locator = clean(text(texts, at(s, deviceLocator)) + " " + text(texts, at(s, deviceBank)))
	return d
}

// smbiosType names the memory types in use; others stay unnamed.
func smbiosType(code byte) string {
	switch code {
	case 0x18:
		return "DDR3"
	case 0x1a:
		return "DDR4"
	case 0x1d:
		return "LPDDR3"
	case 0x1e:
		return "LPDDR4"
	case 0x20:
		return "HBM"
	case 0x21:
		return "HBM2"
	case 0x22:
		return "DDR5"
	case 0x23:
		return "LPDDR5"
	default:
		return ""
	}
}

func word(s []byte, offset int) (uint16, bool) {
	if len(s) < offset+2 {
		return 0, false
	}
	return binary.LittleEndian.Uint16(s[offset:]), true
}

func at(s []byte, offset int) byte {
	if len(s) <= offset {
		return 0
	}
	return s[offset]
}

// text is the n-th string of a structure, counted from 1.
func text(texts []string, n byte) string {
	if n == 0 || int(n) > len(texts) {
		return ""
	}
	return texts[n-1]
}
