//go:build linux

package ui_test

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"runlocal/ui"
	"runlocal/ui/uitest"
)

// terminal is a pseudo-terminal with the program at the other end.
type terminal struct {
	t    *testing.T
	ptmx *os.File
	done chan error

	mu  sync.Mutex
	out bytes.Buffer
}

func open(ctx context.Context, t *testing.T, o ui.Options) *terminal {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal:", err)
	}
	if err := pty.Setsize(ptmx, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, ptmx: ptmx, done: make(chan error, 1)}
	o.Input, o.Output = tty, tty
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		buf := make([]byte, 4096)
		for {
			n, err := ptmx.Read(buf)
			term.mu.Lock()
			term.out.Write(buf[:n])
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() { term.done <- ui.Run(ctx, o) }()
	t.Cleanup(func() {
		tty.Close()
		ptmx.Close()
		<-copied
	})
	return term
}

func (term *terminal) bytes() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.out.String()
}

// until waits for a text in the stream.
func (term *terminal) until(text string) {
	term.t.Helper()
	for range 1000 {
		if strings.Contains(term.bytes(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	term.t.Fatalf("never saw %q in %q", text, term.bytes())
}

func (term *terminal) write(s string) {
	term.t.Helper()
	if _, err := term.ptmx.WriteString(s); err != nil {
		term.t.Fatal(err)
	}
}

// ended waits for the end and checks that the terminal was given back.
func (term *terminal) ended() {
	term.t.Helper()
	select {
	case err := <-term.done:
		if err != nil {
			term.t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		term.t.Fatal("still running")
	}
	// What the program wrote last may still be on its way through the terminal.
	var stillOn []string
	for range 500 {
		if stillOn = term.stillOn(); len(stillOn) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	term.t.Errorf("not given back: %s", strings.Join(stillOn, ", "))
}

// stillOn names the modes that were never turned on, or not off again since.
func (term *terminal) stillOn() (modes []string) {
	out := term.bytes()
	for what, pair := range map[string][2]string{
		"alternate screen": {"\x1b[?1049h", "\x1b[?1049l"}, "mouse": {"\x1b[?1002h", "\x1b[?1002l"},
		"focus reports": {"\x1b[?1004h", "\x1b[?1004l"}, "hidden cursor": {"\x1b[?25l", "\x1b[?25h"}, "bracketed paste": {"\x1b[?2004h", "\x1b[?2004l"},
	} {
		on, off := strings.LastIndex(out, pair[0]), strings.LastIndex(out, pair[1])
		if on < 0 || off < on {
			modes = append(modes, what)
		}
	}
	return modes
}

func TestRunInATerminal(t *testing.T) {
	w := uitest.NewWorld(t)
	for _, c := range []struct {
		name string
		end  func(*terminal, context.CancelFunc)
	}{
		{"q", func(term *terminal, _ context.CancelFunc) { term.write("q") }},
		{"ctrl+c while text is typed", func(term *terminal, _ context.CancelFunc) { term.write("/abc\x03") }},
		{"the caller gives up", func(_ *terminal, cancel context.CancelFunc) { cancel() }},
		{"SIGTERM", func(_ *terminal, _ context.CancelFunc) { syscall.Kill(os.Getpid(), syscall.SIGTERM) }},
		{"SIGHUP", func(_ *terminal, _ context.CancelFunc) { syscall.Kill(os.Getpid(), syscall.SIGHUP) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := options(w)
			store := &memory{}
			o.Store = store
			term := open(ctx, t, o)
			term.until("984 models")
			c.end(term, cancel)
			term.ended()
			if len(store.kept) == 0 || store.kept[len(store.kept)-1].Tab != "Models" {
				t.Errorf("kept %+v", store.kept)
			}
		})
	}
}

// Any value of NO_COLOR counts, and no colour is sent.
func TestNoColor(t *testing.T) {
	w := uitest.NewWorld(t)
	for _, value := range []string{"1", "yes", "0"} {
		o := options(w)
		o.Environ = append(o.Environ, "NO_COLOR="+value, "COLORTERM=truecolor")
		term := open(t.Context(), t, o)
		term.until("984 models")
		term.write("2")
		term.until("yours")
		term.write("q")
		term.ended()
		for _, sgr := range regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllStringSubmatch(term.bytes(), -1) {
			for p := range strings.FieldsFuncSeq(sgr[1], func(r rune) bool { return r == ';' || r == ':' }) {
				if n, _ := strconv.Atoi(p); n >= 30 && n < 50 && n != 39 && n != 49 || n >= 90 {
					t.Fatalf("NO_COLOR=%s: colour in %q", value, sgr[0])
				}
			}
		}
	}
}
