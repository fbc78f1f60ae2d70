package calculator

// choices lists the settings of other runtimes that have a slider, in the
// order of the screen.
func choices() []choice {
	return []choice{
		{key: "tensor_parallel", label: "GPUs a copy", term: "tensor-parallelism", values: numbers(1, 2, 4, 8), usual: "1"},
		{key: "gpu_memory_utilization", label: "GPU share", term: "gpu-memory-utilisation", values: []string{"0.5", "0.6", "0.7", "0.8", "0.85", "0.9", "0.92", "0.95", "0.98"}, usual: "0.92"},
		{key: "max_num_seqs", label: "At a time", term: "continuous-batching", values: numbers(1, 4, 16, 64, 128, 256, 512, 1024), usual: "256"},
		{key: "max_num_batched_tokens", label: "Step, tokens", term: "chunked-prefill", values: numbers(512, 1024, 2048, 4096, 8192, 16384, 32768), usual: "2048"},
		{key: "attention", label: "Attention", term: "flash-attention", values: []string{"flash", "flashinfer", "sdpa", "eager"}, usual: "sdpa"},
	}
}
