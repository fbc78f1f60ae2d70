package catalog

import (
	"errors"
	"slices"
	"testing"
)

func TestDeviceByName(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct{ query, id string }{
		{"RTX 3090", "nvidia-geforce-rtx-3090"},
		{"3090", "nvidia-geforce-rtx-3090"},
		{"rtx3090", "nvidia-geforce-rtx-3090"},
		{"GeForce RTX 3090", "nvidia-geforce-rtx-3090"},
		{"nvidia-geforce-rtx-3090", "nvidia-geforce-rtx-3090"},
		{"RTX 3090 24GB", "nvidia-geforce-rtx-3090"},
		{"3090ti", "nvidia-geforce-rtx-3090-ti"},
		{"RTX 4090", "nvidia-geforce-rtx-4090"},
		{"4090 laptop", "nvidia-geforce-rtx-4090-laptop-gpu"},
		{"4090 mobile", "nvidia-geforce-rtx-4090-laptop-gpu"},
		{"RTX 4060 Ti 16GB", "nvidia-geforce-rtx-4060-ti-16gb"},
		{"4060ti 16 GiB", "nvidia-geforce-rtx-4060-ti-16gb"},
		{"5060 Ti 16G", "nvidia-geforce-rtx-5060-ti-16gb"},
		{"H100", "nvidia-h100-sxm5-80gb"},
		{"H100 PCIe", "nvidia-h100-pcie"},
		{"NVIDIA H100 80GB HBM3", "nvidia-h100-sxm5-80gb"},
		{"A100 80GB", "nvidia-a100-sxm4-80gb"},
		{"H200", "nvidia-h200-sxm"},
		{"L4", "nvidia-l4"},
		{"L40", "nvidia-l40"},
		{"T4", "nvidia-t4"},
		{"P40", "nvidia-tesla-p40"},
		{"RTX 6000 Ada", "nvidia-rtx-6000-ada-generation"},
		{"DGX Spark", "nvidia-gb10"},
		{"7900 XT", "amd-radeon-rx-7900-xt"},
		{"7900 XTX", "amd-radeon-rx-7900-xtx"},
		{"MI300X", "amd-instinct-mi300x"},
		{"AI Max 395", "amd-ryzen-ai-max-plus-395-radeon-8060s"},
		{"M4 Max 128GB", "apple-m4-max-40-core-gpu"},
		{"M4 Max 64 GB", "apple-m4-max-40-core-gpu-64gb"},
		{"M4 Max 36GB", "apple-m4-max-32-core-gpu"},
		{"apple-m1-8-core-gpu-8gb", "apple-m1-8-core-gpu-8gb"},
		{"AI Max 395 64GiB", "amd-ryzen-ai-max-plus-395-radeon-8060s-64gb"},
		{"Jetson Orin Nano Super 8GB", "nvidia-jetson-orin-nano-super-8gb"},
		{"Arc B580", "intel-arc-b580"},
	} {
		d, err := c.Device(tt.query)
		if err != nil {
			t.Errorf("%q: %v", tt.query, err)
		} else if d.ID != tt.id {
			t.Errorf("%q: %s, want %s", tt.query, d.ID, tt.id)
		}
	}
	for _, d := range c.Devices {
		if found, err := c.Device(d.ID); err != nil || found != d {
			t.Errorf("%s by its id: %v %v", d.ID, found, err)
		}
	}
}

// A name that leaves the memory size open is not guessed.
func TestAmbiguousDevices(t *testing.T) {
	c := mustLoad(t)
	for query, want := range map[string][]string{
		"RTX 4060 Ti": {"nvidia-geforce-rtx-4060-ti-8gb", "nvidia-geforce-rtx-4060-ti-16gb"},
		"RTX 3060":    {"nvidia-geforce-rtx-3060-12gb", "nvidia-geforce-rtx-3060-8gb"},
		"A100":        {"nvidia-a100-sxm4-64gb", "nvidia-a100-sxm4-80gb", "nvidia-a100-sxm4-40gb"},
		"M3 Ultra":    {"apple-m3-ultra-80-core-gpu", "apple-m3-ultra-60-core-gpu"},
		"A770":        {"intel-arc-a770-16gb", "intel-arc-a770-8gb"},
	} {
		_, err := c.Device(query)
		var several *AmbiguousError
		if !errors.As(err, &several) || !slices.Equal(several.Candidates, want) {
			t.Errorf("%q: %v, want %v", query, err, want)
		}
	}
}

