package gguf_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"runlocal/catalog"
	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

func read(b []byte) (*gguf.File, error) { return gguf.Read(bytes.NewReader(b), int64(len(b))) }

func small() *gguftest.Header {
	return &gguftest.Header{
		Keys: []gguftest.Key{
			{Name: "general.architecture", Value: "llama"},
			{Name: "general.file_type", Value: uint32(15)},
			{Name: "llama.block_count", Value: uint32(2)},
			{Name: "a.i8", Value: int8(-3)}, {Name: "a.i16", Value: int16(-300)}, {Name: "a.i32", Value: int32(-70000)}, {Name: "a.i64", Value: int64(-1 << 40)},
			{Name: "a.u64", Value: uint64(1 << 40)}, {Name: "a.f32", Value: float32(10)}, {Name: "a.f64", Value: 2.5}, {Name: "a.bool", Value: true},
			{Name: "a.list", Value: []int32{8192, -1}}, {Name: "a.flags", Value: []bool{true, false, true}},
			{Name: "a.long", Value: make([]uint32, 5000)},
			{Name: "a.nested", Value: gguftest.Nested{{1, 2}, {3}}},
			{Name: "tokenizer.ggml.tokens", Value: []string{"<s>", "", "\x1b[31m"}},
			{Name: "general.name", Value: "A \x1b[2Jname\u202e"},
		},
		Tensors: []gguftest.Tensor{
			{Name: "token_embd.weight", Type: 12, Shape: []uint64{256, 3}},
			{Name: "output_norm.weight", Type: 0, Shape: []uint64{256}},
			{Name: "blk.0.ffn_up_exps.weight", Type: 39, Shape: []uint64{64, 3, 2}},
		},
	}
}

func TestReadsEveryKindOfValue(t *testing.T) {
	for _, h := range []*gguftest.Header{small(), {Version: 2}, {BigEndian: true}} {
		h.Keys, h.Tensors = small().Keys, small().Tensors
		f, err := read(h.File())
		if err != nil {
			t.Fatalf("version %d, big-endian %t: %v", h.Version, h.BigEndian, err)
		}
		if f.BigEndian != h.BigEndian || f.Architecture() != "llama" || f.Quant() != "Q4_K_M" {
			t.Errorf("big-endian %t, architecture %q, quant %q", f.BigEndian, f.Architecture(), f.Quant())
		}
		for key, want := range map[string]int64{"a.i8": -3, "a.i16": -300, "a.i32": -70000, "a.i64": -1 << 40, "a.u64": 1 << 40, "a.f32": 10, "a.bool": 1} {
			if got, ok := f.Int(key); !ok || got != want {
				t.Errorf("%s = %d, %t; want %d", key, got, ok, want)
			}
		}
		for _, key := range []string{"a.f64", "a.list", "general.name", "absent"} {
			if n, ok := f.Int(key); ok {
				t.Errorf("%s = %d is no whole number", key, n)
			}
		}
		list, _ := f.Get("a.list")
		flags, _ := f.Get("a.flags")
		if fmt.Sprint(list.Ints(), flags.Ints()) != "[8192 -1] [1 0 1]" {
			t.Errorf("lists %v %v", list.Ints(), flags.Ints())
		}
		for key, want := range map[string]int{"a.long": 5000, "a.nested": 2, "tokenizer.ggml.tokens": 3} {
			if v, _ := f.Get(key); v.Len() != want || v.Ints() != nil {
				t.Errorf("%s has %d elements and keeps %v; want %d and nothing kept", key, v.Len(), v.Ints(), want)
			}
		}
		if got := f.Text("general.name"); got != "A [2Jname" {
			t.Errorf("a name that commands a terminal came through as %q", got)
		}
		if e := f.Tensor("blk.0.ffn_up_exps.weight"); e == nil || e.Bytes() != 2*3*2*17 || e.Type.String() != "MXFP4" {
			t.Errorf("experts: %+v", e)
		}
		if f.Tensor("blk.0") != nil || f.Missing != 0 || f.DataBytes() != 3*144+4*256+204 {
			t.Errorf("missing %d, data %d", f.Missing, f.DataBytes())
		}
	}
}

