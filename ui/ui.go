package ui

import (
	"context"
	"errors"
	"fmt"
	"os"

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
	r := New(o)
	defer r.stop()
	p := tea.NewProgram(r, programOptions(ctx, o)...)
	_, err := p.Run()
	switch {
	case errors.Is(err, tea.ErrInterrupted), errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil:
		err = nil // asked to go is not a failure
	case err != nil:
		return fmt.Errorf("the screen: %w", err)
	}
	if saved := o.Store.Save(r.state()); saved != nil && !o.Fresh {
		// Told after the screen is gone, where it stays readable.
		fmt.Fprintln(os.Stderr, "runlocal: this session is not remembered:", saved)
	}
	return err
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

func programOptions(ctx context.Context, o Options) []tea.ProgramOption {
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(framesPerSecond), tea.WithEnvironment(o.Environ)}
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
