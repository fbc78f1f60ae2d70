package catalog

import (
	"errors"
	"fmt"
	"math"
	"regexp"
)

// Limits on a record. They are far above anything that exists, and low enough
// that no count computed from a record overflows.
const (
	maxLayers    = 4096    // layers of a model, patterns unrolled
	maxNesting   = 4       // patterns within patterns
	maxWritten   = 4096    // blocks as written
	maxMixers    = 8       // side by side in one block
	maxDimension = 1 << 31 // any width, count or length
	maxParams    = 1 << 53 // parameters of a model, and any published count
)

var idForm = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)

func checkID(id string) error {
	if !idForm.MatchString(id) {
		return errors.New("the id wants lower-case letters and digits, joined by dashes or dots")
	}
	return nil
}

// check says why the device cannot be used: nothing can be computed for one
// without memory or bandwidth.
func (d *Device) check() error {
	if err := checkID(d.ID); err != nil {
		return err
	}
	switch {
	case d.Name == "":
		return errors.New("no name")
	case !within(d.MemoryGB, 1<<20):
		return fmt.Errorf("memory_gb is %g: a device wants memory", d.MemoryGB)
	case !within(d.BandwidthGBs, 1<<30):
		return fmt.Errorf("bandwidth_gbs is %g: a device wants memory bandwidth", d.BandwidthGBs)
	case d.MemoryUnit != "" && d.MemoryUnit != "GiB" && d.MemoryUnit != "GB":
		return fmt.Errorf("memory_unit is %q: want GiB or GB", d.MemoryUnit)
	case d.UsableShare != nil && !within(*d.UsableShare, 1):
		return fmt.Errorf("usable_share is %g: want a share between 0 and 1", *d.UsableShare)
	case d.DriverReportedMiB != nil && !within(float64(*d.DriverReportedMiB), 1<<30):
		return fmt.Errorf("driver_reported_mib is %d", *d.DriverReportedMiB)
	}
	for _, gb := range d.MemoryOptionsGB {
		if !within(gb, 1<<20) {
			return fmt.Errorf("memory_options_gb holds %g", gb)
		}
	}
	return nil
}

// within reports 0 < v ≤ high; it is false for NaN.
func within(v, high float64) bool { return v > 0 && v <= high && !math.IsNaN(v) }

// check says why the model cannot be used: a shape that is impossible or
// beyond the limits, or a parameter count that contradicts the published one.
func (m *Model) check() error {
	if err := checkID(m.ID); err != nil {
		return err
	}
	switch {
	case m.Name == "":
		return errors.New("no name")
	case m.Vocab < 1:
		return errors.New("vocab: want the rows of the embedding")
	case m.Hidden < 1:
		return errors.New("hidden: want the model's width")
	case m.Context < 1:
		return errors.New("context: want the longest context in tokens")
	case len(m.Blocks) == 0:
		return errors.New("no blocks")
	}
	written := 0
	layers, err := checkBlocks(m.Blocks, 0, &written)
	if err != nil {
		return err
	}
	if layers > maxLayers {
		return fmt.Errorf("more than %d layers", maxLayers)
	}
	if n := m.roughParameters(); n > maxParams {
		return fmt.Errorf("about %.2g parameters: more than the limit of %.2g", n, float64(maxParams))
	}
	return m.checkPublished()
}

// checkBlocks returns the number of layers, unrolled.
func checkBlocks(blocks []Block, depth int, written *int) (layers int, err error) {
	if depth > maxNesting {
		return 0, fmt.Errorf("blocks: patterns nested deeper than %d", maxNesting)
	}
	for i := range blocks {
		b := &blocks[i]
		if *written++; *written > maxWritten {
			return 0, fmt.Errorf("blocks: more than %d written", maxWritten)
		}
		n, err := checkBlock(b, depth, written)
		if err != nil {
			return 0, err
		}
		if layers += n; layers > maxLayers {
			return 0, fmt.Errorf("more than %d layers", maxLayers)
		}
	}
	return layers, nil
}

func checkBlock(b *Block, depth int, written *int) (layers int, err error) {
	if len(b.Blocks) > 0 || b.Repeat != 0 {
		if b.Count != 0 || b.Mixer.Type != "" || b.FFN.Type != "" || len(b.Blocks) == 0 {
			return 0, errors.New("blocks: a pattern has repeat and blocks and nothing else")
		}
		inner, err := checkBlocks(b.Blocks, depth+1, written)
		if err != nil {
			return 0, err
		}
		return times(inner, b.Repeat)
	}
	if err := checkMixer(&b.Mixer, 0); err != nil {
		return 0, err
	}
	if err := checkFFN(&b.FFN); err != nil {
		return 0, err
	}
	return times(1, b.Count)
}

func times(layers, n int) (int, error) {
	if n < 1 || n > maxLayers {
		return 0, fmt.Errorf("blocks: a count or repeat of %d; want 1 to %d", n, maxLayers)
	}
	return layers * n, nil
}

func checkFFN(f *FFN) error {
	switch f.Type {
	case FFNDense:
		if f.Intermediate < 1 {
			return errors.New("a dense feed-forward wants its intermediate width")
		}
	case FFNMoE:
		if f.Experts < 1 || f.Active < 1 || f.Active > f.Experts || f.ExpertIntermediate < 1 {
			return errors.New("moe wants experts, active (no more than experts) and expert_intermediate")
		}
	case FFNNone:
	default:
		return fmt.Errorf("unknown feed-forward type %q", f.Type)
	}
	return nil
}
