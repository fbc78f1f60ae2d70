package command

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"runlocal/catalog/detect"
)

type detectFlags struct {
	json, watch, verbose bool
}

func (a *App) detectCommand() *cobra.Command {
	var f detectFlags
	cmd := &cobra.Command{
		Use:     "detect",
		Short:   "Show this machine: GPUs, memory, what is in use",
		Long:    "detect asks the drivers and the system what this machine is: its GPUs with their memory,\nload, temperature and power, the RAM and the processor. What a driver does not tell stays\nblank. --watch keeps the meters moving until ctrl+c.",
		Example: "  runlocal detect\n  runlocal detect --watch\n  runlocal detect --json",
		Args:    arguments(0, "no further words"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.detect(cmd.Context(), f) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "redraw the meters every second, until ctrl+c")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "also what identifies a card (UUID, PCI address), every source and every process")
	return cmd
}

func (a *App) detect(ctx context.Context, f detectFlags) error {
	switch {
	case f.watch && f.json:
		return badf("--watch draws meters and --json prints once: use one of them")
	case f.watch && !a.Tty:
		return badf("--watch needs a terminal; detect --json prints the same once")
	}
	w, err := a.load()
	if err != nil {
		return err
	}
	r := w.detected()
	switch {
	case f.watch:
		return a.watchMachine(ctx, r)
	case f.json:
		return writeJSON(a.Out, printable(r, f.verbose))
	default:
		return a.writeMachine(r, f.verbose)
	}
}

// printable is a report for printing: without what identifies a card, unless
// asked for, and with empty lists instead of absent ones.
func printable(r detect.Report, identify bool) detect.Report {
	r.GPUs = slices.Clone(r.GPUs)
	if r.GPUs == nil {
		r.GPUs = []detect.GPU{}
	}
	if identify {
		return r
	}
	for i := range r.GPUs {
		g := &r.GPUs[i]
		g.UUID = ""
		if g.MIG == nil {
			continue
		}
		mig := *g.MIG
		mig.Instances = slices.Clone(mig.Instances)
		for j := range mig.Instances {
			mig.Instances[j].UUID = ""
		}
		g.MIG = &mig
	}
	return r
}

// watchMachine draws meters until ctrl+c or a termination signal.
func (a *App) watchMachine(ctx context.Context, r detect.Report) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	poller := detect.NewPoller(r, detect.Options{})
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	m := meters{report: r, theme: a.theme(), out: a.Out, width: func() int {
		width, _, err := term.GetSize(os.Stdout.Fd())
		if err != nil || width <= 0 {
			return 80
		}
		return width
	}}
	err := m.watch(ctx, poller, ticks.C)
	if closing := poller.Close(); err == nil {
		err = closing
	}
	return err
}
