package detect

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"runlocal/catalog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tree is a fake machine's files by path.
type tree map[string]string

func (t tree) with(more tree) tree {
	all := maps.Clone(t)
	maps.Copy(all, more)
	return all
}

// root writes the files below a new directory.
func (t tree) root(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	for p, text := range t {
		full := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

const gib = 1 << 30

// desktop has 64 GiB of RAM, 48 of them available, and no GPU.
func desktop() tree {
	return tree{
		"/proc/meminfo": "MemTotal:       67108864 kB\nMemFree:        10485760 kB\nMemAvailable:   50331648 kB\nSwapTotal:       2097152 kB\n",
		"/proc/cpuinfo": "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 97\nmodel name\t: AMD Ryzen 9 7950X 16-Core Processor\nphysical id\t: 0\ncore id\t\t: 0\nflags\t\t: fpu vme avx2\n\n" +
			"processor\t: 1\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD Ryzen 9 7950X 16-Core Processor\nphysical id\t: 0\ncore id\t\t: 1\n\n" +
			"processor\t: 2\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD Ryzen 9 7950X 16-Core Processor\nphysical id\t: 0\ncore id\t\t: 0\n\n",
	}
}

// on makes Options for a fake Linux machine without NVML and without programs.
func on(tb testing.TB, files tree) Options {
	tb.Helper()
	return Options{
		Root: files.root(tb), GOOS: "linux", Limit: 2 * time.Second,
		NVIDIA:  func() Driver { return nil },
		Command: programs{}.run,
		Getenv:  func(string) string { return "" },
		Access:  func(string) error { return nil },
	}
}

// programs answers commands by their name and first argument.
type programs map[string]func(args []string) (string, error)

func (p programs) run(ctx context.Context, name string, args ...string) ([]byte, error) {
	answer, ok := p[name]
	if !ok {
		return nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
	}
	out, err := answer(args)
	return []byte(out), err
}

// fakeDriver is an NVIDIA library in pure Go.
type fakeDriver struct {
	gpus   []GPU
	live   []Live
	err    error
	hang   chan struct{} // closed to let calls return
	closed int
}

func (d *fakeDriver) Name() string { return "NVML" }
func (d *fakeDriver) Close() error { d.closed++; return nil }

func (d *fakeDriver) GPUs(context.Context) ([]GPU, error) {
	if d.hang != nil {
		<-d.hang
	}
	return d.gpus, d.err
}

func (d *fakeDriver) Live(context.Context) ([]Live, error) {
	if d.hang != nil {
		<-d.hang
	}
	return d.live, d.err
}

var embedded = sync.OnceValues(catalog.Load)

func loadCatalog(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	c, err := embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// source finds a source's line in a report.
func source(tb testing.TB, r Report, name string) Source {
	tb.Helper()
	for _, s := range r.Sources {
		if s.Name == name {
			return s
		}
	}
	tb.Fatalf("no source %q in %+v", name, r.Sources)
	return Source{}
}

// only is the single GPU of a report.
func only(tb testing.TB, r Report) GPU {
	tb.Helper()
	if len(r.GPUs) != 1 {
		tb.Fatalf("%d GPUs, want 1: %+v\n%+v", len(r.GPUs), r.GPUs, r.Sources)
	}
	return r.GPUs[0]
}

func value[T any](tb testing.TB, what string, p *T) T {
	tb.Helper()
	if p == nil {
		tb.Fatalf("%s is not known", what)
	}
	return *p
}
