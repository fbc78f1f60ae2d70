package sizing

// A token costs at least the time to read what it needs: the weights that are
// active, and the keys and values of what came before. On top comes the work
// of unpacking quantised weights, which the compute units do, and the time to
// start a layer's kernels: small models and mixtures of experts are held by
// that. What kinds of GPU reach stands in speed_rates.go; the band is as wide
// as four fifths of the runs that it was held against.
const (
	hostShare = 0.70 // of the RAM's bandwidth that reading reaches
	bandLow   = 0.80 // the band around the middle
	bandHigh  = 1.20

	networkSeconds = 1e-3 // a token's way to another machine and back, gigabit Ethernet or better

	coreGBs        = 12  // what one CPU core reads; measured: 117 GB/s with 16 threads
	defaultHostGBs = 50  // RAM whose bandwidth is not known
	defaultGPUGBs  = 300 // a bare size: a mid-range card
	defaultTFLOPS  = 30
)

// speed bounds a place's decode and prefill rates, one sequence, cache half
// full.
func (a *allocator) speed(out *allocation) Speed {
	t := a.decodeTime(out)
	s := Speed{Label: Estimated, Decode: band(1/t.total(), t.bound()), Prefill: a.prefill(out)}
	s.Decode.High = min(s.Decode.High, 1/t.least)
	return s
}

func band(mid float64, bound string) Band {
	return Band{Low: bandLow * mid, Mid: mid, High: bandHigh * mid, Bound: bound}
}

// decodeTime is what a token takes, seconds. The devices work one after
// another.
type decodeTime struct {
	weights, cache, unpack, launch float64 // on the GPUs
	host, network                  float64
	least                          float64 // reading alone, at the theoretical bandwidths: no run can be faster
}

func (t *decodeTime) total() float64 {
	return t.weights + t.cache + t.unpack + t.launch + t.host + t.network
}

// bound says what takes most of the time.
func (t *decodeTime) bound() string {
	half := t.total() / 2
	switch {
	case t.host > half:
		return "RAM bandwidth"
	case t.launch > half:
		return "starting kernels"
	}
	return "memory bandwidth"
}

func (a *allocator) decodeTime(out *allocation) (t decodeTime) {
	w := a.r.weights
	fraction := func(layers int) float64 { return float64(layers) / float64(len(a.c.layers)+1) }
	routed, kvRead := a.routedRead(), a.kvReadPerLayer()
	onHost := len(a.c.layers) + 1 - out.gpuLayers
	dense := float64(w.read) - routed
	kept := routed * fraction(max(onHost, out.cpuMoE))
	hostBytes := dense*fraction(onHost) + kept + kvRead*float64(onHost) + float64(out.hostRead)
	t.least = hostBytes / a.rig.Host.readRate()
	t.host = t.least / hostShare
	for d := range a.rig.GPUs {
		n := out.devices[d].layers
		if n == 0 {
			continue
		}
		share := float64(n) / float64(out.gpuLayers)
		weights := max(0, dense*fraction(n)+(routed-kept-float64(out.hostRead))*share)
		a.addGPU(&t, &a.rig.GPUs[d], n, weights, kvRead*float64(n))
	}
	return t
}

// addGPU adds the time of n layers on a GPU, which read so many bytes.
func (a *allocator) addGPU(t *decodeTime, g *GPU, n int, weights, cache float64) {
	r, bw := ratesOf(g), g.bandwidth()
	t.least += (weights + cache) / bw
	t.weights += weights / (r.read * bw)
	t.cache += cache * a.cacheReads() / (r.readKV * bw)
	t.unpack += a.weightCount(weights) * r.unpackFlops / g.fp32()
	t.unpack += a.cacheCount(cache) * r.unpackKV / g.fp32()
	moe := float64(a.c.experts) / float64(len(a.c.layers))
	t.launch += float64(n) * (moe*r.moeLayer + (1-moe)*r.layer)
	if g.Backend == BackendRPC {
		t.network += networkSeconds
	}
}

// weightCount is how many quantised weights lie in so many bytes of them.
func (a *allocator) weightCount(bytes float64) float64 {
	if a.r.weights.mix.plain || a.r.weights.read == 0 {
		return 0
	}
	return bytes * float64(a.r.weights.elems) / float64(a.r.weights.read)
}

// cacheCount is the same for a quantised cache.
func (a *allocator) cacheCount(bytes float64) float64 {
	if a.r.typeK.block == 1 {
		return 0
	}
	return bytes * float64(a.r.typeK.block) / float64(a.r.typeK.bytes)
}

// cacheReads is how often a token reads the cache: a latent serves as key and
// as value.
func (a *allocator) cacheReads() float64 {
	if a.c.widestFull.mla {
		return 2
	}
	return 1
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
