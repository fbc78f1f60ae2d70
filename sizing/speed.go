package sizing

// A token costs at least the time to read what it needs: the weights that are
// active, and the keys and values of what came before. On top comes the work
// of unpacking quantised weights, which the compute units do, and a fixed
// time a layer for starting kernels. The constants are read off one H100
// (llama.cpp v0.5.0, seven file types of an 8B model, models of 1B to 70B)
// and scale with a card's bandwidth and its FP32 rate; on other cards they are
// reasoning, which the band and the label say.
const (
	readShare    = 0.85  // of the theoretical bandwidth that large reads reach
	hostShare    = 0.70  // the same for RAM
	unpackFlops  = 16.0  // FP32 operations a weight to unpack a quantised one
	layerSeconds = 12e-6 // launches of one layer's kernels
	prefillShare = 0.20  // of the dense FP16 rate that prompts reach with quantised weights
	prefillF16   = 0.45  // and with 16-bit ones
	bandLow      = 0.75  // the band around the middle
	bandHigh     = 1.15

	defaultHostGBs = 50  // RAM whose bandwidth is not known
	defaultGPUGBs  = 300 // a bare size: a mid-range card
	defaultTFLOPS  = 30
	hostGFLOPS     = 60 // FP32 of one CPU core at prompt processing
)

// speed bounds a place's decode and prefill rates, one sequence, cache half
// full.
func (a *allocator) speed(out *allocation) Speed {
	seconds, hostSeconds := a.decodeSeconds(out)
	s := Speed{Label: Estimated}
	bound := "memory bandwidth"
	if hostSeconds > seconds/2 {
		bound = "RAM bandwidth"
	}
	s.Decode = band(1/seconds, bound)
	s.Prefill = a.prefill(out)
	return s
}

func band(mid float64, bound string) Band {
	return Band{Low: bandLow * mid, Mid: mid, High: bandHigh * mid, Bound: bound}
}

// decodeSeconds is the time for one token, and of that the host's part. The
// devices work one after another.
func (a *allocator) decodeSeconds(out *allocation) (total, host float64) {
	w := a.r.weights
	kvRead := a.kvReadPerLayer()
	fraction := func(layers int) float64 { return float64(layers) / float64(len(a.c.layers)+1) }
	routed := a.routedRead()
	onHost := len(a.c.layers) + 1 - out.gpuLayers
	dense := float64(w.read) - routed
	hostBytes := dense * fraction(onHost)
	kept := routed * fraction(max(onHost, out.cpuMoE))
	hostBytes += kept + kvRead*float64(onHost)
	host = hostBytes / (1e9 * hostShare * orDefault(a.rig.Host.BandwidthGBs, defaultHostGBs))
	total = host
	layers := out.gpuLayers
	for d := range a.rig.GPUs {
		n := out.devices[d].layers
		if n == 0 {
			continue
		}
		g := &a.rig.GPUs[d]
		share := float64(n) / float64(layers)
		weights := dense*fraction(n) + (routed-kept)*share
		bytes := weights + kvRead*float64(n)
		total += bytes / (1e9 * readShare * orDefault(g.BandwidthGBs, defaultGPUGBs))
		total += a.unpackSeconds(weights, g) + layerSeconds*float64(n)
	}
	return total, host
}

// unpackSeconds is the time to unpack quantised weights of that many bytes.
func (a *allocator) unpackSeconds(bytes float64, g *GPU) float64 {
	if a.r.weights.mix.plain || a.r.weights.read == 0 {
		return 0
	}
	count := bytes * float64(a.r.weights.elems) / float64(a.r.weights.read)
	return count * unpackFlops / (1e12 * g.fp32())
}

func (g *GPU) fp32() float64 {
	if g.Record != nil && g.Record.Compute.FP32 != nil {
		return *g.Record.Compute.FP32
	}
	return orDefault(g.FP16TFLOPS/2, defaultTFLOPS)
}

// kvReadPerLayer is the cache that a token reads in a layer, bytes, the
// context half full.
func (a *allocator) kvReadPerLayer() float64 {
	sum := int64(0)
	for _, k := range a.c.layers {
		kv, _ := a.kindSizes(k)
		sum += kv.host
	}
	return float64(sum) / 2 / float64(a.r.seqs) / float64(len(a.c.layers)+1)
}

// routedRead is the part of the weights read that are experts, bytes.
func (a *allocator) routedRead() float64 {
	if a.c.experts == 0 {
		return 0
	}
	sum := 0.0
	for i, k := range a.c.layers {
		if x := &a.c.kinds[k].block.FFN; x.Experts > 0 {
			sum += float64(a.r.weights.routed[i].host) * float64(x.Active) / float64(x.Experts)
		}
	}
	return sum
}

// prefill is the rate at which a prompt is read: bounded by compute on the
// GPU, by the link for weights that have to be copied over, by the CPU where
// there is no GPU.
func (a *allocator) prefill(out *allocation) Band {
	flops := 2 * float64(a.r.weights.elems)
	seconds, bound := 0.0, "compute"
	onHost := len(a.c.layers) + 1 - out.gpuLayers
	share := prefillShare
	if a.r.weights.mix.plain {
		share = prefillF16
	}
	if len(a.rig.GPUs) == 0 || out.gpuLayers == 0 && out.devices[0].total() == 0 {
		cores := max(1, a.rig.Host.Cores)
		return band(1e9*hostGFLOPS*float64(cores)/flops, "CPU")
	}
	for d := range a.rig.GPUs {
		if n := out.devices[d].layers; n > 0 {
			part := float64(n) / float64(len(a.c.layers)+1)
			seconds += part * flops / (1e12 * share * orDefault(a.rig.GPUs[d].FP16TFLOPS, defaultTFLOPS))
		}
	}
	if onHost > 0 || out.cpuMoE > 0 {
		link := orDefault(a.rig.GPUs[0].PCIeGBs, defaultLinkGBs)
		copied := float64(out.host().weights-a.r.weights.input.host) / (1e9 * link * pageableShare)
		seconds += copied/float64(a.r.ub) + flops*float64(onHost)/float64(len(a.c.layers)+1)/(1e12*share*orDefault(a.rig.GPUs[0].FP16TFLOPS, defaultTFLOPS))
		bound = "copying weights over PCIe"
	}
	return band(1/seconds, bound)
}

const (
	defaultLinkGBs = 25   // PCIe 4.0 x16 in practice
	pageableShare  = 0.15 // of the link that copies from pageable memory reach (measured: 7.5 of 55 GB/s)
)

func orDefault(v, d float64) float64 {
	if v > 0 {
		return v
	}
	return d
}
