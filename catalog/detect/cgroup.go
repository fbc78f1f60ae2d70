package detect

import (
	"path"
	"strconv"
	"strings"
)

// limit applies the memory limits of the control groups that this process is
// in, versions 1 and 2: the tightest one on the way up counts.
func (m *machine) limit(h *Host) {
	b, err := m.read("/proc/self/cgroup")
	if err != nil {
		return
	}
	for _, g := range parseCgroups(b) {
		for _, dir := range g.directories() {
			m.limitMemory(h, g, dir)
			m.limitCPU(h, g, dir)
		}
	}
}

// cgroup is one line of /proc/self/cgroup that matters here.
type cgroup struct {
	v2   bool
	path string
	ctrl string // version 1: memory or cpu
}

// parseCgroups reads "0::/path" (version 2) and "4:memory:/path" (version 1).
func parseCgroups(b []byte) []cgroup {
	var groups []cgroup
	for line := range strings.Lines(string(b)) {
		parts := strings.SplitN(strings.TrimRight(line, "\n"), ":", 3)
		if len(parts) != 3 || !strings.HasPrefix(parts[2], "/") {
			continue
		}
		p := path.Clean(parts[2])
		if parts[0] == "0" && parts[1] == "" {
			groups = append(groups, cgroup{v2: true, path: p})
			continue
		}
		for ctrl := range strings.SplitSeq(parts[1], ",") {
			if ctrl == "memory" || ctrl == "cpu" {
				groups = append(groups, cgroup{path: p, ctrl: ctrl})
			}
		}
	}
	return groups
}

// directories lists the group's directory and its parents, the innermost
// first. Inside a container the path may be the host's, which is not mounted:
// those directories do not exist and only the mount's own root answers.
func (g cgroup) directories() []string {
	bases := []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}
	if !g.v2 {
		bases = []string{"/sys/fs/cgroup/" + g.ctrl}
		if g.ctrl == "cpu" {
			bases = append(bases, "/sys/fs/cgroup/cpu,cpuacct")
		}
	}
	var dirs []string
	for _, base := range bases {
		for p := g.path; ; p = path.Dir(p) {
			dirs = append(dirs, path.Join(base, p))
			if p == "/" || p == "." {
				break
			}
		}
	}
	return dirs
}

// limitMemory lowers the host's figures to a group's limit. What the group
// uses is its charge less the file cache, which the kernel gives back.
func (m *machine) limitMemory(h *Host, g cgroup, dir string) {
	limitFile, usedFile, name := "memory.max", "memory.current", "cgroup v2"
	cached := []string{"inactive_file", "active_file"}
	if !g.v2 {
		if g.ctrl != "memory" {
			return
		}
		limitFile, usedFile, name = "memory.limit_in_bytes", "memory.usage_in_bytes", "cgroup v1"
		cached = []string{"total_inactive_file", "total_active_file"}
	}
	limit, ok := m.number(path.Join(dir, limitFile)) // "max" is no number: no limit
	if !ok || limit == 0 || limit >= h.Total {
		return
	}
	h.Total, h.Limit = limit, name+" "+limitFile
	used, ok := m.number(path.Join(dir, usedFile))
	if !ok {
		h.Available = min(h.Available, limit)
		return
	}
	b, _ := m.read(path.Join(dir, "memory.stat"))
	stat := keyValues(b, ' ')
	for _, key := range cached {
		if n, ok := whole(stat[key]); ok {
			used -= min(n, used)
		}
	}
	h.Available = min(h.Available, max(0, limit-used))
}

// limitCPU reads a group's quota: so much processor time in a period.
func (m *machine) limitCPU(h *Host, g cgroup, dir string) {
	var quota, period int64
	var ok1, ok2 bool
	switch {
	case g.v2:
		quota, period, ok1 = parseCPUMax(m.text(path.Join(dir, "cpu.max")))
		ok2 = ok1
	case g.ctrl == "cpu":
		quota, ok1 = m.number(path.Join(dir, "cpu.cfs_quota_us")) // -1 = none, no whole number
		period, ok2 = m.number(path.Join(dir, "cpu.cfs_period_us"))
	}
	if !ok1 || !ok2 || quota == 0 || period == 0 {
		return
	}
	cores := float64(quota) / float64(period)
	if h.CPULimit == 0 || cores < h.CPULimit {
		h.CPULimit = cores
	}
}

// parseCPUMax reads cgroup v2's "200000 100000"; "max 100000" is no limit.
func parseCPUMax(s string) (quota, period int64, ok bool) {
	q, p, found := strings.Cut(s, " ")
	if !found {
		return 0, 0, false
	}
	quota, err1 := strconv.ParseInt(q, 10, 64)
	period, err2 := strconv.ParseInt(p, 10, 64)
	return quota, period, err1 == nil && err2 == nil && quota > 0 && period > 0
}
