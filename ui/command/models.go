package command

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

// modelsFlags narrow and order the list.
type modelsFlags struct {
	json, fits bool
	use, sort  string
	limit      int
}

// defaultLimit is how many rows a person gets without asking for more. JSON
// has them all.
const defaultLimit = 30

func (a *App) modelsCommand() *cobra.Command {
	f := modelsFlags{limit: -1}
	cmd := &cobra.Command{
		Use:   "models [QUERY]",
		Short: "List the models, ranked for a machine",
		Long: "models ranks every model of the catalog for this machine, or the one that --gpu and\n" +
			"--ram describe: the best precision that fits, its memory, the context and the speed.",
		Example: "  runlocal models\n  runlocal models \"qwen coder\" --fits --gpu \"RTX 3060 12GB\"\n  runlocal models --use embedding --sort memory --json",
		Args:    arguments(1, "at most one query"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readRequest(cmd)
			if err != nil {
				return err
			}
			return a.models(f, r, strings.Join(args, " "))
		},
	}
	a.addRequestFlags(cmd, "gpu", "ram", "compute_capability")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON array")
	cmd.Flags().BoolVar(&f.fits, "fits", false, "only what fits on the GPU, or in RAM where there is none")
	cmd.Flags().StringVar(&f.use, "use", "", "only models for this `USE`: chat, code, embedding …")
	cmd.Flags().StringVar(&f.sort, "sort", "", "`ORDER`: fit, params, memory, context, speed, released or name (default: fit, or the best match)")
	cmd.Flags().IntVar(&f.limit, "limit", -1, "at most `N` rows; 0 for all (default 30, with --json all)")
	_ = cmd.RegisterFlagCompletionFunc("sort", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return sortNames(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// modelRow is one model with its answer for the rig.
type modelRow struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Maker    string         `json:"maker"`
	Released string         `json:"released"`
	Licence  string         `json:"licence"`
	Uses     []string       `json:"uses"`
	Params   int64          `json:"params"`
	Active   int64          `json:"active_params"`
	Context  int            `json:"context"` // the longest that the model reads
	Verdict  sizing.Verdict `json:"verdict"`
	Quant    string         `json:"quant"` // the best that fits; "" for none
	Ctx      int            `json:"ctx"`   // what memory and speed are for
	MaxCtx   int            `json:"max_ctx"`
	GPU      int64          `json:"gpu_bytes"`
	Host     int64          `json:"host_bytes"`
	Total    int64          `json:"total_bytes"`
	Decode   sizing.Band    `json:"decode"`

	ranking sizing.Ranking // the order by fit
}

func (a *App) models(f modelsFlags, r *request.Request, query string) error {
	orders := modelOrders()
	if _, ok := orders[f.sort]; !ok && f.sort != "" {
		return badf("no order %q; nearest: %s", f.sort, request.Nearest(f.sort, sortNames()))
	}
	w, err := a.load()
	if err != nil {
		return err
	}
	found := w.modelsFor(query)
	if f.use, err = w.knownUse(f.use); err != nil {
		return err
	}
	if len(found) == 0 {
		return badf("no model matches %q; nearest: %s", query, request.Nearest(query, names(w.catalog.Models, func(m *catalog.Model) string { return m.ID })))
	}
	rig, err := w.rig(r)
	if err != nil {
		return err
	}
	rows := w.rank(found, rig, f)
	switch {
	case f.sort != "":
		slices.SortStableFunc(rows, orders[f.sort])
	case query == "":
		slices.SortStableFunc(rows, orders["fit"])
	}
	all := len(rows)
	if limit := f.rows(); limit > 0 && limit < all {
		rows = rows[:limit]
	}
	if f.json {
		return writeJSON(a.Out, rows)
	}
	return a.writeModels(rows, all, rig)
}

// rows is the limit that holds; 0 for none.
func (f modelsFlags) rows() int {
	switch {
	case f.limit >= 0:
		return f.limit
	case f.json:
		return 0
	default:
		return defaultLimit
	}
}

// modelsFor finds the models that a query means, best first; all for "".
func (w *world) modelsFor(query string) []*catalog.Model {
	if query == "" {
		return w.catalog.Models
	}
	var found []*catalog.Model
	for _, m := range w.catalog.SearchModels(query) {
		found = append(found, w.catalog.Models[m.Index])
	}
	return found
}

// knownUse checks a use against those in the catalog.
func (w *world) knownUse(use string) (string, error) {
	if use == "" {
		return "", nil
	}
	known := map[string]bool{}
	for _, m := range w.catalog.Models {
		for _, u := range m.Uses {
			known[u] = true
		}
	}
	if use = strings.ToLower(use); !known[use] {
		return "", badf("no model is for %q; nearest: %s", use, request.Nearest(use, slices.Sorted(maps.Keys(known))))
	}
	return use, nil
}

func (w *world) rank(models []*catalog.Model, rig *sizing.Rig, f modelsFlags) []modelRow {
	rows := make([]modelRow, 0, len(models))
	for _, m := range models {
		if f.use != "" && !slices.Contains(m.Uses, f.use) {
			continue
		}
		r := w.engine.Rank(m, rig)
		if f.fits && !fitsOn(rig, r.Verdict) {
			continue
		}
		uses := m.Uses
		if uses == nil {
			uses = []string{}
		}
		rows = append(rows, modelRow{
			ID: m.ID, Name: m.Name, Maker: m.Maker, Released: m.Released, Licence: m.Licence, Uses: uses,
			Params: m.Parameters(), Active: m.ActiveParams, Context: m.Context,
			Verdict: r.Verdict, Quant: r.Quant, Ctx: r.Ctx, MaxCtx: r.MaxCtx,
			GPU: r.GPU, Host: r.Host, Total: r.Total, Decode: r.Decode, ranking: r,
		})
	}
	return rows
}

// fitsOn tells whether a verdict counts as fitting: wholly on the GPUs, or in
// RAM where there is no GPU.
func fitsOn(rig *sizing.Rig, v sizing.Verdict) bool {
	return v == sizing.Comfortable || v == sizing.Tight || v == sizing.Offload && len(rig.GPUs) == 0
}

func sortNames() []string { return slices.Sorted(maps.Keys(modelOrders())) }

// modelOrders are the orders of the list. Fit puts what serves best first and,
// among equals, the larger and newer model.
func modelOrders() map[string]func(a, b modelRow) int {
	return map[string]func(a, b modelRow) int{
		"fit": func(a, b modelRow) int {
			return cmp.Or(a.ranking.Compare(b.ranking), cmp.Compare(b.Params, a.Params))
		},
		"params":   func(a, b modelRow) int { return cmp.Compare(b.Params, a.Params) },
		"memory":   func(a, b modelRow) int { return cmp.Compare(b.Total, a.Total) },
		"context":  func(a, b modelRow) int { return cmp.Compare(b.MaxCtx, a.MaxCtx) },
		"speed":    func(a, b modelRow) int { return cmp.Compare(b.Decode.Mid, a.Decode.Mid) },
		"released": func(a, b modelRow) int { return cmp.Compare(b.Released, a.Released) },
		"name":     func(a, b modelRow) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
	}
}
