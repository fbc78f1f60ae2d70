package detect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// DefaultLimit is how long one source may take.
const DefaultLimit = 2 * time.Second

// largestRead bounds a file or a command's output, bytes.
const largestRead = 4 << 20

// Options says how to look at the machine. The zero value looks at the real
// one; the fields are there so that any machine can be put in its place.
type Options struct {
	Root    string                  // where /proc, /sys and /dev are; "" = the real ones
	GOOS    string                  // "" = runtime.GOOS
	Limit   time.Duration           // for one source; 0 = DefaultLimit
	NVIDIA  func() Driver           // nil = NVML where it is built in; may return nil: no such library
	Command CommandFunc             // nil = run the program
	Getenv  func(string) string     // nil = os.Getenv
	Access  func(path string) error // may the user open this device file; nil = try
}

// CommandFunc runs a program and returns its standard output. A program that
// is not installed gives an error that wraps exec.ErrNotFound.
type CommandFunc func(ctx context.Context, name string, args ...string) ([]byte, error)

// Driver is a library that knows a vendor's GPUs. Calls may block for long;
// the caller bounds them by the context as far as the library allows.
type Driver interface {
	Name() string
	GPUs(ctx context.Context) ([]GPU, error)
	Live(ctx context.Context) ([]Live, error) // in the order of GPUs
	Close() error
}

// machine is Options with every default filled in.
type machine struct{ Options }

func newMachine(o Options) *machine {
	if o.GOOS == "" {
		o.GOOS = runtime.GOOS
	}
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	if o.NVIDIA == nil {
		o.NVIDIA = builtInNVIDIA
	}
	if o.Command == nil {
		o.Command = runProgram
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	m := &machine{o}
	if m.Access == nil {
		m.Access = m.open
	}
	return m
}

func (m *machine) path(p string) string {
	if m.Root == "" {
		return p
	}
	return filepath.Join(m.Root, p)
}

// read returns a file below the root, at most largestRead bytes of it.
func (m *machine) read(p string) ([]byte, error) {
	f, err := os.Open(m.path(p))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from: nothing can be lost
	return io.ReadAll(io.LimitReader(f, largestRead))
}

// text is a small file's trimmed text, "" when it cannot be read.
func (m *machine) text(p string) string {
	b, err := m.read(p)
	if err != nil {
		return ""
	}
	return clean(string(b))
}

// number is a file that holds one whole number.
func (m *machine) number(p string) (int64, bool) {
	b, err := m.read(p)
	if err != nil {
		return 0, false
	}
	return whole(string(bytes.Trim(b, "\x00 \n\t")))
}

func (m *machine) exists(p string) bool {
	_, err := os.Stat(m.path(p))
	return err == nil
}

// glob lists paths below the root, without the root, in lexical order.
func (m *machine) glob(pattern string) []string {
	found, err := filepath.Glob(m.path(pattern))
	if err != nil {
		return nil
	}
	if m.Root != "" {
		for i := range found {
			found[i] = "/" + strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(found[i], filepath.Clean(m.Root))), "/")
		}
	}
	return found
}

// open tries a device file as a runtime would.
func (m *machine) open(p string) error {
	f, err := os.OpenFile(m.path(p), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// denied tells whether the file is there but not for this user.
func (m *machine) denied(p string) bool {
	return m.exists(p) && errors.Is(m.Access(p), fs.ErrPermission)
}

// runProgram is the real CommandFunc. It stops waiting soon after the context
// ends even when the program cannot be killed.
func runProgram(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = 100 * time.Millisecond
	var out bytes.Buffer
	cmd.Stdout = &capped{w: &out, left: largestRead}
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return out.Bytes(), err
}

// capped drops what goes beyond its limit, so that a program gone mad costs
// no memory.
type capped struct {
	w    io.Writer
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	n := len(p)
	keep := min(n, c.left)
	c.left -= keep
	if _, err := c.w.Write(p[:keep]); err != nil {
		return 0, err
	}
	return n, nil
}
