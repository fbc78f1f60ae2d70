package command

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"runlocal/glossary/fix"
	"runlocal/sizing/request"
	"runlocal/ui/logpage"
)

// errUnknownLog is why a log that is not known has an exit status of its own:
// a script can tell it from one that has an answer.
var errUnknownLog = errors.New("this log is not known; see what was near it, or runlocal glossary for the errors that are")

func (a *App) fixCommand() *cobra.Command {
	var f glossaryFlags
	cmd := &cobra.Command{
		Use:   "fix [FILE]",
		Short: "Read a log and say what it complains of, and what would help",
		Long: "fix reads a log from a file or from standard input, finds the errors and symptoms of the\n" +
			"guide in it, and shows the best one: the lines that speak for it, the causes and the fixes.\n" +
			"Where the log names a model, the engine says what would fit instead, on the log's own GPU if\n" +
			"that can be told, else on this machine or the one that --gpu and --ram describe.\n" +
			"The exit status is 0 when the log is known, 1 when it is not, and 2 when it cannot be read.",
		Example: "  llama-server -m model.gguf 2>&1 | runlocal fix\n" +
			"  journalctl -u ollama | runlocal fix\n" +
			"  runlocal fix server.log --json",
		Args: arguments(1, "at most one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readRequest(cmd)
			if err != nil {
				return err
			}
			file := "-"
			if len(args) > 0 {
				file = args[0]
			}
			return a.fix(f, r, file)
		},
	}
	a.addRequestFlags(cmd, "gpu", "ram", "compute_capability")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&f.plain, "plain", false, "print the Markdown as it is")
	return cmd
}

func (a *App) fix(f glossaryFlags, r *request.Request, file string) error {
	in, done, err := a.openLog(file)
	if err != nil {
		return err
	}
	defer done()
	w, err := a.load()
	if err != nil {
		return err
	}
	answer, err := w.diagnose(in, r)
	if err != nil {
		return err
	}
	if f.json {
		err = a.writeFixJSON(w, &answer)
	} else {
		err = a.writeFix(w, &answer, f.plain)
	}
	if err == nil && answer.Best() == nil {
		return errUnknownLog
	}
	return err
}

// openLog opens a file, or takes standard input. Who sits at a terminal is
// told what is waited for.
func (a *App) openLog(file string) (io.Reader, func(), error) {
	if file == "-" {
		if f, ok := a.In.(*os.File); ok && term.IsTerminal(f.Fd()) {
			fmt.Fprintln(a.Err, "paste the log here and end it with ctrl+d on a line of its own; ctrl+c leaves")
		}
		return a.In, func() {}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, badf("the log: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, nil, badf("the log: %q is a folder; name a file", shorten(file))
	}
	return f, func() { _ = f.Close() }, nil
}

// diagnose reads a log and puts what it states to the engine.
func (w *world) diagnose(in io.Reader, r *request.Request) (logpage.Answer, error) {
	g, err := w.glossary()
	if err != nil {
		return logpage.Answer{}, err
	}
	m, err := fix.New(g)
	if err != nil {
		return logpage.Answer{}, fmt.Errorf("the guide's patterns: %w", err)
	}
	rig, err := w.rig(r)
	if err != nil {
		return logpage.Answer{}, err
	}
	d, err := m.Read(in)
	if err != nil {
		return logpage.Answer{}, bad(err)
	}
	return logpage.Ask(d, w.engine, w.catalog, rig), nil
}

func (a *App) writeFix(w *world, x *logpage.Answer, plain bool) error {
	g, err := w.glossary()
	if err != nil {
		return err
	}
	text, err := x.Markdown(g)
	if err != nil {
		return err
	}
	text = "# " + x.Title() + "\n\n" + text
	if e := x.Best(); e != nil {
		text += ending(g, e)
	}
	return a.writeMarkdown(text, plain)
}
