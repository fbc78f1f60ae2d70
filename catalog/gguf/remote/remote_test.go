package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"runlocal/catalog/gguf/gguftest"
)

// file is a model with a vocabulary of some megabytes, and data that no one
// should fetch.
func file(t testing.TB, extra ...gguftest.Key) []byte {
	t.Helper()
	tokens := make([]string, 200_000)
	for i := range tokens {
		tokens[i] = "token number " + strconv.Itoa(i)
	}
	h := gguftest.Header{
		Keys:    append([]gguftest.Key{{Name: "tokenizer.ggml.tokens", Value: tokens}, {Name: "general.architecture", Value: "llama"}}, extra...),
		Tensors: []gguftest.Tensor{{Name: "token_embd.weight", Type: 1, Shape: []uint64{1024, 20000}}},
	}
	return h.File()
}

const asked = "hf:owner/repo/dir/model.gguf"

func read(ctx context.Context, s *httptest.Server, reference string, o Options) (string, error) {
	r, err := Parse(reference)
	if err != nil {
		return "", err
	}
	o.Endpoint = s.URL
	f, err := Read(ctx, r, o)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s %d tensors of %d, %d missing", f.Name, f.Architecture(), len(f.Tensors), f.DataBytes(), f.Missing), nil
}

// counted counts what a handler sends.
type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n.Add(int64(n))
	return n, err
}

func TestRanges(t *testing.T) {
	b := file(t)
	var sent atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/owner/repo/resolve/main/dir/model.gguf":
			http.Redirect(w, r, "/elsewhere?signed=1", http.StatusFound)
		case "/elsewhere":
			http.ServeContent(counted{w, &sent}, r, "", time.Time{}, bytes.NewReader(b))
		default:
			t.Errorf("asked for %s", r.URL)
		}
	}))
	defer s.Close()
	var steps []int64
	got, err := read(context.Background(), s, asked, Options{Progress: func(n int64) { steps = append(steps, n) }})
	if want := "model.gguf llama 1 tensors of 40960000, 0 missing"; err != nil || got != want {
		t.Fatalf("%q, %v; want %q", got, err, want)
	}
	s.Close() // the handler counts what it sent after the reader has it
	if sent.Load() > int64(len(b))/4 || steps[len(steps)-1] != sent.Load() {
		t.Errorf("the server sent %d of %d bytes; progress said %v", sent.Load(), len(b), steps)
	}
}

func TestWithoutRanges(t *testing.T) {
	b := file(t)
	for _, length := range []bool{true, false} {
		var sent atomic.Int64
		done := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(done)
			if length {
				w.Header().Set("Content-Length", strconv.Itoa(len(b)))
			}
			for i := 0; i < len(b); i += 32 << 10 {
				if _, err := (counted{w, &sent}).Write(b[i:min(i+32<<10, len(b))]); err != nil {
					return // the reader has what it wants
				}
				w.(http.Flusher).Flush()
			}
		}))
		got, err := read(context.Background(), s, asked, Options{})
		if want := "model.gguf llama 1 tensors of 40960000, 0 missing"; err != nil || got != want {
			t.Fatalf("length %t: %q, %v; want %q", length, got, err, want)
		}
		<-done
		if sent.Load() > int64(len(b))-10<<20 {
			t.Errorf("length %t: read on through all %d bytes", length, sent.Load())
		}
		s.Close()
	}
}

func TestParts(t *testing.T) {
	part := func(no uint16, tensor string) []byte {
		h := gguftest.Header{
			Keys:    []gguftest.Key{{Name: "split.no", Value: no}, {Name: "split.count", Value: uint16(2)}, {Name: "split.tensors.count", Value: int32(2)}},
			Tensors: []gguftest.Tensor{{Name: tensor, Shape: []uint64{32}}},
		}
		if no == 0 {
			h.Keys = append(h.Keys, gguftest.Key{Name: "general.architecture", Value: "llama"})
		}
		return h.File()
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := map[string][]byte{"m-00001-of-00002.gguf": part(0, "a"), "m-00002-of-00002.gguf": part(1, "b"), "x-00001-of-00002.gguf": part(0, "a")}
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if parts[name] == nil {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(parts[name]))
	}))
	defer s.Close()
	got, err := read(context.Background(), s, "hf:o/r@v2/m-00002-of-00002.gguf", Options{})
	if want := "m-00002-of-00002.gguf llama 2 tensors of 256, 0 missing"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	_, err = read(context.Background(), s, "hf:o/r/x-00001-of-00002.gguf", Options{})
	if err == nil || !strings.Contains(err.Error(), "part 2 of 2: the server has no such file") {
		t.Errorf("a missing part: %v", err)
	}
}

