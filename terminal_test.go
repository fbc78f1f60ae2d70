//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience is how long a screen may take to show something on a busy machine.
const patience = 30 * time.Second

// terminal runs a program in a pseudo-terminal and keeps the screen that a
// person would see.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	file *os.File

	mu   sync.Mutex // around the emulator and raw: the emulator has no lock of its own
	emu  *vt.Emulator
	raw  bytes.Buffer
	done chan struct{} // the copying has ended
}

// open starts a program on a terminal of the given size, with a home of its
// own. Variables in env come last and win.
func open(t *testing.T, width, height int, env []string, name string, args ...string) *terminal {
	t.Helper()
	home := t.TempDir()
	x := &terminal{t: t, emu: vt.NewEmulator(width, height), done: make(chan struct{})}
	x.cmd = exec.CommandContext(t.Context(), name, args...)
	x.cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home+"/config", "XDG_STATE_HOME="+home+"/state",
		"TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=", "SSH_TTY=1")
	x.cmd.Env = append(x.cmd.Env, env...)
	var err error
	x.file, err = pty.StartWithSize(x.cmd, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)})
	if err != nil {
		t.Fatal(err)
	}
	replies := make(chan struct{})
	go func() { // the program asks the terminal; nobody reading the answers would stop it
		defer close(replies)
		_, _ = io.Copy(x.file, x.emu)
	}()
	go x.copy()
	t.Cleanup(func() {
		_ = x.cmd.Process.Kill()
		_ = x.cmd.Wait()
		_ = x.file.Close()
		<-x.done
		if c, ok := x.emu.InputPipe().(io.Closer); ok {
			_ = c.Close()
		}
		<-replies
	})
	return x
}

func (x *terminal) copy() {
	defer close(x.done)
	buffer := make([]byte, 32<<10)
	for {
		n, err := x.file.Read(buffer)
		x.mu.Lock()
		x.raw.Write(buffer[:n])
		_, _ = x.emu.Write(buffer[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.emu.String()
}

// until waits for a text on the screen, or for its absence with no = true.
func (x *terminal) until(text string, no bool) {
	x.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(x.screen(), text) != no {
			return
		}
	}
	x.t.Fatalf("waited for %q (absent: %v); the screen is:\n%s", text, no, x.screen())
}

func (x *terminal) shows(text string) { x.t.Helper(); x.until(text, false) }

func (x *terminal) press(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.file, keys); err != nil {
		x.t.Fatal(err)
	}
}

// resize changes the emulator first: the new frame belongs into the new grid.
func (x *terminal) resize(width, height int) {
	x.t.Helper()
	x.mu.Lock()
	x.emu.Resize(width, height)
	x.mu.Unlock()
	if err := pty.Setsize(x.file, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)}); err != nil {
		x.t.Fatal(err)
	}
}

// ended waits for the program and returns its exit status.
func (x *terminal) ended() int {
	x.t.Helper()
	wait := make(chan error, 1)
	go func() { wait <- x.cmd.Wait() }()
	select {
	case err := <-wait:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			x.t.Fatal(err)
		}
		return x.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		x.t.Fatalf("the program does not end; the screen is:\n%s", x.screen())
		return -1
	}
}

// intact asserts that the terminal was given back: the normal screen, a
// visible cursor, no mouse, no bracketed paste. Modes in except are somebody
// else's.
func (x *terminal) intact(except ...string) {
	x.t.Helper()
	// What was written last may still be in the pipe.
	end := time.Now().Add(patience)
	for ; len(x.stillOn(except)) > 0 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
	for _, mode := range x.stillOn(except) {
		x.t.Errorf("%s is still on after the end", mode)
	}
}

// stillOn names the modes that were turned on and not off again.
func (x *terminal) stillOn(except []string) (modes []string) {
	x.mu.Lock()
	raw := x.raw.String()
	x.mu.Unlock()
	for _, mode := range []struct{ name, set, reset string }{
		{"alternate screen", "\x1b[?1049h", "\x1b[?1049l"},
		{"mouse (cells)", "\x1b[?1002h", "\x1b[?1002l"},
		{"mouse (SGR)", "\x1b[?1006h", "\x1b[?1006l"},
		{"bracketed paste", "\x1b[?2004h", "\x1b[?2004l"},
		{"focus reports", "\x1b[?1004h", "\x1b[?1004l"},
		{"hidden cursor", "\x1b[?25l", "\x1b[?25h"},
	} {
		if !slices.Contains(except, mode.name) && strings.LastIndex(raw, mode.set) > strings.LastIndex(raw, mode.reset) {
			modes = append(modes, mode.name)
		}
	}
	return modes
}

// started opens the screen of runlocal, 100×30, and waits until the list is ranked.
func started(t *testing.T, env ...string) *terminal {
	t.Helper()
	x := open(t, 100, 30, env, "runlocal")
	x.shows("runlocal")
	x.shows("984 models")
	return x
}

