package catalog

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Every size that a device with shared memory is sold with can be named, and
// the GPU's share is the one of that size.
func TestEverySizeOfSharedMemory(t *testing.T) {
	c := mustLoad(t)
	several := 0
	for _, d := range c.Devices {
		sizes := d.MemorySizes()
		if len(sizes) > 1 && !d.Unified {
			t.Errorf("%s has memory of its own and several sizes of it", d.ID)
		}
		for _, gib := range sizes {
			other := d.WithMemory(gib)
			found, err := c.Device(other.ID)
			if err != nil || found.MemoryGB != gib || found.Original() != d || found.ID != other.ID {
				t.Errorf("%s: %v, %v", other.ID, found, err)
				continue
			}
			if d.Unified && d.DriverReportedMiB == nil && d.MemoryUnit == "GiB" && found.MemoryBytes() != int64(gib)<<30 {
				t.Errorf("%s has %d bytes", found.ID, found.MemoryBytes())
			}
			several++
		}
	}
	if several < len(c.Devices)+100 {
		t.Errorf("%d devices and sizes", several)
	}
	for name, want := range map[string]string{
		"MacBook Pro M4 Max 64GB": "apple-m4-max-40-core-gpu-64gb", "mac studio M3 Ultra 512GB": "apple-m3-ultra-80-core-gpu", "Mac mini M4 Pro 20-core 24GB": "apple-m4-pro-20-core-gpu-24gb",
	} {
		if d, err := c.Device(name); err != nil || d.ID != want {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
	for _, name := range []string{"M4", "M4 24GB"} {
		if d, err := c.Device(name); err == nil {
			t.Errorf("%s is an Apple chip and a Tesla: %s", name, d.ID)
		}
	}
	small, err := c.Device("Apple M4 24GB")
	if several := (*AmbiguousError)(nil); !errors.As(err, &several) || !slices.Equal(several.Candidates, []string{"apple-m4-10-core-gpu-24gb", "apple-m4-8-core-gpu-24gb"}) {
		t.Errorf("two chips are sold with 24 GB: %v, %v", small, err)
	}
}

// A size that is not on sale is refused with those that are; RAM that somebody
// names is taken as it is, unless it means a size on sale.
func TestSizesThatAreNotOnSale(t *testing.T) {
	c := mustLoad(t)
	_, err := c.Device("M4 Max 96GB")
	if err == nil || !strings.Contains(err.Error(), "apple-m4-max-40-core-gpu-64gb") {
		t.Errorf("M4 Max with 96 GB: %v", err)
	}
	d, err := c.Device("M4 Max 64GB")
	if err != nil {
		t.Fatal(err)
	}
	for ram, want := range map[int64]string{48e9: "apple-m4-max-40-core-gpu-48gb", 48 << 30: "apple-m4-max-40-core-gpu-48gb", 128e9: "apple-m4-max-40-core-gpu", 80 << 30: "apple-m4-max-40-core-gpu-80gb"} {
		if other := d.WithRAM(ram); other.ID != want {
			t.Errorf("%d bytes: %s, want %s", ram, other.ID, want)
		}
	}
	m1, err := c.Device("apple-m1-max-32-core-gpu-32gb")
	if err != nil || *m1.UsableShare != 0.667 {
		t.Errorf("the GPU's share of 32 GB: %v, %v", m1, err)
	}
}
