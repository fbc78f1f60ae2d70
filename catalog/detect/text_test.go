package detect

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"NVIDIA GeForce RTX 4090\n":     "NVIDIA GeForce RTX 4090",
		"a\x1b[31mred\x1b[0m":           "a[31mred[0m",
		"left\u202eright\u2066":         "leftright",
		"  two \t\r\n words  ":          "two words",
		"broken \xff\xfe utf":           "broken utf",
		"\x00":                          "",
		"Grafikkarte für Größe, 显卡":     "Grafikkarte für Größe, 显卡",
		strings.Repeat("long ", 100):    strings.TrimSpace(strings.Repeat("long ", 40)),
		strings.Repeat("x", 1<<16):      strings.Repeat("x", longestText),
		"GPU\u200bwith\u00a0odd spaces": "GPUwith odd spaces",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%.40q) = %q, want %q", in, got, want)
		}
	}
}

func TestWhole(t *testing.T) {
	for in, want := range map[string]int64{"0": 0, " 42\n": 42, "0x10DE": 0x10de, "0X1f": 31, "9223372036854775807": 1<<63 - 1} {
		if got, ok := whole(in); !ok || got != want {
			t.Errorf("whole(%q) = %d, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "-1", "max", "1.5", "9223372036854775808", "0x", "1 2", "٣"} {
		if got, ok := whole(in); ok {
			t.Errorf("whole(%q) = %d, want not a number", in, got)
		}
	}
}

func TestCountRecords(t *testing.T) {
	core := []byte{0, 0, 0, 0, 12, 0, 0, 0, 1, 2, 3, 4}
	for name, tt := range map[string]struct {
		b    []byte
		want int
	}{
		"two": {append(append([]byte{}, core...), core...), 2}, "none": {nil, 0}, "cut off": {core[:10], 0},
		"no length": {make([]byte, 64), 0},
	} {
		if got := countRecords(tt.b); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}
