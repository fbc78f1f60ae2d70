package request

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/runtimes"
)

// servers are the runtimes that divide a model over GPUs and fill them.
//
//nolint:gochecknoglobals // a table, never written
var servers = []string{"vllm", "sglang"}

// serveKeys are settings that only servers read.
func serveKeys() []Key {
	return []Key{
		{"tensor_parallel", Whole, "N", "vLLM, SGLang: GPUs that share every matrix; without it as many as there are and divide the heads"},
		{"pipeline_parallel", Whole, "N", "vLLM, SGLang: stages of layers"},
		{"data_parallel", Whole, "N", "vLLM, SGLang: copies of the model; the experts are spread over all"},
		{"expert_parallel", Switch, "BOOL", "vLLM, SGLang: whole experts to each GPU instead of a part of each"},
		{"gpu_memory_utilization", Real, "SHARE", "vLLM: share of each card that it may take; SGLang: mem-fraction-static"},
		{"max_num_seqs", Whole, "N", "vLLM, SGLang: sequences that run at a time"},
		{"max_num_batched_tokens", Whole, "N", "vLLM: tokens of a step; SGLang: chunked-prefill-size"},
		{"enforce_eager", Switch, "BOOL", "vLLM, SGLang: no CUDA graphs"},
		{"prefix_caching", Switch, "BOOL", "vLLM: keep the cache of finished requests to find it again"},
	}
}

// serveSetters apply serveKeys.
func serveSetters() []setter {
	const mostGPUs, mostSeqs = 1024, 1 << 16
	return []setter{
		{"tensor_parallel", whole(1, mostGPUs, func(s *sizing.Settings, n int) { s.Serve.Tensor = n })},
		{"pipeline_parallel", whole(1, mostGPUs, func(s *sizing.Settings, n int) { s.Serve.Pipeline = n })},
		{"data_parallel", whole(1, mostGPUs, func(s *sizing.Settings, n int) { s.Serve.Data = n })},
		{"expert_parallel", onOff(func(s *sizing.Settings, v bool) { s.Serve.Experts = v })},
		{"gpu_memory_utilization", setUtilization},
		{"max_num_seqs", whole(1, mostSeqs, func(s *sizing.Settings, n int) { s.Serve.Seqs = n })},
		{"max_num_batched_tokens", whole(1, maxBatch, func(s *sizing.Settings, n int) { s.Serve.Tokens = n })},
		{"enforce_eager", onOff(func(s *sizing.Settings, v bool) { s.Serve.Eager = v })},
		{"prefix_caching", onOff(func(s *sizing.Settings, v bool) { s.Serve.NoPrefixCache = !v })},
	}
}

// setUtilization takes a share of the card: 0.9, or 90%.
func setUtilization(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
	text, percent := strings.CutSuffix(strings.TrimSpace(v), "%")
	n, err := strconv.ParseFloat(text, 64)
	if percent {
		n /= 100
	}
	if err != nil || math.IsNaN(n) || n <= 0 || n > 1 {
		return errors.New("want a share above 0 and up to 1, such as 0.9")
	}
	s.Serve.Utilization = n
	return nil
}

// refuse turns down settings of servers for a runtime that is none, instead of
// answering something else.
func (r *Request) refuse() error {
	if slices.Contains(servers, strings.ToLower(strings.TrimSpace(r.Get("runtime")))) {
		return nil
	}
	for _, k := range serveKeys() {
		if r.Has(k.Name) {
			return fmt.Errorf("%s belongs to vLLM and SGLang; name one of them as the runtime (llama.cpp has tensor_split)", k.Name)
		}
	}
	return nil
}

// cacheTypes are the types of the cache that a runtime takes.
func cacheTypes(runtime string, c *catalog.Catalog) []string {
	for _, rt := range runtimes.All(c) {
		if own := rt.About().CacheTypes; rt.ID() == runtime && own != nil {
			return own
		}
	}
	return sizing.CacheTypes()
}

// cacheType takes one of the runtime's types.
func cacheType(set func(*sizing.Settings, string)) func(*sizing.Settings, string, *catalog.Model, *catalog.Catalog) error {
	return func(s *sizing.Settings, v string, m *catalog.Model, c *catalog.Catalog) error {
		return oneOf(cacheTypes(s.Runtime, c), set)(s, v, m, c)
	}
}

// serverOf is what is known of a server; nil for other runtimes.
func serverOf(runtime string, c *catalog.Catalog) *catalog.Server {
	switch runtime {
	case "vllm":
		return c.VLLM
	case "sglang":
		return c.SGLang
	}
	return nil
}

// eraIDs are the builds that a runtime knows.
func eraIDs(runtime string, c *catalog.Catalog) []string {
	var ids []string
	if server := serverOf(runtime, c); server != nil {
		for _, e := range server.Eras {
			ids = append(ids, e.ID)
		}
		return ids
	}
	for _, b := range c.Builds {
		ids = append(ids, b.ID)
	}
	return ids
}
