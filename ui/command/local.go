package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"runlocal/catalog/local"
	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/ondisk"
	"runlocal/ui/theme"
)

// withLocal lets the list of models be one of the files on disk.
func (a *App) withLocal(models *cobra.Command) *cobra.Command {
	var onDisk bool
	models.Flags().BoolVar(&onDisk, "local", false, "the model files on this disk instead, as llama.cpp, the Hugging Face cache, LM Studio, Ollama and GPT4All keep them")
	catalogue := models.RunE
	models.RunE = func(cmd *cobra.Command, args []string) error {
		if !onDisk {
			return catalogue(cmd, args)
		}
		asJSON, err := cmd.Flags().GetBool("json")
		if err != nil {
			return fmt.Errorf("read --json: %w", err)
		}
		return a.localModels(cmd, strings.Join(args, " "), asJSON)
	}
	return models
}

// localRow is one file with its answer for the rig.
type localRow struct {
	Path    string         `json:"path"`
	Name    string         `json:"name"`
	Source  string         `json:"source"`
	Arch    string         `json:"architecture"`
	Bytes   int64          `json:"bytes"`
	Params  int64          `json:"params"`
	Quant   string         `json:"quant"`
	Context int            `json:"context"`
	Verdict sizing.Verdict `json:"verdict"`
	Ctx     int            `json:"ctx"`
	MaxCtx  int            `json:"max_ctx"`
	GPU     int64          `json:"gpu_bytes"`
	Host    int64          `json:"host_bytes"`
	Total   int64          `json:"total_bytes"`
	Decode  sizing.Band    `json:"decode"`
	Reason  string         `json:"reason"`
}

func (a *App) localModels(cmd *cobra.Command, query string, asJSON bool) error {
	r, err := readRequest(cmd)
	if err != nil {
		return err
	}
	w, err := a.load()
	if err != nil {
		return err
	}
	rig, err := w.rig(r)
	if err != nil {
		return err
	}
	rows := []localRow{}
	for _, row := range a.localRows(cmd.Context(), w, rig) {
		if strings.Contains(strings.ToLower(row.Name+" "+row.Path), strings.ToLower(query)) {
			rows = append(rows, row)
		}
	}
	if asJSON {
		return writeJSON(a.Out, rows)
	}
	return a.writeLocal(rows, rig)
}

// localRows finds the files and sizes each. What could not be read is told on
// standard error; a file that no engine knows is a row all the same.
func (a *App) localRows(ctx context.Context, w *world, rig *sizing.Rig) []localRow {
	files, problems := ondisk.Find(ctx, w.catalog, w.engine, local.Options{Home: a.getenv("HOME"), Getenv: a.getenv, System: true, Remember: true})
	for _, p := range problems {
		fmt.Fprintln(a.Err, "warning: "+oneLine(p.Error()))
	}
	rows := make([]localRow, 0, len(files))
	for i := range files {
		f := &files[i]
		row := localRow{Path: f.Path, Name: f.Name, Source: f.Source, Arch: f.Arch, Bytes: f.Bytes, Quant: f.Quant, Verdict: sizing.No, Reason: f.Reason}
		if f.Sized == nil {
			rows = append(rows, row)
			continue
		}
		best := f.Sized.Engine.Rank(f.Sized.Model, rig)
		row.Params, row.Context = f.Sized.Model.PublishedParams, f.Sized.Model.Context
		row.Verdict, row.Ctx, row.MaxCtx, row.Reason = best.Verdict, best.Ctx, best.MaxCtx, best.Reason
		row.GPU, row.Host, row.Total, row.Decode = best.GPU, best.Host, best.Total, best.Decode
		rows = append(rows, row)
	}
	return rows
}

// writeLocal prints the files for a person.
func (a *App) writeLocal(rows []localRow, rig *sizing.Rig) error {
	t := a.theme()
	var p page
	if len(rows) == 0 {
		p.line("no model files found where llama.cpp, the Hugging Face cache, LM Studio, Ollama, GPT4All or ~/models keep them")
		return p.writeTo(a.Out)
	}
	list := table{columns: []column{
		{"", false}, {"file", false}, {"kind", false}, {"params", true}, {"precision", false}, {"GiB", true}, {"takes", true}, {"context", true}, {"tok/s", true}, {"kept by", false},
	}}
	for _, r := range rows {
		params := ""
		if r.Params > 0 {
			params = units.Params(r.Params)
		}
		list.add(t.Verdict(r.Verdict).Render(theme.Mark(r.Verdict)), oneLine(r.Name), oneLine(r.Arch), params, r.Quant,
			gib(r.Bytes), gib(r.Total), contextLength(r.MaxCtx), band(r.Decode), t.Dim.Render(r.Source))
	}
	p.line("For ", rigWords(rig), fmt.Sprintf(", at %s tokens of context", units.Count(sizing.RankCtx)))
	p.lines(list.lines(t.Dim))
	p.line(t.Dim.Render(legend))
	return p.writeTo(a.Out)
}
