// Package remote reads the header of a GGUF file that lies on a server, a few
// megabytes of many gigabytes, by asking for ranges of it. It goes to the
// network when it is called and at no other time.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"runlocal/catalog/gguf"
)

// defaultEndpoint is where hf: names live unless HF_ENDPOINT says otherwise.
const defaultEndpoint = "https://huggingface.co"

// Limits on what a server can make this program do.
const (
	maxFetched   = 512 << 20        // bytes of one header
	maxRedirects = 5                // of one request
	maxReference = 1 << 10          // bytes of a name
	wholeTime    = 10 * time.Minute // for all parts of a model
	requestTime  = 2 * time.Minute  // for one range
)

// Scheme is what a reference to a file begins with.
const Scheme = "hf:"

// Reference names a file in a repository.
type Reference struct {
	Repo     string // owner/name
	Revision string // branch, tag or commit
	File     string // path within the repository
}

// Parse reads "hf:owner/repo/file.gguf", with "@revision" after the
// repository where it is not the main branch.
func Parse(s string) (Reference, error) {
	bad := func(why string) (Reference, error) {
		return Reference{}, fmt.Errorf("%s: %s; want hf:OWNER/REPO/FILE.gguf", strconv.QuoteToGraphic(s[:min(len(s), 100)]), why)
	}
	rest, ok := strings.CutPrefix(s, Scheme)
	parts := strings.SplitN(rest, "/", 3)
	switch {
	case !ok:
		return bad("it does not begin with hf:")
	case len(s) > maxReference:
		return bad("the name is too long")
	case len(parts) < 3 || parts[0] == "" || parts[1] == "":
		return bad("owner, repository and file are not all there")
	case !strings.HasSuffix(strings.ToLower(parts[2]), ".gguf"):
		return bad("the file's name does not end in .gguf")
	case path.Clean("/"+parts[2]) != "/"+parts[2] || strings.ContainsAny(rest, "?#\\"):
		return bad("the path is not plain")
	}
	repo, revision, _ := strings.Cut(parts[1], "@")
	if revision == "" {
		revision = "main"
	}
	return Reference{Repo: parts[0] + "/" + repo, Revision: revision, File: parts[2]}, nil
}

// String writes the reference as Parse reads it.
func (r Reference) String() string {
	if r.Revision == "main" {
		return Scheme + r.Repo + "/" + r.File
	}
	return Scheme + r.Repo + "@" + r.Revision + "/" + r.File
}

// Options change how a header is fetched. The zero value is what a person
// wants.
type Options struct {
	Endpoint string              // base URL; "" = the value of HF_ENDPOINT, or the usual one
	Getenv   func(string) string // nil: no environment
	Progress func(bytes int64)   // called after each piece with what was fetched so far, all parts together
	Client   *http.Client        // nil: one with the limits of this package
}

// Read fetches the header of the file, and of all parts where the name is
// that of a part.
func Read(ctx context.Context, r Reference, o Options) (*gguf.File, error) {
	base, err := o.endpoint()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	client := o.Client
	if client == nil {
		client = newClient()
	}
	count, name := 1, func(int) string { return r.File }
	dir, file := path.Split(r.File)
	if stem, _, n, ok := gguf.SplitName(file); ok {
		count, name = n, func(no int) string { return fmt.Sprintf("%s%s-%05d-of-%05d.gguf", dir, stem, no, n) }
	}
	var fetched int64
	var open []*ranges
	f, err := gguf.ReadParts(count, func(no int) (io.ReaderAt, int64, error) {
		for _, x := range open {
			x.close()
		}
		x := &ranges{ctx: ctx, client: client, address: base.JoinPath(r.Repo, "resolve", r.Revision, name(no)).String(), progress: func(n int64) {
			fetched += n
			if o.Progress != nil {
				o.Progress(fetched)
			}
		}}
		open = append(open[:0], x)
		size, err := x.begin()
		return x, size, err
	})
	for _, x := range open {
		x.close()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	if f.Size >= unknown {
		f.Size = 0
	}
	f.Name = path.Base(r.File)
	return f, nil
}

func (o Options) endpoint() (*url.URL, error) {
	base := o.Endpoint
	if base == "" && o.Getenv != nil {
		base = o.Getenv("HF_ENDPOINT")
	}
	if base == "" {
		base = defaultEndpoint
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("HF_ENDPOINT %s is no address of a server", strconv.QuoteToGraphic(base))
	}
	return u, nil
}

// newClient follows a few redirects and none from an encrypted address to a
// plain one.
func newClient() *http.Client {
	return &http.Client{
		Timeout: requestTime,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
				return errors.New("redirected from https to " + strconv.Quote(req.URL.Scheme))
			}
			return nil
		},
	}
}
