package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// Run does what the arguments say and returns the exit status. Every error is
// one line on standard error.
func Run(ctx context.Context, a App, args []string) int {
	a.fill()
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(a.Err, "runlocal: "+oneLine(err.Error()))
	}
	return status(err)
}

func (a *App) root() *cobra.Command {
	var screen Screen
	root := &cobra.Command{
		Use:   "runlocal",
		Short: "Will this model run on this machine, and why",
		Long: "runlocal is a field guide and a measuring instrument for running AI models on your\n" +
			"own hardware. Without a command it opens the screen.",
		Example: "  runlocal size llama-3.1-8b --quant Q4_K_M --ctx 32k --gpu \"RTX 4090\"\n" +
			"  runlocal models coder --fits\n" +
			"  runlocal glossary \"kv cache\"",
		Version:       a.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noSuchCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !a.Tty || a.Show == nil {
				return cmd.Help()
			}
			screen.Version = a.Version
			return a.Show(cmd.Context(), screen)
		},
	}
	root.Flags().BoolVar(&screen.Fresh, "fresh", false, "ignore what the last session left")
	root.Flags().BoolVar(&screen.NoMouse, "no-mouse", false, "leave the mouse to the terminal")
	root.SetVersionTemplate("runlocal {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.AddCommand(
		a.sizeCommand(),
		a.withLocal(a.modelsCommand()),
		a.hardwareCommand(),
		a.detectCommand(),
		a.glossaryCommand(),
		a.guideCommand(),
		a.fixCommand(),
		a.doctorCommand(),
	)
	return root
}
