package sizing

// A token costs at least the time to read what it needs: the weights that are
// active, and the keys and values of what came before. On top comes the work
// of unpacking quantised weights, which the compute units do, and a fixed
// time a layer for starting kernels. The constants lie where published
// llama.cpp runs of dense models on Ampere, Ada and RDNA 4 cards have their
// median (within 5 %; four fifths of the runs are within 25 %) and where an
// H100 was measured. For anything else they are reasoning; the band and the
// label say so.
const (
	readShare       = 0.85  // of the theoretical bandwidth that a GPU reaches
	readShareHBM    = 0.68  // the same with HBM, whose rate K-quants do not reach
	hbmGBs          = 1400  // from which a card is taken to have HBM
	hostShare       = 0.70  // the same for RAM
	unpackFlops     = 8.0   // FP32 operations a weight to unpack a quantised one
	layerSeconds    = 12e-6 // launches of one dense layer's kernels
	moeLayerSeconds = 45e-6 // and of one with experts
	bandLow         = 0.80  // the band around the middle
	bandHigh        = 1.20
	prefillBandLow  = 0.65
	prefillBandHigh = 1.30
	moePrefill      = 0.45 // of a dense model's rate, as experts get small batches

	networkSeconds = 1e-3 // a token's way to another machine and back, gigabit Ethernet or better

	coreGBs        = 12  // what one CPU core reads; measured: 117 GB/s with 16 threads
	defaultHostGBs = 50  // RAM whose bandwidth is not known
	defaultGPUGBs  = 300 // a bare size: a mid-range card
	defaultTFLOPS  = 30
	hostGFLOPS     = 60 // FP32 of one CPU core at prompt processing
)

// prefillShare is the share of a GPU's dense FP16 rate that prompts reach:
// medians of published llama.cpp runs by kind of card, an H100 measured here.
func prefillShare(g *GPU, plain bool) float64 {
	switch {
	case g.Backend == "cuda" && (g.ComputeCapability == 8.0 || g.ComputeCapability >= 9 && g.ComputeCapability < 12):
		if plain {
			return 0.40
		}
		return 0.18
	case g.Backend == "cuda":
		return 0.70
	case g.Backend == "metal":
		return 0.60
	}
	return 0.25
}

// speed bounds a place's decode and prefill rates, one sequence, cache half
// full.
func (a *allocator) speed(out *allocation) Speed {
	seconds, hostSeconds, least := a.decodeSeconds(out)
	s := Speed{Label: Estimated}
	bound := "memory bandwidth"
	if hostSeconds > seconds/2 {
		bound = "RAM bandwidth"
	}
	s.Decode = band(1/seconds, bound)
	s.Decode.High = min(s.Decode.High, 1/least)
	s.Prefill = a.prefill(out)
	return s
}

func band(mid float64, bound string) Band {
	return Band{Low: bandLow * mid, Mid: mid, High: bandHigh * mid, Bound: bound}
}

func prefillBand(mid float64, bound string) Band {
	return Band{Low: prefillBandLow * mid, Mid: mid, High: prefillBandHigh * mid, Bound: bound}
}

// decodeSeconds is the time for one token, of that the host's part, and the
// least that reading alone can take at the theoretical bandwidths: no run can
// be faster. The devices work one after another.
func (a *allocator) decodeSeconds(out *allocation) (total, host, least float64) {
	w := a.r.weights
	kvRead := a.kvReadPerLayer()
	fraction := func(layers int) float64 { return float64(layers) / float64(len(a.c.layers)+1) }
	routed := a.routedRead()
	onHost := len(a.c.layers) + 1 - out.gpuLayers
	dense := float64(w.read) - routed
	hostBytes := dense * fraction(onHost)
	kept := routed * fraction(max(onHost, out.cpuMoE))
	hostBytes += kept + kvRead*float64(onHost) + float64(out.hostRead)
	least = hostBytes / a.rig.Host.readRate()
	host = least / hostShare
	total = host
	layers := out.gpuLayers
	for d := range a.rig.GPUs {
		n := out.devices[d].layers
		if n == 0 {
			continue
		}
		g := &a.rig.GPUs[d]
		share := float64(n) / float64(layers)
		weights := max(0, dense*fraction(n)+(routed-kept-float64(out.hostRead))*share)
		bytes := weights + kvRead*float64(n)
		least += bytes / (1e9 * orDefault(g.BandwidthGBs, defaultGPUGBs))
		total += bytes / g.readRate()
		total += a.unpackSeconds(weights, g) + a.launchSeconds(n)
		if g.Backend == BackendRPC {
			total += networkSeconds
		}
	}
	return total, host, least
}

// readRate is what a GPU reads in a second, bytes.
func (g *GPU) readRate() float64 {
	share := readShare
	if g.BandwidthGBs >= hbmGBs && g.ComputeCapability != 12.0 {
		share = readShareHBM
	}
	return 1e9 * share * orDefault(g.BandwidthGBs, defaultGPUGBs)
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

// launchSeconds is the fixed time of n layers.
func (a *allocator) launchSeconds(n int) float64 {
	moe := float64(a.c.experts) / float64(len(a.c.layers))
	return float64(n) * (moe*moeLayerSeconds + (1-moe)*layerSeconds)
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
	if len(a.rig.GPUs) == 0 || out.gpuLayers == 0 && out.devices[0].total() == 0 {
		cores := max(1, a.rig.Host.Cores)
		return prefillBand(1e9*hostGFLOPS*float64(cores)/flops, "CPU")
	}
	if a.c.experts > 0 {
		flops /= moePrefill
	}
	all := float64(len(a.c.layers) + 1)
	seconds := 0.0
	for d := range a.rig.GPUs {
		n := out.devices[d].layers
		if d == 0 {
			n += len(a.c.layers) + 1 - out.gpuLayers // op offload
		}
		g := &a.rig.GPUs[d]
		rate := 1e12 * prefillShare(g, a.r.weights.mix.plain) * g.fp16()
		seconds += float64(n) / all * flops / rate
	}
	if out.gpuLayers == len(a.c.layers)+1 && out.cpuMoE == 0 && !out.moves.toRAM() {
		return prefillBand(1/seconds, "compute")
	}
	link := orDefault(a.rig.GPUs[0].PCIeGBs, defaultLinkGBs)
	copied := float64(out.host().weights-a.r.weights.input.host) / (1e9 * link * pageableShare)
	return prefillBand(1/(seconds+copied/float64(a.r.ub)), "copying weights over PCIe")
}

// fp16 is a GPU's dense FP16 rate, 10^12 operations a second; a card whose
// FP16 units are slower than its FP32 ones (Pascal) computes in FP32.
func (g *GPU) fp16() float64 {
	if g.Record == nil {
		return orDefault(g.FP16TFLOPS, defaultTFLOPS)
	}
	return max(orDefault(g.FP16TFLOPS, defaultTFLOPS/10), g.fp32())
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
