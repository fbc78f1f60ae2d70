//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/creack/pty"
)

// firstFrameLimit is how much longer runlocal may take to its first frame than
// the least program of the same library. Most of what it takes longer is the
// initialisation of the Markdown renderer's highlighter.
const firstFrameLimit = 1.5

// TestFirstFrame starts runlocal and a minimal program in turn and compares
// the least times until each has drawn something: what else the machine does
// only adds to them.
func TestFirstFrame(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs and starts each many times")
	}
	dir := t.TempDir()
	least, ours := filepath.Join(dir, "minimal"), filepath.Join(dir, "runlocal")
	for program, source := range map[string]string{least: "./ui/testdata/minimal", ours: "."} {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", program, source)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", source, err, out)
		}
	}
	const attempts, rounds = 4, 15
	var a, b []time.Duration
	for range attempts {
		for range rounds {
			a = append(a, firstFrame(t, "the first frame", least))
			b = append(b, firstFrame(t, "Models", ours, "--fresh"))
		}
		ratio := float64(slices.Min(b)) / float64(slices.Min(a))
		t.Logf("first frame: minimal %v, runlocal %v: %.2f times (least of %d)", slices.Min(a), slices.Min(b), ratio, len(a))
		if ratio <= firstFrameLimit {
			return
		}
	}
	t.Errorf("the first frame takes more than %.1f times the minimal program's", firstFrameLimit)
}

// firstFrame starts a program on a terminal of 200×60 and returns how long it
// took until the text was written.
func firstFrame(t *testing.T, text, program string, args ...string) time.Duration {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home, "TERM=xterm-256color")
	start := time.Now()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 60, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = f.Close()
	}()
	var seen []byte
	buffer := make([]byte, 32<<10)
	for !bytes.Contains(seen, []byte(text)) {
		n, err := f.Read(buffer)
		if err != nil {
			t.Fatalf("%s ended before it drew anything: %v\n%q", filepath.Base(program), err, seen)
		}
		seen = append(seen, buffer[:n]...)
	}
	return time.Since(start)
}
