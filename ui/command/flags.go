package command

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/request"
)

// addRequestFlags gives a command a flag for each of the request's keys, or
// for those in only.
func (a *App) addRequestFlags(cmd *cobra.Command, only ...string) {
	for _, k := range request.Keys() {
		if k.Name == "model" || len(only) > 0 && !slices.Contains(only, k.Name) {
			continue
		}
		usage := fmt.Sprintf("`%s` %s", k.Arg, k.Usage)
		switch k.Kind {
		case request.List:
			cmd.Flags().StringArray(k.Flag(), nil, usage)
		case request.Switch:
			cmd.Flags().String(k.Flag(), "", usage)
			cmd.Flags().Lookup(k.Flag()).NoOptDefVal = "true"
		default:
			cmd.Flags().String(k.Flag(), "", usage)
		}
		if choices := a.choices(k.Name); choices != nil {
			// The only error is a flag that does not exist or has choices already.
			_ = cmd.RegisterFlagCompletionFunc(k.Flag(), choices)
		}
	}
}

// readRequest takes the flags that were given into a request.
func readRequest(cmd *cobra.Command) (*request.Request, error) {
	r := new(request.Request)
	for _, k := range request.Keys() {
		f := cmd.Flags().Lookup(k.Flag())
		if f == nil || !f.Changed {
			continue
		}
		values := []string{f.Value.String()}
		if k.Kind == request.List {
			list, err := cmd.Flags().GetStringArray(k.Flag())
			if err != nil {
				return nil, fmt.Errorf("read --%s: %w", k.Flag(), err)
			}
			values = list
		}
		if err := r.Set(k.Name, values...); err != nil {
			return nil, bad(err)
		}
	}
	return r, nil
}

type completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// choices completes the values of a key; nil where there is no list of them.
func (a *App) choices(key string) completion {
	fixed := func(words ...string) completion {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return words, cobra.ShellCompDirectiveNoFileComp
		}
	}
	switch key {
	case "quant":
		return a.named(func(c *catalog.Catalog) []string {
			return names(c.Quants, func(q *catalog.Quant) string { return q.ID })
		})
	case "gpu":
		return a.named(func(c *catalog.Catalog) []string {
			return names(c.Devices, func(d *catalog.Device) string { return d.Name })
		})
	case "kv_type", "kv_type_k", "kv_type_v":
		return fixed(sizing.CacheTypes()...)
	case "runtime":
		return a.named(request.RuntimeIDs)
	case "flash_attn":
		return fixed("auto", "on", "off")
	case "kv_unified", "swa_full", "kv_offload", "op_offload", "mmap", "mlock", "direct_io", "guess", "embeddings":
		return fixed("true", "false")
	case "gpu_layers":
		return fixed("auto", "all", "fit")
	case "cpu_moe":
		return fixed("auto", "all")
	case "runtime_build":
		return a.named(func(c *catalog.Catalog) []string {
			return names(c.Builds, func(b *catalog.Build) string { return b.ID })
		})
	case "mmproj":
		return fixed("on", "cpu", "off")
	case "draft":
		return a.named(func(c *catalog.Catalog) []string {
			return names(c.Models, func(m *catalog.Model) string { return m.ID })
		})
	case "split_mode":
		return fixed("layer", "row", "none")
	case "ctx":
		return fixed("max", "4k", "8k", "16k", "32k", "64k", "128k")
	}
	return nil
}

// named completes from the catalog; without one it stays silent.
func (a *App) named(list func(*catalog.Catalog) []string) completion {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		w, err := a.load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return list(w.catalog), cobra.ShellCompDirectiveNoFileComp
	}
}

// modelNames completes the first word with the models' ids.
func (a *App) modelNames() completion {
	ids := a.named(func(c *catalog.Catalog) []string {
		return names(c.Models, func(m *catalog.Model) string { return m.ID })
	})
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return ids(cmd, args, typed)
	}
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = name(x)
	}
	return out
}
