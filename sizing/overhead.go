package sizing

// What a process takes on a GPU besides the runtime's own buffers: the
// driver's context, kernels loaded on first use, and the pool of scratch
// memory. None of it is in llama.cpp's log.
const (
	// cudaContext is an empty CUDA context of llama.cpp on an H100 with CUDA
	// 13, measured by NVML; it grows with the number of multiprocessors, for
	// which the driver sets stacks and local memory aside.
	cudaContext    = 518 << 20
	cudaContextSMs = 132
	cudaContextMin = 184 << 20 // the part that does not grow; estimated
	// cudaWarm is what comes on top once a first batch has run with flash
	// attention: modules loaded lazily and the pool (measured, H100: 80 to
	// 100 MiB).
	cudaWarm = 90 << 20
	// otherContext stands for backends that nobody measured for us.
	otherContext = 256 << 20
)

// driverOverhead is the process's memory on a GPU beyond its buffers, bytes.
func driverOverhead(g *GPU) int64 {
	switch g.Backend {
	case "metal":
		return 64 << 20
	case "cuda":
		return cudaContextOf(g) + cudaWarm
	default:
		return otherContext
	}
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