func TestScreenStartsAndQuits(t *testing.T) {
	x := started(t)
	x.press("4")
	x.shows("find a term")
	x.press("1")
	x.shows("best here")
	x.press("q")
	if status := x.ended(); status != 0 {
		t.Errorf("q ends with status %d", status)
	}
	x.intact()
}

func TestScreenSurvivesResizing(t *testing.T) {
	x := started(t)
	for i := range 120 {
		x.resize(3+i*37%198, 1+i*13%59)
		if i%10 == 0 {
			x.press("j")
			time.Sleep(2 * time.Millisecond)
		}
	}
	x.resize(120, 35)
	x.shows("best here")
	x.resize(10, 3)
	x.until("best here", true)
	if text := strings.TrimSpace(x.screen()); text == "" {
		t.Error("nothing at all is shown on 10×3")
	}
	x.resize(100, 30)
	x.shows("best here")
	x.press("q")
	if status := x.ended(); status != 0 {
		t.Errorf("q ends with status %d", status)
	}
	x.intact()
}

func TestScreenStartsTiny(t *testing.T) {
	x := open(t, 10, 3, nil, "runlocal")
	for end := time.Now().Add(patience); strings.TrimSpace(x.screen()) == ""; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is shown")
		}
	}
	x.press("q")
	if status := x.ended(); status != 0 {
		t.Errorf("q ends with status %d", status)
	}
	x.intact()
}

func TestSignalsGiveTheTerminalBack(t *testing.T) {
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			x := started(t)
			if err := x.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if status := x.ended(); status < 0 {
				t.Errorf("the signal killed the program before it could clean up")
			}
			x.intact()
		})
	}
}

// ctrl+z hands the terminal to the shell, fg brings the screen back.
func TestSuspendAndContinue(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash for its job control")
	}
	x := open(t, 100, 30, []string{"PS1=ready> "}, shell, "--norc", "--noprofile", "-i")
	x.shows("ready>")
	x.press("runlocal\r")
	x.shows("984 models")
	x.press("\x1a")
	x.shows("Stopped")
	x.shows("ready>")
	x.intact("bracketed paste") // the shell turns it on for itself
	x.press("fg\r")
	x.shows("best here")
	x.press("q")
	x.until("best here", true)
	x.press("echo status $?\r")
	x.shows("status 0")
	x.press("exit\r")
	x.ended()
	x.intact("bracketed paste")
}

func TestDumbTerminalGetsNoEscapes(t *testing.T) {
	x := open(t, 80, 24, []string{"TERM=dumb"}, "runlocal")
	if status := x.ended(); status != 0 {
		t.Errorf("status %d", status)
	}
	x.shows("Available Commands:")
	x.mu.Lock()
	defer x.mu.Unlock()
	if strings.Contains(x.raw.String(), "\x1b") {
		t.Errorf("escape sequences on a dumb terminal: %q", x.raw.String())
	}
}

func TestBrokenStateFileIsNoObstacle(t *testing.T) {
	for name, content := range map[string]string{
		"cut off": `{"version":1,"tab":"Calc`, "not JSON": "\x00\xff\x1b[2J", "another format": `{"version":99}`,
		"names that are gone":  `{"version":1,"tab":"Nowhere","model":"no-such-model","devices":["no-such-device"]}`,
		"settings of nonsense": `{"version":1,"tab":"Calculator","model":"llama-3.1-8b","settings":{"Ctx":-5,"Quant":"Q99","Parallel":0,"KVTypeK":"x"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			state := t.TempDir()
			if err := os.MkdirAll(state+"/runlocal", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(state+"/runlocal/state.json", []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			x := open(t, 100, 30, []string{"XDG_STATE_HOME=" + state}, "runlocal")
			x.shows("runlocal")
			x.press("1")
			x.shows("984 models")
			x.press("q")
			if status := x.ended(); status != 0 {
				t.Errorf("status %d", status)
			}
			x.intact()
		})
	}
}

// A home that nothing can be written to costs the memory of the session and
// nothing else. /dev/null is a file, so that not even root can write below it.
func TestHomeThatCannotBeWritten(t *testing.T) {
	x := started(t, "HOME=/dev/null/home", "XDG_STATE_HOME=/dev/null/state", "XDG_CONFIG_HOME=/dev/null/config")
	x.press("q")
	if status := x.ended(); status != 0 {
		t.Errorf("status %d", status)
	}
	x.intact()
	x.shows("not remembered")
}

func TestColourlessTerminal(t *testing.T) {
	for _, value := range []string{"1", "yes"} {
		x := started(t, "NO_COLOR="+value)
		x.press("q")
		x.ended()
		x.mu.Lock()
		for _, colour := range []string{"\x1b[38;", "\x1b[48;", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[34m"} {
			if strings.Contains(x.raw.String(), colour) {
				t.Errorf("NO_COLOR=%s: colour %q is sent", value, colour)
			}
		}
		x.mu.Unlock()
	}
}