func TestUnknownDevices(t *testing.T) {
	c := mustLoad(t)
	for query, nearest := range map[string]string{
		"3091":                    "nvidia-geforce-rtx-3090",
		"RTX 4080 Ti Super Duper": "",
		"xyzzy":                   "",
		"RTX 9999":                "",
		"MI301X":                  "amd-instinct-mi300x",
	} {
		_, err := c.Device(query)
		var missing *NotFoundError
		if !errors.As(err, &missing) || len(missing.Candidates) == 0 || nearest != "" && !slices.Contains(missing.Candidates, nearest) {
			t.Errorf("%q: %v, want not found and nearest ones, %s among them", query, err, nearest)
		}
	}
}

const mib = 1 << 20

func TestDeviceByPCI(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct {
		name, pci string
		mib       int64
		id        string // empty = none
	}{
		{"one record has the id", "10de:2204", 24576, "nvidia-geforce-rtx-3090"},
		{"upper case and 0x", "0x10DE:0x2204", 24576, "nvidia-geforce-rtx-3090"},
		{"H100 as NVML reports it", "10de:2330", 81559, "nvidia-h100-sxm5-80gb"},
		{"revision tells the 7900 XTX", "1002:744c:c8", 24560, "amd-radeon-rx-7900-xtx"},
		{"memory tells the 7900 XT", "1002:744c", 20464, "amd-radeon-rx-7900-xt"},
		{"memory of none of them", "1002:744c", 4096, ""},
		{"unknown id", "10de:ffff", 24576, ""},
	} {
		checkDevice(t, tt.name, c.DeviceByPCI(tt.pci, tt.mib*mib), tt.id)
	}
}

func TestDeviceByDriverName(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct {
		name, driver string
		mib          int64
		id           string
	}{
		{"name of one record", "NVIDIA GeForce RTX 3090", 24576, "nvidia-geforce-rtx-3090"},
		{"old drivers leave the vendor out", "GeForce RTX 3090", 24268, "nvidia-geforce-rtx-3090"},
		{"a laptop part is another device", "NVIDIA GeForce RTX 4090 Laptop GPU", 16376, "nvidia-geforce-rtx-4090-laptop-gpu"},
		{"memory tells two sizes apart", "NVIDIA GeForce RTX 4060 Ti", 16380, "nvidia-geforce-rtx-4060-ti-16gb"},
		{"and the other size", "NVIDIA GeForce RTX 4060 Ti", 8188, "nvidia-geforce-rtx-4060-ti-8gb"},
		{"a modified card", "NVIDIA GeForce RTX 4090", 49140, "nvidia-geforce-rtx-4090-48gb-modified"},
		{"memory of no such card", "NVIDIA GeForce RTX 4090", 12288, ""},
		{"memory not known", "NVIDIA GeForce RTX 4090", 0, "nvidia-geforce-rtx-4090"},
		{"Mesa's name", "AMD Radeon RX 7900 XTX (RADV NAVI31)", 24560, "amd-radeon-rx-7900-xtx"},
		{"trade marks", "Intel(R) Arc(TM) B580 Graphics", 12288, "intel-arc-b580"},
		{"MIG slice, by its card's memory", "NVIDIA H100 80GB HBM3 MIG 1g.10gb", 81559, "nvidia-h100-sxm5-80gb"},
		{"unified memory, a size of one part only", "Apple M3 Max", 98304, "apple-m3-max-30-core-gpu"},
		{"unified memory of any size", "AMD Radeon 780M Graphics", 2048, "amd-radeon-780m-phoenix-hawk-point"},
		{"unknown name", "Voodoo 2", 12, ""},
		{"no name", "", 0, ""},
	} {
		checkDevice(t, tt.name, c.DeviceByDriverName(tt.driver, tt.mib*mib), tt.id)
	}
}

func checkDevice(t *testing.T, name string, d *Device, id string) {
	t.Helper()
	switch {
	case d == nil && id != "":
		t.Errorf("%s: nothing, want %s", name, id)
	case d != nil && d.ID != id:
		t.Errorf("%s: %s, want %q", name, d.ID, id)
	}
}

// Every record is found by the name and memory that its driver reports.
func TestEveryDriverName(t *testing.T) {
	c := mustLoad(t)
	for _, d := range c.Devices {
		for _, name := range d.DeviceNames {
			if found := c.DeviceByDriverName(name, d.MemoryBytes()); found != d {
				t.Errorf("%s by %q and %d bytes: %v", d.ID, name, d.MemoryBytes(), found)
			}
		}
	}
}
