package gguf_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"runlocal/catalog/gguf"
	"runlocal/catalog/gguf/gguftest"
)

// TestMemoryAtTheLimits reads headers as large as they may be, made up on the
// fly: what is kept stays far below what is read.
func TestMemoryAtTheLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("walks through half a gigabyte")
	}
	front := (&gguftest.Header{Keys: []gguftest.Key{{Name: "tokens", Value: bigArray(8, 1<<30)}}}).Bytes()
	zeros := readerAt(func(b []byte, at int64) (int, error) { // endless empty texts
		clear(b)
		if at < int64(len(front)) {
			copy(b, front[at:])
		}
		return len(b), nil
	})
	var err error
	if got := allocated(func() { _, err = gguf.Read(zeros, 1<<40) }); got > 1<<20 {
		t.Errorf("a header of 512 MiB of texts took %d bytes of memory", got)
	}
	checkError(t, "a header without end", err, "longer than 512 MiB")

	var names bytes.Buffer
	head := (&gguftest.Header{ClaimTensors: ptr(uint64(1 << 20))}).Bytes()
	names.Write(head)
	row := (&gguftest.Header{Tensors: []gguftest.Tensor{{Name: "12345678901234567890123456789012345678901234567890123456789012345", Shape: []uint64{1}}}}).Bytes()[len(head):]
	for range 1 << 20 {
		names.Write(row)
	}
	if got := allocated(func() { _, err = read(names.Bytes()) }); got > 512<<20 {
		t.Errorf("a million tensors with long names took %d MiB of memory", got>>20)
	}
	checkError(t, "names that fill memory", err, "names and values of more than 64 MiB")
}

func FuzzRead(f *testing.F) {
	for _, h := range []*gguftest.Header{small(), {Version: 2}, {BigEndian: true}, {ClaimKeys: ptr(uint64(1 << 63))}} {
		if h.ClaimKeys == nil {
			h.Keys, h.Tensors = small().Keys, small().Tensors
		}
		f.Add(h.Bytes())
	}
	f.Add(bytes.TrimRight(small().Bytes(), "\x00"))
	f.Add((&gguftest.Header{Keys: []gguftest.Key{{Name: "k", Value: bigArray(9, 3)}}}).Bytes())
	f.Add((&gguftest.Header{Keys: []gguftest.Key{{Name: "split.count", Value: uint16(2)}, {Name: "split.no", Value: uint16(1)}}}).Bytes())
	for _, m := range modelSeeds(f) {
		f.Add(m)
	}
	c := theCatalog(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := read(b)
		if err != nil {
			if s := err.Error(); strings.ContainsAny(s, "\n\x1b\x00") || len(s) > 400 || errors.Is(err, io.EOF) {
				t.Errorf("error %q", s)
			}
			return
		}
		if file.Header > int64(len(b)) || file.DataBytes() < 0 || file.Missing < 0 {
			t.Errorf("header of %d in %d bytes, %d of data, %d missing", file.Header, len(b), file.DataBytes(), file.Missing)
		}
		checkDescription(t, file, c)
	})
}
