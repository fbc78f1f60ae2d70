package command

import (
	"fmt"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/spf13/cobra"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
)

// hardwareFlags shape the list of devices.
type hardwareFlags struct {
	json  bool
	limit int
}

func (a *App) hardwareCommand() *cobra.Command {
	var f hardwareFlags
	cmd := &cobra.Command{
		Use:     "hardware [QUERY]",
		Short:   "List the devices of the catalog",
		Long:    "hardware lists GPUs, accelerators and unified-memory machines: memory, bandwidth,\ncompute, power and price. A query that names one device also says which models fit it.",
		Example: "  runlocal hardware \"rtx 4090\"\n  runlocal hardware apple --json",
		Args:    arguments(1, "at most one query"),
		ValidArgsFunction: a.named(func(c *catalog.Catalog) []string {
			return names(c.Devices, func(d *catalog.Device) string { return d.Name })
		}),
		RunE: func(_ *cobra.Command, args []string) error { return a.hardware(f, strings.Join(args, " ")) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON array of records")
	cmd.Flags().IntVar(&f.limit, "limit", -1, "at most `N` rows; 0 for all (default 30, with --json all)")
	return cmd
}

func (a *App) hardware(f hardwareFlags, query string) error {
	w, err := a.load()
	if err != nil {
		return err
	}
	found := w.devicesFor(query)
	if len(found) == 0 {
		return badf("no device matches %q; nearest: %s", query, request.Nearest(query, names(w.catalog.Devices, func(d *catalog.Device) string { return d.Name })))
	}
	all := len(found)
	if limit := (modelsFlags{limit: f.limit, json: f.json}).rows(); limit > 0 && limit < all {
		found = found[:limit]
	}
	if f.json {
		return writeJSON(a.Out, found)
	}
	return a.writeDevices(w, found, all, query)
}

// devicesFor finds the devices that a query means: the one that it names, or
// all that match, best first.
func (w *world) devicesFor(query string) []*catalog.Device {
	if query == "" {
		return w.catalog.Devices
	}
	var list []*catalog.Device
	named, err := w.catalog.Device(query)
	if err == nil {
		list = append(list, named)
	}
	for _, m := range w.catalog.SearchDevices(query) {
		if d := w.catalog.Devices[m.Index]; d != named {
			list = append(list, d)
		}
	}
	return list
}

func (a *App) writeDevices(w *world, found []*catalog.Device, all int, query string) error {
	t := a.theme()
	list := table{columns: []column{
		{"device", false}, {"memory", true}, {"GB/s", true}, {"FP16 TFLOPS", true}, {"watts", true}, {"launch $", true}, {"released", false}, {"id", false},
	}}
	for _, d := range found {
		list.add(oneLine(d.Name), memory(d), number(d.BandwidthGBs), optional(d.Compute.FP16), whole(d.TDPWatts), whole(d.LaunchPriceUSD), d.Released, t.Dim.Render(d.ID))
	}
	var p page
	p.lines(list.lines(t.Dim))
	if len(found) < all {
		p.line(t.Dim.Render(fmt.Sprintf("%d of %s devices; --limit 0 shows all", len(found), units.Count(all))))
	}
	if query != "" {
		p.line()
		p.line(t.Bold.Render("On " + found[0].Name))
		p.lines(w.largest(found[0]))
	}
	return p.writeTo(a.Out)
}

// largest says, for a few well-known models, how they run on one device.
func (w *world) largest(d *catalog.Device) []string {
	list := table{columns: []column{{"", false}, {"", false}, {"", true}, {"", true}, {"", true}}}
	rig := sizing.RigOf([]*catalog.Device{d}, sizing.DefaultHost())
	for _, id := range []string{"llama-3.1-8b", "qwen3-14b", "qwen3-30b-a3b", "qwen3-32b", "llama-3.3-70b", "gpt-oss-120b"} {
		m, err := w.catalog.Model(id)
		if err != nil {
			continue
		}
		r := w.engine.Rank(m, rig)
		best := r.Quant
		if r.Verdict == sizing.No || best == "" {
			best = "does not fit"
		}
		list.add("  "+m.Name, best, sizeOf(r), contextLength(r.MaxCtx), rate(r.Decode))
	}
	return list.lines(lipgloss.NewStyle())[1:]
}

func sizeOf(r sizing.Ranking) string {
	if r.Verdict == sizing.No {
		return ""
	}
	text := units.Bytes(r.Total)
	if r.Verdict == sizing.Offload {
		text += ", partly in RAM"
	}
	return text
}

func rate(b sizing.Band) string {
	if b.Mid <= 0 {
		return ""
	}
	return units.Band(b.Low, b.High) + " tok/s"
}

func memory(d *catalog.Device) string {
	unit := d.MemoryUnit
	if unit == "" {
		unit = "GB"
	}
	return number(d.MemoryGB) + " " + unit
}

func number(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func optional(f *float64) string {
	if f == nil {
		return ""
	}
	return number(*f)
}

func whole(n *int) string {
	if n == nil {
		return ""
	}
	return units.Count(*n)
}
