package sizing

// rates are what a kind of GPU reaches under llama.cpp. Shares are of what its
// data sheet says.
type rates struct {
	read, readKV          float64 // of the bandwidth, for weights and for keys and values
	layer, moeLayer       float64 // seconds to start the kernels of a layer, for a token
	plain, quantised      float64 // of the FP16 and of the INT8 rate, for a prompt's matrices
	experts               float64 // of either, where each expert gets a few of the tokens
	attention             float64 // of the FP16 rate
	promptLayer           float64 // seconds a layer and micro-batch
	unpackFlops, unpackKV float64 // FP32 operations a quantised weight, and an element of a quantised cache
}

// The constants of each kind lie where the measured and published runs that
// testdata holds have their middle (TestAccuracyOfSpeed prints how well);
// those of Metal's attention and experts, and of everything that is not listed,
// are taken from the nearest kind.
func ratesCUDA() rates {
	return rates{
		read: 0.89, readKV: 0.69, layer: 46e-6, moeLayer: 65e-6, unpackFlops: 6, unpackKV: 90,
		plain: 0.46, quantised: 0.19, experts: 0.52, attention: 0.25, promptLayer: 0.4e-3,
	}
}

func ratesHIP() rates {
	return rates{
		read: 0.80, readKV: 0.62, layer: 42e-6, moeLayer: 110e-6, unpackFlops: 6, unpackKV: 90,
		plain: 0.23, quantised: 0.31, experts: 0.50, attention: 0.09, promptLayer: 2e-3,
	}
}

func ratesMetal() rates {
	return rates{
		read: 0.89, readKV: 0.69, layer: 100e-6, moeLayer: 150e-6, unpackFlops: 6, unpackKV: 90,
		plain: 0.90, quantised: 0.62, experts: 0.50, attention: 0.25, promptLayer: 2e-3,
	}
}

// Of Hopper's rates the kernels reach more in FP16, through cuBLAS, and less
// in INT8, as they do not use its own instructions for it.
const (
	hopperPlain     = 0.61
	hopperQuantised = 0.09
)

// ratesOf is what a GPU of its kind reaches.
func ratesOf(g *GPU) rates {
	switch g.Backend {
	case "cuda", "":
		r := ratesCUDA()
		switch {
		case g.ComputeCapability >= 9 && g.ComputeCapability < 12:
			r.plain, r.quantised = hopperPlain, hopperQuantised
		case g.ComputeCapability == 8.0:
			r.plain = hopperPlain
		}
		return r
	case "metal":
		return ratesMetal()
	}
	return ratesHIP()
}

// bandwidth is a GPU's by its data sheet, bytes a second.
func (g *GPU) bandwidth() float64 { return 1e9 * orDefault(g.BandwidthGBs, defaultGPUGBs) }

// fp32 is the rate of the units that unpack weights, operations a second.
func (g *GPU) fp32() float64 {
	if g.Record != nil && g.Record.Compute.FP32 != nil {
		return 1e12 * *g.Record.Compute.FP32
	}
	return 1e12 * orDefault(g.FP16TFLOPS/2, defaultTFLOPS)
}

// fp16 is a GPU's dense FP16 rate, operations a second, summed up in FP16
// where that is faster, as llama.cpp does it; a card whose FP16 units are
// slower than its FP32 ones (Pascal) computes in FP32.
func (g *GPU) fp16() float64 {
	if g.Record == nil {
		return 1e12 * orDefault(g.FP16TFLOPS, defaultTFLOPS)
	}
	best := max(1e12*orDefault(g.FP16TFLOPS, defaultTFLOPS/10), g.fp32())
	if half := g.Record.Compute.FP16Acc16; half != nil {
		best = max(best, 1e12**half)
	}
	return best
}

// int8 is the rate at which quantised weights meet quantised activations,
// operations a second.
func (g *GPU) int8() float64 {
	if g.Record != nil && g.Record.Compute.INT8 != nil {
		return max(1e12**g.Record.Compute.INT8, g.fp16())
	}
	return g.fp16()
}

// readRate is the most that the CPU reads in a second, bytes: the RAM's
// bandwidth, or what its cores can ask for.
func (h *Host) readRate() float64 {
	rate := orDefault(h.BandwidthGBs, defaultHostGBs)
	if h.Cores > 0 {
		rate = min(rate, float64(h.Cores)*coreGBs)
	}
	return 1e9 * rate
}

func orDefault(v, d float64) float64 {
	if v > 0 {
		return v
	}
	return d
}
