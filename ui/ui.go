package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
)

// framesPerSecond halves Bubble Tea's own wait between a key and its frame.
const framesPerSecond = 120

// ErrNoTerminal says that the screen cannot be drawn here. Its text names what
// works instead.
var ErrNoTerminal = errors.New("the screen needs a terminal; without one, use runlocal models, size, hardware, detect or glossary (runlocal --help)")

// Run shows the screen until the user quits or ctx ends. The terminal is given
// back as it was, whatever happens.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	if err := usable(o); err != nil {
		return err
	}
	// A terminal that goes away says SIGHUP; the library knows SIGINT and SIGTERM.
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer cancel()
	r := New(o)
	defer r.close()
	p := tea.NewProgram(r, programOptions(o)...)
	// Quitting in order ends the reader of the terminal too; the library's own
	// context option kills the program and leaves it running.
	defer context.AfterFunc(ctx, p.Quit)()
	_, err := p.Run()
	if err != nil && !errors.Is(err, tea.ErrInterrupted) { // asked to go is no failure
		return fmt.Errorf("the screen: %w", err)
	}
	if saved := o.Store.Save(r.state()); saved != nil && !o.Fresh {
		// Told after the screen is gone, where it stays readable.
		fmt.Fprintln(os.Stderr, "runlocal: this session is not remembered:", saved)
	}
	return nil
}

// usable refuses terminals that would only be filled with escape sequences.
func usable(o Options) error {
	if t := env(o.Environ, "TERM"); t == "dumb" || t == "" && onUnix {
		return fmt.Errorf("TERM=%s cannot draw a screen: %w", t, ErrNoTerminal)
	}
	if o.Output == nil && !term.IsTerminal(os.Stdout.Fd()) {
		return fmt.Errorf("standard output is not a terminal: %w", ErrNoTerminal)
	}
	return nil
}

func programOptions(o Options) []tea.ProgramOption {
	options := []tea.ProgramOption{tea.WithFPS(framesPerSecond), tea.WithEnvironment(o.Environ)}
	if env(o.Environ, "NO_COLOR") != "" {
		// The convention is any non-empty value; the library reads a boolean.
		options = append(options, tea.WithColorProfile(colorprofile.Ascii))
	}
	if o.Input != nil {
		options = append(options, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		options = append(options, tea.WithOutput(o.Output))
	}
	return options
}