func TestServersThatMisbehave(t *testing.T) {
	b := file(t)
	status := func(n int) http.HandlerFunc { return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) } }
	piece := func(header string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", header)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(body) // the reader may have gone
		}
	}
	calls := 0
	for _, x := range []struct {
		what    string
		handler http.HandlerFunc
		want    string
	}{
		{"private", status(401), "private, gated or misspelt"},
		{"gone", status(404), "no such file"},
		{"busy", status(429), "come back later"},
		{"broken", status(500), "answers 500"},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html>\x1b[2J") }, `not a GGUF file: it begins with "<!do"`},
		{"nothing", status(200), "too short"},
		{"no description of the range", piece("", b[:100]), `describes its answer as ""`},
		{"a negative size", piece("bytes 0-99/-5", b[:100]), "describes its answer as"},
		{"a size of 2^63", piece("bytes 0-99/9223372036854775808", b[:100]), "describes its answer as"},
		{"another range", piece("bytes 50-149/40000000", b[50:150]), "from 50 on, not from 0"},
		{"less than it says", piece("bytes 0-1048575/40000000", b[:100]), "stopped after 100 of 1048576 bytes"},
		{"a file that ends early", piece("bytes 0-99/100", b[:100]), "the header goes on beyond the file's end at 100 bytes"},
		{"redirects in a circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, "more than 5 redirects"},
		{"a file that changes", func(w http.ResponseWriter, r *http.Request) {
			calls++
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b[:len(b)-calls]))
		}, "the file changed while it was read"},
	} {
		s := httptest.NewServer(x.handler)
		_, err := read(context.Background(), s, asked, Options{})
		s.Close()
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %v; want one line with %q", x.what, err, x.want)
		}
	}
}

// TestEndless reads from a server that sends texts for ever, with and without
// ranges: it stops at the limit and keeps no more than a few pieces.
func TestEndless(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("moves a gigabyte through the loopback")
	}
	front := (&gguftest.Header{Keys: []gguftest.Key{{Name: "k", Value: gguftest.Raw{9, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64}}}}).Bytes()
	for _, withRanges := range []bool{true, false} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := io.MultiReader(bytes.NewReader(front), zeros{})
			if withRanges {
				var from, to int64
				if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil {
					t.Error(err)
				}
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, int64(1)<<40))
				w.WriteHeader(http.StatusPartialContent)
				if from > 0 {
					body = zeros{}
				}
				body = io.LimitReader(body, to-from+1)
			}
			_, _ = io.Copy(w, body) // the reader goes
		}))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := read(context.Background(), s, asked, Options{})
		runtime.ReadMemStats(&after)
		s.Close()
		if err == nil || !strings.Contains(err.Error(), "longer than 512 MiB") {
			t.Errorf("ranges %t: %v", withRanges, err)
		}
		if heap := after.HeapSys - min(before.HeapSys, after.HeapSys); heap > 128<<20 {
			t.Errorf("ranges %t: the heap grew by %d MiB", withRanges, heap>>20)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestSlowServer(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := read(ctx, s, asked, Options{}); err == nil || !strings.Contains(err.Error(), "took too long") {
		t.Errorf("%v does not say that it took too long", err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := read(ctx, s, asked, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestParse(t *testing.T) {
	for _, good := range []string{"hf:o/r/f.gguf", "hf:o/r@v1.0/f.gguf", "hf:o/r/a/b/F.GGUF"} {
		if r, err := Parse(good); err != nil || r.String() != good {
			t.Errorf("%s: %v, %v", good, r, err)
		}
	}
	for _, bad := range []string{"", "f.gguf", "hf:", "hf:o/r", "hf:o//f.gguf", "hf:/r/f.gguf", "hf:o/r/f.bin", "hf:o/r/../f.gguf", "hf:o/r/a//f.gguf", "hf:o/r/f.gguf?x.gguf", "hf:o/r\x1b#/f.gguf", "hf:o/r/" + strings.Repeat("a", 2000) + ".gguf"} {
		if r, err := Parse(bad); err == nil || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%q is read as %v, %v", bad, r, err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	env := func(string) string { return "http://mirror.example/base" }
	if u, err := (Options{Getenv: env}).endpoint(); err != nil || u.JoinPath("o/r").String() != "http://mirror.example/base/o/r" {
		t.Errorf("%v, %v", u, err)
	}
	if u, err := (Options{}).endpoint(); err != nil || u.Scheme != "https" {
		t.Errorf("%v, %v: the usual address is encrypted", u, err)
	}
	for _, bad := range []string{"file:///etc", "mirror.example", "://", "ftp://x"} {
		if _, err := (Options{Endpoint: bad}).endpoint(); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	c := newClient()
	from, to := httptest.NewRequest("GET", "https://a/", nil), httptest.NewRequest("GET", "http://a/", nil)
	if err := c.CheckRedirect(to, []*http.Request{from}); err == nil {
		t.Error("follows a redirect from https to http")
	}
}
