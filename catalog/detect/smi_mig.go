package detect

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// smiLog is the part of "nvidia-smi -q -x" that tells of MIG instances, which
// the table form leaves out.
type smiLog struct {
	GPUs []struct {
		UUID      string `xml:"uuid"`
		Instances []struct {
			GPU     string `xml:"gpu_instance_id"`
			Compute string `xml:"compute_instance_id"`
			SMs     string `xml:"device_attributes>shared>multiprocessor_count"`
			Memory  struct {
				Total    string `xml:"total"`
				Reserved string `xml:"reserved"`
				Used     string `xml:"used"`
				Free     string `xml:"free"`
			} `xml:"fb_memory_usage"`
		} `xml:"mig_devices>mig_device"`
	} `xml:"gpu"`
}

// addInstances hands each MIG instance to its GPU.
func addInstances(gpus []GPU, b []byte) {
	var log smiLog
	if len(b) == 0 || xml.Unmarshal(b, &log) != nil {
		return
	}
	for _, from := range log.GPUs {
		for i := range gpus {
			g := &gpus[i]
			if g.MIG == nil || !g.MIG.Enabled || g.UUID == "" || g.UUID != clean(from.UUID) {
				continue
			}
			for _, in := range from.Instances {
				row := smiRow{
					"gi": clean(in.GPU), "ci": clean(in.Compute), "sms": clean(in.SMs),
					"memory.total": mibOf(in.Memory.Total), "memory.reserved": mibOf(in.Memory.Reserved),
					"memory.used": mibOf(in.Memory.Used), "memory.free": mibOf(in.Memory.Free),
				}
				g.MIG.Instances = append(g.MIG.Instances, MIGInstance{
					Name: fmt.Sprintf("%s MIG %d/%d", g.Name, row.whole("gi"), row.whole("ci")),
					GPU:  row.whole("gi"), Compute: row.whole("ci"), SMs: row.whole("sms"), Memory: row.memory(),
				})
			}
		}
	}
}

func mibOf(s string) string { return strings.TrimSuffix(clean(s), " MiB") }
