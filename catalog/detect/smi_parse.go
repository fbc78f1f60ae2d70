package detect

import (
	"bytes"
	"encoding/csv"
	"strings"
)

// mostGPUs bounds how many GPUs a driver's answer may name.
const mostGPUs = 256

// smiRow is one line of nvidia-smi's answer by field name.
type smiRow map[string]string

// cell is a field's text; "" when the driver does not tell. nvidia-smi writes
// that in many ways: "[N/A]", "N/A", "[Not Supported]", "[Unknown Error]",
// "[Insufficient Permissions]", "[GPU requires reset]".
func (r smiRow) cell(field string) string {
	v := r[field]
	if v == "N/A" || strings.HasPrefix(v, "[") || strings.EqualFold(v, "not supported") || strings.EqualFold(v, "unknown error") {
		return ""
	}
	return v
}

func (r smiRow) whole(field string) int {
	n, ok := whole(r.cell(field))
	if !ok || n > 1<<30 {
		return 0
	}
	return int(n)
}

func (r smiRow) decimal(field string) *float64 {
	v, ok := decimal(r.cell(field))
	if !ok || v > 1e9 {
		return nil
	}
	return &v
}

// mib is a field in MiB as bytes; nil when not told.
func (r smiRow) mib(field string) *int64 {
	n, ok := whole(r.cell(field))
	if !ok {
		return nil
	}
	size, ok := sizeOf(n, 20)
	if !ok {
		return nil
	}
	return &size
}

// parseSMI reads the answer to --query-gpu in csv,noheader,nounits form: one
// line a GPU, cells in the order of fields. Lines of another length are text
// that the program printed beside the table and are left out.
func parseSMI(b []byte, fields []string) []GPU {
	var gpus []GPU
	for _, record := range csvRecords(b) {
		if len(record) != len(fields) || len(gpus) == mostGPUs {
			continue
		}
		row := smiRow{}
		for i, f := range fields {
			row[f] = clean(record[i])
		}
		if _, ok := whole(row.cell("index")); !ok {
			continue
		}
		gpus = append(gpus, row.gpu())
	}
	return gpus
}

func csvRecords(b []byte) [][]string {
	var all [][]string
	for line := range bytes.Lines(b) {
		r := csv.NewReader(bytes.NewReader(line))
		r.TrimLeadingSpace, r.LazyQuotes, r.FieldsPerRecord = true, true, -1
		if record, err := r.Read(); err == nil {
			all = append(all, record)
		}
	}
	return all
}

func (r smiRow) gpu() GPU {
	g := GPU{
		Index: r.whole("index"), Name: r.cell("name"), UUID: r.cell("uuid"), Driver: r.cell("driver_version"),
		Vendor: "nvidia", Backend: "cuda", Source: "nvidia-smi",
		Memory:      r.memory(),
		Load:        r.decimal("utilization.gpu"),
		Temperature: r.decimal("temperature.gpu"),
		Watts:       r.decimal("power.draw"),
		WattsLimit:  r.decimal("power.limit"),
		PCI:         r.pci(),
		Link:        r.link(),
	}
	g.integral = g.Memory.Total == 0 && r["memory.total"] != "" // GB10, Jetson: the memory is the host's
	if cc := r.decimal("compute_cap"); cc != nil {
		g.ComputeCapability = *cc
	}
	if c := (Clocks{r.whole("clocks.sm"), r.whole("clocks.max.sm"), r.whole("clocks.mem"), r.whole("clocks.max.mem")}); c != (Clocks{}) {
		g.Clocks = &c
	}
	if mode := r.cell("mig.mode.current"); mode != "" {
		g.MIG = &MIG{Enabled: mode == "Enabled"}
	}
	return g
}

// memory reads the sizes, which nvidia-smi gives rounded down to MiB. Its
// total counts the reserved part, its used does not.
func (r smiRow) memory() Memory {
	var m Memory
	if total := r.mib("memory.total"); total != nil {
		m.Total, m.Basis = *total, "nvidia-smi, in MiB"
	}
	if reserved := r.mib("memory.reserved"); reserved != nil {
		m.Reserved = min(*reserved, m.Total)
	}
	m.Used, m.Free = r.mib("memory.used"), r.mib("memory.free")
	return m
}

// pci reads "00000000:01:00.0" and "0x268410DE", device before vendor.
func (r smiRow) pci() *PCI {
	p := PCI{Address: pciAddress(r.cell("pci.bus_id"))}
	if id, ok := whole(r.cell("pci.device_id")); ok {
		p.ID = pairedID(id)
	}
	if id, ok := whole(r.cell("pci.sub_device_id")); ok {
		p.Subsystem = pairedID(id)
	}
	if p == (PCI{}) {
		return nil
	}
	return &p
}

// pairedID splits NVIDIA's combined number (device in the high half) into
// vendor:device.
func pairedID(id int64) string {
	if id <= 0 || id > 0xffffffff {
		return ""
	}
	return hex(id&0xffff, 4) + ":" + hex(id>>16, 4)
}

// pciAddress shortens the eight-digit domain that NVIDIA writes to the
// kernel's four.
func pciAddress(s string) string {
	s = strings.ToLower(s)
	if len(s) == len("00000000:01:00.0") && strings.HasPrefix(s, "0000") {
		return s[4:]
	}
	return s
}

func (r smiRow) link() *Link {
	l := Link{
		Gen: r.whole("pcie.link.gen.current"), GenMax: r.whole("pcie.link.gen.max"),
		Width: r.whole("pcie.link.width.current"), WidthMax: r.whole("pcie.link.width.max"),
	}
	if l == (Link{}) {
		return nil
	}
	return &l
}

// addProcesses reads the answer to --query-compute-apps and hands each process
// to its GPU.
func addProcesses(gpus []GPU, b []byte) {
	fields := []string{"gpu_uuid", "pid", "process_name", "used_memory"}
	for _, record := range csvRecords(b) {
		if len(record) != len(fields) {
			continue
		}
		row := smiRow{}
		for i, f := range fields {
			row[f] = clean(record[i])
		}
		pid := row.whole("pid")
		for i := range gpus {
			if pid > 0 && gpus[i].UUID != "" && gpus[i].UUID == row["gpu_uuid"] && len(gpus[i].Processes) < mostProcesses {
				p := Process{PID: pid, Name: programName(row.cell("process_name")), Kind: "compute", Used: row.mib("used_memory")}
				gpus[i].Processes = append(gpus[i].Processes, p)
			}
		}
	}
}

// mostProcesses bounds the list of one GPU.
const mostProcesses = 512

// programName is a program without its directory, on either kind of path.
func programName(p string) string {
	p = strings.TrimRight(p, `/\`)
	return clean(p[strings.LastIndexAny(p, `/\`)+1:])
}

// parseSMIVersion finds "CUDA Version : 13.0" in the output of --version.
func parseSMIVersion(b []byte) string {
	for key, value := range keyValues(b, ':') {
		if strings.Contains(strings.ToLower(key), "cuda") {
			if _, ok := decimal(value); ok {
				return value
			}
		}
	}
	return ""
}
