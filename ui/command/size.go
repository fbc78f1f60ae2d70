package command

import (
	"strings"

	"github.com/spf13/cobra"

	"runlocal/sizing/request"
)

// sizeFlags are what size takes besides a request.
type sizeFlags struct {
	json, steps bool
	batch       string // file of requests
}

func (a *App) sizeCommand() *cobra.Command {
	var f sizeFlags
	cmd := &cobra.Command{
		Use:   "size MODEL | --gguf FILE",
		Short: "Say what a model needs on a machine, whether it fits, and why",
		Long: "size computes the memory of each device, the verdict, the speed and what else would\n" +
			"fit. Without --gpu and --ram it answers for this machine. A model that does not fit\n" +
			"is an answer like any other: the exit status is 0; a bad request has 2. --gguf takes a\n" +
			"model from a file's own header instead of the catalog: its shapes and types, exactly.",
		Example: "  runlocal size llama-3.1-8b --quant F16 --ctx 2048 --gpu \"RTX 3090\"\n" +
			"  runlocal size llama-3.3-70b --gpu 2x\"RTX 3090\" --json\n" +
			"  runlocal size --batch requests.jsonl --json",
		ValidArgsFunction: a.modelNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readRequest(cmd)
			if err != nil {
				return err
			}
			f.batch = batchFile(r)
			return a.size(f, r, args)
		},
	}
	a.addRequestFlags(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&f.steps, "steps", false, "show the work: every term with its formula and source")
	cmd.Flags().Lookup("batch").Usage = "`FILE` with one JSON request a line, - for standard input (flags fill in what a line leaves open); a number is the logical batch in tokens"
	return cmd
}

// batchFile takes the file of requests out of the request. The name stands
// for two things: the runtime's logical batch, which is a number, and a file,
// which is anything else.
func batchFile(r *request.Request) string {
	value := r.Get("batch")
	if digits := strings.TrimLeft(value, "+-"); digits != "" && strings.Trim(digits, "0123456789") == "" {
		return ""
	}
	r.Clear("batch")
	return value
}

func (a *App) size(f sizeFlags, r *request.Request, args []string) error {
	switch {
	case f.batch != "" && len(args) > 0:
		return badf("--batch takes its models from the file; leave %q out", args[0])
	case f.batch != "":
		return a.batch(f.batch, r)
	case len(args) > 1:
		return badf("size takes one model, not %d words; put a name with spaces in quotes", len(args))
	case len(args) == 1:
		if err := r.Set("model", args[0]); err != nil {
			return bad(err)
		}
	}
	w, err := a.load()
	if err != nil {
		return err
	}
	ans, err := w.answer(r)
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(a.Out, ans)
	}
	return a.writeSize(ans, f.steps)
}