// TestHeaderAlone reads a header whose tensors are not there, as after a
// download that stopped.
func TestHeaderAlone(t *testing.T) {
	whole := small().File()
	header := small().Bytes()
	f, err := read(header)
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(len(whole) - len(header)); f.Missing != want {
		t.Errorf("%d bytes missing, want %d", f.Missing, want)
	}
	if f, err = read(append(whole, 0)); err != nil || f.Missing != 0 {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestTypesAgreeWithTheCatalog(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for n := range gguf.Type(64) {
		l, ok := n.Layout()
		if !ok {
			continue
		}
		seen[l.Name] = true
		if r := c.Types[l.Name]; r != nil && (int64(r.Block) != l.Block || int64(r.Bytes) != l.Bytes) {
			t.Errorf("%s: %d elements in %d bytes; the catalog has %d in %d", l.Name, l.Block, l.Bytes, r.Block, r.Bytes)
		}
	}
	for name := range c.Types {
		if !seen[name] {
			t.Errorf("no number for the catalog's type %s", name)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// bigText is the type and length of a text, the text itself left out.
func bigText(n uint64) gguftest.Raw {
	b := gguftest.Raw{8, 0, 0, 0}
	for i := range 8 {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}

func bigArray(kind byte, n uint64) gguftest.Raw {
	return append(gguftest.Raw{9, 0, 0, 0}, append(gguftest.Raw{kind}, bigText(n)[1:]...)...)
}

func TestHostileHeaders(t *testing.T) {
	tensor := func(shape ...uint64) *gguftest.Header {
		return &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Type: 0, Shape: shape}}}
	}
	key := func(v any) *gguftest.Header {
		return &gguftest.Header{Keys: []gguftest.Key{{Name: "k\x1b]0;x", Value: v}}}
	}
	for _, x := range []struct {
		what string
		h    *gguftest.Header
		want string
	}{
		{"one key more than the limit", &gguftest.Header{ClaimKeys: ptr(uint64(1<<16 + 1))}, "65537 keys"},
		{"2^63 keys", &gguftest.Header{ClaimKeys: ptr(uint64(1 << 63))}, "9223372036854775808 keys"},
		{"one tensor more than the limit", &gguftest.Header{ClaimTensors: ptr(uint64(1<<20 + 1))}, "1048577 tensors"},
		{"all the keys that may be, none there", &gguftest.Header{ClaimKeys: ptr(uint64(1 << 16))}, "a key's name: the header goes on beyond the file's end"},
		{"all the tensors that may be, none there", &gguftest.Header{ClaimTensors: ptr(uint64(1 << 20))}, "a tensor's name: the header goes on beyond the file's end"},
		{"a name one byte over the limit", &gguftest.Header{Keys: []gguftest.Key{{Name: strings.Repeat("n", 1025), Value: true}}}, "a name of 1025 bytes"},
		{"a key twice", &gguftest.Header{Keys: []gguftest.Key{{Name: "k", Value: true}, {Name: "k", Value: true}}}, `key "k": stands there twice`},
		{"a tensor twice", &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Shape: []uint64{1}}, {Name: "t", Shape: []uint64{1}}}}, `tensor "t": stands there twice`},
		{"a text one byte over the limit", key(bigText(16<<20 + 1)), `key "k\x1b]0;x": a text of 16777217 bytes`},
		{"a text of 2^63 bytes", key(bigText(1 << 63)), "a text of 9223372036854775808 bytes"},
		{"a text that is not there", key(bigText(1000)), "the header goes on beyond the file's end"},
		{"an array of 2^63 numbers", key(bigArray(10, 1<<63)), "an array of 9223372036854775808 elements"},
		{"an array that fills 2^64 bytes", key(bigArray(10, 1<<61)), "more than a header has room for"},
		{"an array of 2^63 texts", key(bigArray(8, 1<<63)), "the header goes on beyond the file's end"},
		{"an array that is not there", key(bigArray(4, 4096)), "the header goes on beyond the file's end"},
		{"arrays within arrays within arrays", key(append(bigArray(9, 1), append(bigArray(9, 1)[4:], bigArray(9, 1)[4:]...)...)), "deeper than 2"},
		{"a value of an unknown type", key(gguftest.Raw{13, 0, 0, 0}), "a value of unknown type 13"},
		{"an array of an unknown type", key(bigArray(200, 1)), "a value of unknown type 200"},
		{"five dimensions", tensor(1, 1, 1, 1, 1), `tensor "t": 5 dimensions`},
		{"a dimension of nothing", tensor(4, 0), "0 elements in dimension 2"},
		{"a dimension of 2^63", tensor(1 << 63), "elements in dimension 1"},
		{"dimensions that overflow", tensor(1<<40, 1<<40, 1<<40, 1<<40), "multiply to more than"},
		{"dimensions that overflow to zero", tensor(1<<32, 1<<32), "multiply to more than"},
		{"bytes that overflow", tensor(1<<60, 1), "multiply to more than"},
		{"a tensor type taken back", &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Type: 31, Shape: []uint64{32}}}}, "tensor type 31, which runtimes no longer read"},
		{"an unknown tensor type", &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Type: 43, Shape: []uint64{1}}}}, "unknown tensor type 43"},
		{"a tensor type of 2^32-1", &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Type: math.MaxUint32, Shape: []uint64{1}}}}, "unknown tensor type 4294967295"},
		{"a row that is no multiple of the block", &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Type: 12, Shape: []uint64{255}}}}, "a row of 255 elements"},
		{"data far away", &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Shape: []uint64{1}, At: ptr(uint64(1 << 63))}}}, "its data is said to lie at"},
		{"data out of step", &gguftest.Header{Tensors: []gguftest.Tensor{{Name: "t", Shape: []uint64{1}, At: ptr(uint64(8))}}}, "no multiple of 32"},
		{"tensors that add up to too much", &gguftest.Header{Tensors: []gguftest.Tensor{
			{Name: "t", Shape: []uint64{1 << 58}, At: ptr(uint64(0))}, {Name: "u", Shape: []uint64{1 << 58}, At: ptr(uint64(0))},
		}}, "all tensors together"},
		{"an alignment that is no power of two", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.alignment", Value: uint32(24)}}}, "a power of two"},
		{"an alignment of nothing", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.alignment", Value: uint32(0)}}}, "a power of two"},
		{"an alignment over the limit", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.alignment", Value: uint32(1 << 21)}}}, "a power of two"},
		{"an alignment in words", &gguftest.Header{Keys: []gguftest.Key{{Name: "general.alignment", Value: "32"}}}, "a power of two"},
		{"version 1", &gguftest.Header{Version: 1}, "GGUF version 1"},
		{"version 4", &gguftest.Header{Version: 4}, "GGUF version 4"},
		{"version 0", &gguftest.Header{Version: math.MaxUint32}, "GGUF version"},
	} {
		b := x.h.Bytes()
		var err error
		if got := allocated(func() { _, err = read(b) }); got > 1<<20 {
			t.Errorf("%s: %d bytes of header took %d bytes of memory", x.what, len(b), got)
		}
		checkError(t, x.what, err, x.want)
	}
}

// allocated is what f takes from the heap in all, bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// checkError wants a *FormatError of one line without control characters that
// contains want.
func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	var bad *gguf.FormatError
	if !errors.As(err, &bad) {
		t.Errorf("%s: %v is no format error", what, err)
		return
	}
	if s := err.Error(); !strings.Contains(s, want) || strings.ContainsAny(s, "\x1b\n\r\x00") || len(s) > 400 {
		t.Errorf("%s: %q, want one line with %q", what, s, want)
	}
}

