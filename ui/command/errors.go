package command

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"runlocal/sizing"
	"runlocal/sizing/request"
)

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // it could not be done: a file, the terminal, the program itself
	exitBad    = 2 // a bad request: asked again in other words, it can be answered
)

// badRequest is an error that the asker can mend.
type badRequest struct{ err error }

func (b badRequest) Error() string { return b.err.Error() }
func (b badRequest) Unwrap() error { return b.err }

func bad(err error) error {
	if err == nil {
		return nil
	}
	return badRequest{err}
}

func badf(format string, args ...any) error { return badRequest{fmt.Errorf(format, args...)} }

// status is the exit status that an error deserves.
func status(err error) int {
	var b badRequest
	var refused *sizing.RequestError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &b), errors.As(err, &refused):
		return exitBad
	default:
		return exitFailed
	}
}

// oneLine keeps an error on one line and free of control characters, whatever
// the request had in it.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}

// flagError rewrites pflag's message and adds the nearest flag.
func flagError(cmd *cobra.Command, err error) error {
	unknown := regexp.MustCompile(`^unknown (?:shorthand )?flag: (?:'.' in )?-*([\w-]*)`).FindStringSubmatch(err.Error())
	if unknown == nil {
		return bad(err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return badf("unknown flag --%s; nearest: --%s (see runlocal %s --help)", unknown[1], request.Nearest(unknown[1], names), cmd.Name())
}

// noSuchCommand is the error for a first word that is no command.
func noSuchCommand(root *cobra.Command, word string) error {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return badf("unknown command %q; nearest: %s (see runlocal --help)", word, request.Nearest(word, names))
}

// arguments checks how many words a command got, in its own words.
func arguments(most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > most {
			return badf("%s takes %s, not %d words; put names with spaces in quotes (see runlocal %s --help)", cmd.Name(), what, len(args), cmd.Name())
		}
		return nil
	}
}
