package sizing

// What a process takes on a GPU besides the runtime's own buffers: the
// driver's context, kernels loaded on first use, cuBLAS, and the pool of
// scratch memory. None of it is in llama.cpp's log. The figures are those of
// an H100 with CUDA 13 and llama.cpp v0.5.0, measured by NVML; on other cards
// they are reasoning, and labelled so.
const (
	// cudaContext is an empty context; it grows with the number of
	// multiprocessors, for which the driver sets stacks and local memory
	// aside. The part that does not grow is estimated.
	cudaContext    = 518 << 20
	cudaContextSMs = 132
	cudaContextMin = 184 << 20
	// cudaModules is what kernels take once they have run.
	cudaModules = 70 << 20
	// cudaBLAS is cuBLAS with its workspace: for 16-bit weights, experts, and
	// attention without flash attention.
	cudaBLAS = 96 << 20
	// poolStep is what the scratch pool grows by; a little of it is always
	// there.
	poolStep = 2 << 20
	poolMin  = 4 << 20
	// promptDepth is how far the context is taken to be filled for the pool,
	// tokens: without flash attention it grows with every prompt that is
	// deeper than those before. A warning says how far it can go.
	promptDepth = 4096
	// metalContext and otherContext stand for backends that nobody measured
	// for us.
	metalContext = 64 << 20
	otherContext = 256 << 20
)

// overhead are the parts of driverOverhead, bytes.
type overhead struct{ context, modules, blas, pool int64 }

func (o overhead) total() int64 { return o.context + o.modules + o.blas + o.pool }

// driverOverhead is the process's memory on a GPU beyond its buffers.
func (a *allocator) driverOverhead(g *GPU) overhead {
	switch g.Backend {
	case "metal":
		return overhead{context: metalContext}
	case "cuda":
	default:
		return overhead{context: otherContext}
	}
	o := overhead{context: cudaContextOf(g), modules: cudaModules}
	if a.r.weights.mix.plain || a.c.experts > 0 || !a.r.flash {
		o.blas = cudaBLAS
	}
	o.pool = poolMin + ceil(a.scratch(), poolStep)
	return o
}

// scratch is the largest request to the pool: a batch of the widest
// activations, quantised for the integer kernels or as f16 for cuBLAS, and
// without flash attention the scores as f16.
func (a *allocator) scratch() int64 {
	width, scores := a.c.hidden, int64(0)
	for i := range a.c.kinds {
		x := &a.c.kinds[i].block.FFN
		width = max(width, int64(x.Intermediate), int64(x.Active)*int64(x.ExpertIntermediate))
		if !a.r.flash {
			scores = max(scores, a.scores(&a.c.kinds[i], promptDepth))
		}
	}
	if a.r.weights.mix.plain {
		return max(2*width*a.r.ub, scores)
	}
	return max(width*a.r.ub*36/32, scores)
}

// scores is a layer's attention scores of one batch as f16, at a depth.
func (a *allocator) scores(k *kind, depth int64) int64 {
	return 2 * k.heads * a.r.ub * min(a.r.cells, depth)
}

// poolGrowth is what the scratch pool can still grow by when the context
// fills up, bytes; 0 with flash attention.
func (a *allocator) poolGrowth() int64 {
	if a.r.flash {
		return 0
	}
	n := int64(0)
	for i := range a.c.kinds {
		k := &a.c.kinds[i]
		n = max(n, a.scores(k, a.r.cells)-a.scores(k, promptDepth))
	}
	return n
}

func cudaContextOf(g *GPU) int64 {
	sms := g.multiprocessors()
	if sms == 0 {
		sms = 64
	}
	return cudaContextMin + (cudaContext-cudaContextMin)*sms/cudaContextSMs
}

// multiprocessors is the number of streaming multiprocessors, from the
// record's core count; 0 = not known.
func (g *GPU) multiprocessors() int64 {
	if g.Record == nil || g.Record.ShaderCores == nil {
		return 0
	}
	cores := int64(128)
	switch c := g.ComputeCapability; {
	case c == 6.0, c >= 7 && c < 8, c == 8.0: // GP100, Volta, Turing, GA100
		cores = 64
	}
	return int64(*g.Record.ShaderCores) / cores
}

// overheadLabel says how well a GPU's overhead is known.
func overheadLabel(g *GPU) Label {
	if g.Backend == "cuda" && g.ComputeCapability == 9.0 {
		return Measured
	}
	return Estimated
}
