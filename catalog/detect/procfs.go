package detect

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// linuxHost reads /proc and /sys. Only the memory is indispensable.
func (m *machine) linuxHost() (Host, error) {
	h, err := m.linuxMemory()
	m.processor(&h)
	m.surroundings(&h)
	m.memoryModules(&h)
	h.NUMANodes = len(m.glob("/sys/devices/system/node/node[0-9]*"))
	return h, err
}

// linuxMemory reads the memory's size and state, and the limits on it.
func (m *machine) linuxMemory() (Host, error) {
	b, err := m.read("/proc/meminfo")
	if err != nil {
		return Host{}, fmt.Errorf("read the memory's size: %w", err)
	}
	info := parseMeminfo(b)
	h := Host{Installed: info["MemTotal"], Available: availableOf(info), SwapTotal: info["SwapTotal"]}
	h.Total = h.Installed
	if h.Installed == 0 {
		return h, errors.New("read the memory's size: no MemTotal in /proc/meminfo")
	}
	m.limit(&h)
	return h, nil
}

// parseMeminfo reads /proc/meminfo into bytes. Lines without kB are counts and
// left out.
func parseMeminfo(b []byte) map[string]int64 {
	info := map[string]int64{}
	for key, value := range keyValues(b, ':') {
		number, ok := strings.CutSuffix(value, " kB")
		if !ok {
			continue
		}
		if n, ok := whole(number); ok {
			if size, ok := sizeOf(n, 10); ok {
				info[key] = size
			}
		}
	}
	return info
}

// availableOf is what the kernel says a new process could take. Kernels before
// 3.14 do not say; there it is what is free and what the caches hold.
func availableOf(info map[string]int64) int64 {
	if a, ok := info["MemAvailable"]; ok {
		return min(a, info["MemTotal"])
	}
	return min(info["MemFree"]+info["Buffers"]+info["Cached"], info["MemTotal"])
}

// processor reads the CPU's name, its sockets, cores and threads.
func (m *machine) processor(h *Host) {
	b, _ := m.read("/proc/cpuinfo")
	cpu := parseCPUInfo(b)
	h.CPU, h.Sockets, h.Cores, h.Threads = cpu.name, cpu.sockets, cpu.cores, cpu.threads
	h.cpuVendor, h.cpuFamily, h.cpuModel = cpu.vendor, cpu.family, cpu.model
	if cpu.hypervisor && h.VM == "" {
		h.VM = "no maker named"
	}
	if sockets, cores := m.topology(); cores > 0 {
		h.Sockets, h.Cores = sockets, cores
	}
	if h.CPU == "" {
		h.CPU = m.deviceTree()
	}
}

// deviceTree is the board's name on machines without BIOS ("NVIDIA Jetson AGX
// Orin Developer Kit", "Raspberry Pi 5 Model B Rev 1.0").
func (m *machine) deviceTree() string {
	for _, p := range []string{"/proc/device-tree/model", "/sys/firmware/devicetree/base/model"} {
		if b, err := m.read(p); err == nil {
			return clean(strings.TrimRight(string(b), "\x00"))
		}
	}
	return ""
}

type cpuInfo struct {
	name, vendor, family, model string
	sockets, cores, threads     int
	hypervisor                  bool
}

// parseCPUInfo reads /proc/cpuinfo. Cores are counted by (package, core);
// where the kernel gives no such ids (ARM), each processor is a core.
func parseCPUInfo(b []byte) cpuInfo {
	var c cpuInfo
	packages, cores := map[string]bool{}, map[string]bool{}
	for block := range strings.SplitSeq(string(b), "\n\n") {
		kv := keyValues([]byte(block), ':')
		if _, ok := kv["processor"]; !ok {
			c.nameFrom(kv) // ARM boards end with a block of their own
			continue
		}
		c.threads++
		c.nameFrom(kv)
		if id, ok := kv["core id"]; ok {
			packages[kv["physical id"]] = true
			cores[kv["physical id"]+"/"+id] = true
		}
	}
	c.sockets, c.cores = len(packages), len(cores)
	if c.cores == 0 {
		c.cores = c.threads
	}
	return c
}

func (c *cpuInfo) nameFrom(kv map[string]string) {
	for _, key := range []string{"model name", "Model", "Hardware", "cpu model"} {
		if c.name == "" && !isNumber(kv[key]) {
			c.name = clean(kv[key])
		}
	}
	if c.vendor == "" {
		c.vendor, c.family, c.model = kv["vendor_id"], kv["cpu family"], kv["model"]
	}
	c.hypervisor = c.hypervisor || strings.Contains(" "+kv["flags"]+" ", " hypervisor ")
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// topology counts sockets and cores as sysfs has them, on every architecture.
func (m *machine) topology() (sockets, cores int) {
	packages, all := map[int64]bool{}, map[[2]int64]bool{}
	for _, dir := range m.glob("/sys/devices/system/cpu/cpu[0-9]*/topology") {
		pkg, ok1 := m.number(path.Join(dir, "physical_package_id"))
		core, ok2 := m.number(path.Join(dir, "core_id"))
		if !ok1 || !ok2 {
			continue
		}
		// Clusters of ARM cores may count their core_id anew; the list of
		// threads that share a core is unique.
		if first, _, ok := strings.Cut(m.text(path.Join(dir, "thread_siblings_list")), ","); ok || first != "" {
			low, _, _ := strings.Cut(first, "-")
			if n, ok := whole(low); ok {
				core = n
			}
		}
		packages[pkg] = true
		all[[2]int64{pkg, core}] = true
	}
	return len(packages), len(all)
}

// surroundings recognises WSL, containers and virtual machines.
func (m *machine) surroundings(h *Host) {
	release := strings.ToLower(m.text("/proc/sys/kernel/osrelease"))
	switch {
	case strings.Contains(release, "wsl2"), strings.Contains(release, "microsoft-standard"):
		h.WSL = 2
	case strings.Contains(release, "microsoft"):
		h.WSL = 1
	}
	h.Container = m.container()
	if h.WSL > 0 {
		h.VM = "" // it is one, but has the whole machine
		return
	}
	if maker := m.hypervisorMaker(); maker != "" {
		h.VM = maker
	}
}

// container names the kind of container around the program, "" = none.
func (m *machine) container() string {
	if kind := clean(m.Getenv("container")); kind != "" { // set by podman, lxc, systemd-nspawn
		return kind
	}
	b, _ := m.read("/proc/1/cgroup")
	switch groups := string(b); {
	case m.Getenv("KUBERNETES_SERVICE_HOST") != "", strings.Contains(groups, "kubepods"):
		return "kubernetes"
	case m.exists("/.dockerenv"), strings.Contains(groups, "/docker"):
		return "docker"
	case m.exists("/run/.containerenv"):
		return "podman"
	case strings.Contains(groups, "/lxc"):
		return "lxc"
	default:
		return ""
	}
}

// hypervisorMaker tells a virtual machine by what its firmware says.
func (m *machine) hypervisorMaker() string {
	vendor, product := m.text("/sys/class/dmi/id/sys_vendor"), m.text("/sys/class/dmi/id/product_name")
	both := strings.ToLower(vendor + " " + product)
	for _, sign := range []string{"qemu", "kvm", "vmware", "virtualbox", "virtual machine", "xen", "bochs", "parallels", "amazon ec2", "google compute engine", "openstack", "cloud hypervisor", "firecracker"} {
		if strings.Contains(both, sign) {
			return clean(vendor + " " + product)
		}
	}
	return ""
}
