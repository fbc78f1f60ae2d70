package detect

import (
	"slices"
	"strconv"
	"strings"
)

// hide marks the GPUs that the environment keeps from the runtimes. Numbers
// count in the driver's order, which is also the runtimes' where cards are
// alike or CUDA_DEVICE_ORDER=PCI_BUS_ID is set.
func (r *Report) hide(getenv func(string) string) {
	for _, v := range []struct {
		vendor string
		names  []string
	}{
		{"nvidia", []string{"CUDA_VISIBLE_DEVICES"}},
		{"amd", []string{"HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"}},
	} {
		for _, name := range v.names {
			value := getenv(name)
			if value == "" {
				continue
			}
			if n := r.hideBut(v.vendor, visible(value)); n > 0 {
				r.Sources = append(r.Sources, Source{
					Name: name, State: Found,
					Detail: clean(name + "=" + value + " hides " + count(n, "GPU")),
					Fix:    "unset " + name + " to use every GPU",
				})
			}
		}
	}
}

// visible reads a list as the CUDA runtime does: it ends at the first entry
// that is no index or UUID.
func visible(value string) []string {
	var list []string
	for entry := range strings.SplitSeq(value, ",") {
		entry = strings.TrimSpace(entry)
		n, err := strconv.Atoi(entry)
		isID := strings.HasPrefix(entry, "GPU-") || isInstance(entry)
		if !isID && (err != nil || n < 0) {
			break
		}
		list = append(list, entry)
	}
	return list
}

// hideBut hides a vendor's GPUs that are not in the list and counts them.
func (r *Report) hideBut(vendor string, list []string) int {
	hidden := 0
	for i := range r.GPUs {
		g := &r.GPUs[i]
		if g.Vendor != vendor {
			continue
		}
		g.hideInstances(list)
		if g.listed(list) {
			continue
		}
		if !g.Hidden {
			hidden++
		}
		g.Hidden = true
	}
	return hidden
}

func (g *GPU) listed(list []string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		if n, err := strconv.Atoi(entry); err == nil {
			return n == g.Index
		}
		if isInstance(entry) {
			return g.MIG != nil && slices.ContainsFunc(g.MIG.Instances, func(m MIGInstance) bool { return strings.HasPrefix(m.UUID, entry) })
		}
		return g.UUID != "" && strings.HasPrefix(g.UUID, entry) // a prefix that is unique will do
	})
}

// hideInstances hides the parts of a divided card that a list of parts leaves
// out.
func (g *GPU) hideInstances(list []string) {
	if g.MIG == nil || !slices.ContainsFunc(list, isInstance) {
		return
	}
	for i := range g.MIG.Instances {
		in := &g.MIG.Instances[i]
		in.Hidden = !slices.ContainsFunc(list, func(entry string) bool { return isInstance(entry) && strings.HasPrefix(in.UUID, entry) })
	}
}

func isInstance(entry string) bool { return strings.HasPrefix(entry, "MIG-") }

// count writes "1 GPU", "3 GPUs".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
