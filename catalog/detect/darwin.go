package detect

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"
)

// sysctl reads kernel values by name. Names that the system does not know are
// left out; the program then fails although it told the others.
func (m *machine) sysctl(ctx context.Context, names ...string) map[string]string {
	b, _ := m.Command(ctx, "sysctl", names...)
	return keyValues(b, ':')
}

// darwinHost asks sysctl and vm_stat.
func (m *machine) darwinHost(ctx context.Context) (Host, error) {
	sys := m.sysctl(ctx, "hw.memsize", "machdep.cpu.brand_string", "hw.physicalcpu", "hw.logicalcpu", "hw.packages")
	var h Host
	h.CPU = clean(sys["machdep.cpu.brand_string"])
	h.Installed, _ = whole(sys["hw.memsize"])
	h.Total = h.Installed
	h.Cores, h.Threads, h.Sockets = small(sys["hw.physicalcpu"]), small(sys["hw.logicalcpu"]), small(sys["hw.packages"])
	h.MemoryNote = "macOS does not tell speed and channels of the RAM"
	if h.Installed == 0 {
		return h, fmt.Errorf("read the memory's size: sysctl tells no hw.memsize")
	}
	b, err := m.Command(ctx, "vm_stat")
	if err != nil {
		return h, fmt.Errorf("ask vm_stat what memory is free: %w", err)
	}
	h.Available = max(0, h.Installed-parseVMStat(b))
	return h, nil
}

// small is a count that fits a machine; 0 when it does not.
func small(s string) int {
	n, ok := whole(s)
	if !ok || n > 1<<16 {
		return 0
	}
	return int(n)
}

// parseVMStat adds up the memory that macOS cannot give back, bytes: what
// programs hold, what is wired and what the compressor takes.
func parseVMStat(b []byte) int64 {
	page := int64(4096)
	pages := map[string]int64{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		line := lines.Text()
		if _, after, ok := strings.Cut(line, "page size of "); ok {
			if n, ok := whole(strings.TrimSuffix(after, " bytes)")); ok && n > 0 && n <= 1<<20 {
				page = n
			}
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		if n, ok := whole(strings.TrimSuffix(strings.TrimSpace(value), ".")); ok && n < 1<<40 {
			pages[strings.TrimSpace(key)] = n
		}
	}
	used := max(0, pages["Anonymous pages"]-pages["Pages purgeable"]) + pages["Pages wired down"] + pages["Pages occupied by compressor"]
	return used * page
}
