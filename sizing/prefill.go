package sizing

const (
	prefillBandLow  = 0.65
	prefillBandHigh = 1.30
	hostGFLOPS      = 60   // FP32 of one CPU core at prompt processing
	defaultLinkGBs  = 25   // PCIe 4.0 x16 in practice
	pageableShare   = 0.15 // of the link that copies from pageable memory reach (measured: 7.5 of 55 GB/s)
	unfusedShare    = 0.35 // of attention's rate without flash attention (measured: half the speed at 10,000 tokens)
)

func prefillBand(mid float64, bound string) Band {
	return Band{Low: prefillBandLow * mid, Mid: mid, High: prefillBandHigh * mid, Bound: bound}
}

// prefillTime is what a token of a prompt takes, seconds: its share of a
// micro-batch.
type prefillTime struct {
	matrices, attention, launch float64
	copies                      float64 // of weights from RAM
	onCPU                       bool
}

func (t *prefillTime) total() float64 { return t.matrices + t.attention + t.launch + t.copies }

func (t *prefillTime) bound() string {
	half := t.total() / 2
	switch {
	case t.onCPU:
		return "CPU"
	case t.copies > half:
		return "copying over PCIe"
	case t.attention > half:
		return "attention"
	}
	return "compute"
}

// prefill is the rate at which a prompt of half the context is read.
func (a *allocator) prefill(out *allocation) Band {
	t := a.prefillTime(out, a.prompt())
	return prefillBand(1/t.total(), t.bound())
}

// prompt is what prefill is stated for, tokens.
func (a *allocator) prompt() int64 { return a.r.ctx / a.r.seqs / 2 }

// prefillTime is the mean over a prompt of so many tokens, read into an empty
// cache: bounded by compute on the GPU, by the link for weights that have to
// be copied over, by the CPU where there is no GPU.
func (a *allocator) prefillTime(out *allocation, tokens int64) (t prefillTime) {
	tokens = max(1, tokens)
	flops := 2 * float64(a.r.weights.elems)
	past := a.attentionFlops(tokens / 2)
	if len(a.rig.GPUs) == 0 || out.gpuLayers == 0 && out.devices[0].total() == 0 {
		rate := 1e9 * hostGFLOPS * float64(max(1, a.rig.Host.Cores))
		return prefillTime{matrices: flops / rate, attention: past / rate, onCPU: true}
	}
	batch := float64(min(a.r.ub, tokens))
	all := float64(len(a.c.layers) + 1)
	for d := range a.rig.GPUs {
		n := out.devices[d].layers
		if d == 0 {
			n += len(a.c.layers) + 1 - out.gpuLayers // op offload
		}
		g := &a.rig.GPUs[d]
		r, share := ratesOf(g), float64(n)/all
		t.matrices += share * flops / a.matrixRate(g, r)
		t.attention += share * past / a.attentionRate(g, r)
		t.launch += float64(n) * r.promptLayer / batch
	}
	if out.gpuLayers < len(a.c.layers)+1 || out.cpuMoE > 0 || out.moves.toRAM() {
		link := 1e9 * pageableShare * orDefault(a.rig.GPUs[0].PCIeGBs, defaultLinkGBs)
		t.copies = float64(out.host().weights-a.r.weights.input.host) / link / batch
	}
	return t
}

// matrixRate is at what rate a GPU multiplies a prompt with the weights,
// operations a second.
func (a *allocator) matrixRate(g *GPU, r rates) float64 {
	rate := r.quantised * g.int8()
	if a.r.weights.mix.plain {
		rate = r.plain * g.fp16()
	}
	if a.c.experts > 0 {
		rate *= r.experts
	}
	return rate
}

func (a *allocator) attentionRate(g *GPU, r rates) float64 {
	rate := r.attention * g.fp16()
	if !a.r.flash {
		rate *= unfusedShare
	}
	return rate
}

// attentionFlops is the work of a token's attention over so many before it:
// for each, a product with the key and one with the value.
func (a *allocator) attentionFlops(past int64) float64 {
	sum := int64(0)
	for _, k := range a.c.layers {
		kind := &a.c.kinds[k]
		seen := past
		if kind.swa {
			seen = min(seen, a.c.window)
		}
		width := kind.query
		if kind.cache.mla {
			width = kind.heads * kind.cache.k // over the latent itself
		}
		sum += width * seen
	}
	return 4 * float64(sum)
}
