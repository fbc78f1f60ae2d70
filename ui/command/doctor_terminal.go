package command

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"runlocal/catalog"
	"runlocal/ui/state"
)

// surroundings is what doctor looks at beside the devices.
type surroundings struct {
	environ             []string
	tty                 bool
	columns, rows       int
	lookPath            func(string) (string, error)
	output              func(ctx context.Context, name string, args ...string) (string, error)
	configDir, stateDir string
}

// surroundings are the real ones.
func (a *App) surroundings() surroundings {
	s := surroundings{
		environ: a.Environ, tty: a.Tty, lookPath: exec.LookPath,
		configDir: catalog.UserDir(), stateDir: filepath.Dir(state.Default().Path),
		output: func(ctx context.Context, name string, args ...string) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			b, err := exec.CommandContext(ctx, name, args...).Output()
			return strings.TrimSpace(string(b)), err
		},
	}
	if w, h, err := term.GetSize(os.Stdout.Fd()); err == nil {
		s.columns, s.rows = w, h
	}
	return s
}

// env is a variable's value; the last of several counts.
func (s surroundings) env(name string) string {
	value := ""
	for _, kv := range s.environ {
		if k, v, ok := strings.Cut(kv, "="); ok && k == name {
			value = v
		}
	}
	return value
}

// smallest is the size that the screen needs.
const (
	smallestColumns = 60
	smallestRows    = 20
)

// terminal checks what the screen needs. The commands need none of it.
func (d *diagnosis) terminal(ctx context.Context, s surroundings) {
	const group = "Terminal"
	name := s.env("TERM")
	switch {
	case name == "dumb":
		d.add(group, "TERM", markNote, "dumb: the screen can't be drawn; the commands work", "use another terminal, or set TERM to what this one is")
	case name == "" && s.env("WT_SESSION") == "":
		d.add(group, "TERM", markNote, "not set", "")
	default:
		d.add(group, "TERM", markGood, name, "")
	}
	if !s.tty {
		d.add(group, "output", markNote, "no terminal here (a pipe or a file): plain text, no screen", "")
	} else {
		d.size(group, s.columns, s.rows)
	}
	d.add(group, "colours", markGood, s.colours(), "")
	d.encoding(group, s)
	d.clipboard(group, s)
	d.multiplexer(ctx, group, s)
}

func (d *diagnosis) size(group string, columns, rows int) {
	detail := fmt.Sprintf("%d × %d", columns, rows)
	if columns < smallestColumns || rows < smallestRows {
		d.add(group, "size", markNote, detail, fmt.Sprintf("the screen needs %d × %d", smallestColumns, smallestRows))
		return
	}
	d.add(group, "size", markGood, detail, "")
}

// colours says which colours are used, and why.
func (s surroundings) colours() string {
	if s.env("NO_COLOR") != "" {
		return "none: NO_COLOR is set"
	}
	switch colorprofile.Env(s.environ) {
	case colorprofile.TrueColor:
		return "16 million"
	case colorprofile.ANSI256:
		return "256"
	case colorprofile.ANSI:
		return "16"
	default:
		return "none"
	}
}

// encoding checks that the bars and marks can be shown.
func (d *diagnosis) encoding(group string, s surroundings) {
	locale := s.env("LC_ALL")
	for _, name := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = s.env(name)
		}
	}
	flat := strings.ReplaceAll(strings.ToLower(locale), "-", "")
	switch {
	case locale == "":
		d.add(group, "encoding", markNote, "no locale is set (LANG)", "if bars and marks look wrong: export LANG=C.UTF-8")
	case strings.Contains(flat, "utf8"):
		d.add(group, "encoding", markGood, locale, "")
	default:
		d.add(group, "encoding", markNote, locale+" is not UTF-8", "if bars and marks look wrong: export LANG=C.UTF-8")
	}
}

// clipboard says how a copied line leaves the program.
func (d *diagnosis) clipboard(group string, s surroundings) {
	detail := "by the terminal itself (OSC 52)"
	for _, tool := range []string{"pbcopy", "wl-copy", "xclip", "xsel", "clip.exe"} {
		if _, err := s.lookPath(tool); err == nil {
			detail += ", and by " + tool
			break
		}
	}
	if s.env("SSH_CONNECTION") != "" {
		detail += "; over SSH it reaches your own machine if its terminal allows OSC 52"
	}
	d.add(group, "clipboard", markGood, detail, "")
}

// multiplexer checks the two settings of tmux that the mouse and the
// clipboard need.
func (d *diagnosis) multiplexer(ctx context.Context, group string, s surroundings) {
	if s.env("TMUX") == "" {
		if s.env("STY") != "" {
			d.add(group, "screen", markNote, "GNU screen passes neither OSC 52 nor true colour on", "tmux does")
		}
		return
	}
	for _, o := range []struct{ option, bad, without string }{
		{"mouse", "off", "the mouse does not reach programs"},
		{"set-clipboard", "off", "copying does not reach the clipboard"},
	} {
		value, err := s.output(ctx, "tmux", "show-options", "-gv", o.option)
		switch {
		case err != nil:
			d.add(group, "tmux "+o.option, markNote, "tmux does not say", "")
		case value == o.bad:
			d.add(group, "tmux "+o.option, markNote, o.bad+": "+o.without, "tmux set -g "+o.option+" on")
		default:
			d.add(group, "tmux "+o.option, markGood, value, "")
		}
	}
}
