package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Pieces grow from the first to the largest, so that a small header costs
// little and a large one few requests, bytes.
const (
	firstPiece   = 1 << 20
	largestPiece = 16 << 20
	lookBack     = 1 << 20 // of a stream, kept for a reader that steps back a little

	unknown = math.MaxInt64 >> 1 // the size of a file whose server does not say
)

// ranges reads a file on a server piece by piece, forward. A server that
// gives no ranges sends the file from its beginning, of which no more is read
// than is asked for.
type ranges struct {
	ctx      context.Context //nolint:containedctx // an io.ReaderAt has no other way to be cancelled
	client   *http.Client
	address  string
	progress func(bytes int64) // bytes just fetched

	size    int64 // of the file; unknown if the server does not say
	fetched int64
	piece   []byte // the bytes at from
	from    int64
	next    int64         // size of the next piece
	stream  io.ReadCloser // the rest of the file, from a server without ranges
}

// begin asks for the first piece and returns the size of the file.
func (r *ranges) begin() (int64, error) {
	r.size, r.next = unknown, firstPiece
	err := r.fetch(0)
	if errors.Is(err, io.EOF) {
		return 0, nil // an empty file is for the reader to refuse
	}
	return r.size, err
}

func (r *ranges) close() {
	if r.stream != nil {
		_ = r.stream.Close() // nothing was written
		r.stream = nil
	}
}

// ReadAt serves from the piece at hand or gets the next one.
func (r *ranges) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		p := at + int64(n)
		if p < r.from || p >= r.from+int64(len(r.piece)) {
			if p >= r.size {
				return n, io.EOF
			}
			if err := r.move(p); err != nil {
				return n, err
			}
		}
		n += copy(b[n:], r.piece[p-r.from:])
	}
	return n, nil
}

// move makes the piece at hand one that holds the byte at p.
func (r *ranges) move(p int64) error {
	if r.stream == nil {
		return r.fetch(p)
	}
	if p < r.from {
		return errors.New("the server gives no ranges and the reader stepped back too far")
	}
	for p >= r.from+int64(len(r.piece)) {
		if err := r.readOn(); err != nil {
			return err
		}
	}
	return nil
}

// fetch asks for a piece from at on.
func (r *ranges) fetch(at int64) error {
	end := min(at+r.next, r.size)
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.address, nil)
	if err != nil {
		return fmt.Errorf("ask for the file: %w", err)
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", at, end-1))
	req.Header.Set("User-Agent", "runlocal")
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := r.client.Do(req)
	if err != nil {
		return plain(err)
	}
	switch resp.StatusCode {
	case http.StatusPartialContent:
		defer func() { _ = resp.Body.Close() }() // nothing was written
		return r.takePiece(resp, at)
	case http.StatusOK:
		return r.takeStream(resp, at)
	}
	_ = resp.Body.Close() // nothing was written
	return refused(resp.StatusCode)
}

func refused(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return errors.New("the server does not give it away without an account: the repository is private, gated or misspelt")
	case http.StatusNotFound:
		return errors.New("the server has no such file")
	case http.StatusRequestedRangeNotSatisfiable:
		return errors.New("the file is empty or shorter than its header")
	case http.StatusTooManyRequests:
		return errors.New("the server asks to come back later")
	}
	return fmt.Errorf("the server answers %d", status)
}

// plain drops the address from an error of the client: it may be signed.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("the server took too long")
	case errors.Is(err, context.Canceled):
		return context.Canceled
	}
	return fmt.Errorf("reach the server: %w", err)
}

// takePiece reads the answer to a range request, no more of it than was asked
// for.
func (r *ranges) takePiece(resp *http.Response, at int64) error {
	first, size, err := contentRange(resp.Header.Get("Content-Range"))
	switch {
	case err != nil:
		return err
	case first != at:
		return fmt.Errorf("the server sent bytes from %d on, not from %d", first, at)
	case size != r.size && r.from+int64(len(r.piece)) > 0:
		return errors.New("the file changed while it was read")
	}
	r.size = size
	want := min(r.next, size-at)
	if err := r.count(want); err != nil {
		return err
	}
	if int64(cap(r.piece)) < want {
		r.piece = make([]byte, want)
	}
	r.piece, r.from = r.piece[:want], at
	if n, err := io.ReadFull(resp.Body, r.piece); err != nil {
		r.piece = r.piece[:n]
		return fmt.Errorf("the server stopped after %d of %d bytes: %w", n, want, plain(err))
	}
	r.next = min(2*r.next, largestPiece)
	r.progress(want)
	return nil
}

// contentRange takes "bytes 0-99/1000" apart.
func contentRange(s string) (first, size int64, err error) {
	where, all, ok := strings.Cut(strings.TrimPrefix(s, "bytes "), "/")
	from, _, dash := strings.Cut(where, "-")
	first, err1 := strconv.ParseInt(from, 10, 64)
	size, err2 := strconv.ParseInt(all, 10, 64)
	if !ok || !dash || err1 != nil || err2 != nil || first < 0 || size <= first {
		return 0, 0, fmt.Errorf("the server describes its answer as %s", strconv.QuoteToGraphic(s[:min(len(s), 60)]))
	}
	return first, size, nil
}

// takeStream begins to read a whole file from a server that ignores ranges.
func (r *ranges) takeStream(resp *http.Response, at int64) error {
	if at != 0 {
		_ = resp.Body.Close() // nothing was written
		return errors.New("the server stopped giving ranges")
	}
	if resp.ContentLength > 0 {
		r.size = resp.ContentLength
	}
	r.stream, r.piece, r.from = resp.Body, r.piece[:0], 0
	return r.readOn()
}

// readOn appends to the piece at hand what the stream has next, and drops the
// beginning of a long one.
func (r *ranges) readOn() error {
	if len(r.piece) > 2*lookBack {
		drop := len(r.piece) - lookBack
		r.from += int64(drop)
		r.piece = r.piece[:copy(r.piece, r.piece[drop:])]
	}
	const step = 64 << 10
	have := len(r.piece)
	r.piece = append(r.piece, make([]byte, step)...)
	n, err := io.ReadAtLeast(r.stream, r.piece[have:], 1)
	r.piece = r.piece[:have+n]
	if n == 0 {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return fmt.Errorf("the server stopped after %d bytes: %w", r.fetched, plain(err))
	}
	r.progress(int64(n))
	return r.count(int64(n))
}

// count holds the limit on what is fetched of one file.
func (r *ranges) count(n int64) error {
	if r.fetched += n; r.fetched > maxFetched {
		return fmt.Errorf("the header is longer than %d MiB", maxFetched>>20)
	}
	return nil
}