func TestNoGGUF(t *testing.T) {
	for what, b := range map[string]string{
		"empty": "", "three bytes": "GGU", "a zip": "PK\x03\x04 and more of it", "older": "ggjt\x03\x00\x00\x00", "a page": "<html><body>404</body></html>",
	} {
		_, err := read([]byte(b))
		checkError(t, what, err, "not a GGUF file")
	}
}

// TestTruncated cuts a right header after every byte.
func TestTruncated(t *testing.T) {
	b := small().Bytes()
	for n := range b {
		if _, err := read(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes of a header are read as a whole one", n, len(b))
		}
	}
	_, err := gguf.Read(bytes.NewReader(b[:len(b)-9]), int64(len(b)))
	checkError(t, "a file that shrinks", err, "the file ended at")
}

// BenchmarkRead reads a header with a vocabulary of today's size.
func BenchmarkRead(b *testing.B) {
	h := small()
	tokens := make([]string, 150_000)
	for i := range tokens {
		tokens[i] = fmt.Sprintf("token%d", i)
	}
	h.Keys = append(h.Keys, gguftest.Key{Name: "tokens", Value: tokens}, gguftest.Key{Name: "merges", Value: tokens}, gguftest.Key{Name: "types", Value: make([]int32, len(tokens))})
	data := h.File()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read(data); err != nil {
			b.Fatal(err)
		}
	}
}

// TestReadFails passes on what the disk says.
func TestReadFails(t *testing.T) {
	broken := errors.New("input/output error")
	_, err := gguf.Read(readerAt(func([]byte, int64) (int, error) { return 0, broken }), 100)
	if !errors.Is(err, broken) {
		t.Errorf("%v does not say why", err)
	}
}

type readerAt func([]byte, int64) (int, error)

func (f readerAt) ReadAt(b []byte, at int64) (int, error) { return f(b, at) }
