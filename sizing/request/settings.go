package request

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/units"
)

// setter changes the settings by one answered key. Its error says what is
// wrong with the value; the caller names key and value.
type setter struct {
	key   string
	apply func(s *sizing.Settings, value string, m *catalog.Model, c *catalog.Catalog) error
}

// setters lists the keys that are settings. kv_type stands before kv_type_k
// and kv_type_v, which override it.
func setters() []setter {
	return append([]setter{
		{"quant", setQuant},
		{"ctx", setCtx},
		{"kv_type", cacheType(func(s *sizing.Settings, t string) { s.KVTypeK, s.KVTypeV = t, t })},
		{"kv_type_k", cacheType(func(s *sizing.Settings, t string) { s.KVTypeK = t })},
		{"kv_type_v", cacheType(func(s *sizing.Settings, t string) { s.KVTypeV = t })},
		{"batch", whole(1, maxBatch, func(s *sizing.Settings, n int) { s.Batch = n })},
		{"ubatch", whole(1, maxBatch, func(s *sizing.Settings, n int) { s.UBatch = n })},
		{"filled", whole(1, maxCtx, func(s *sizing.Settings, n int) { s.Filled = n })},
		{"parallel", whole(1, maxParallel, func(s *sizing.Settings, n int) { s.Parallel = n })},
		{"outputs_max", whole(0, maxBatch, func(s *sizing.Settings, n int) { s.OutputsMax = n })},
		{"kv_unified", onOff(func(s *sizing.Settings, v bool) { s.KVUnified = v })},
		{"swa_full", onOff(func(s *sizing.Settings, v bool) { s.SWAFull = v })},
		{"flash_attn", oneOf([]string{"auto", "on", "off"}, func(s *sizing.Settings, v string) { s.FlashAttn = sizing.FlashAttn(v) })},
		{"gpu_layers", layers(map[string]int{"auto": sizing.LayersAuto, "all": sizing.LayersAll, "fit": sizing.LayersFit}, func(s *sizing.Settings, n int) { s.GPULayers = n })},
		{"cpu_moe", layers(map[string]int{"auto": sizing.ExpertsAuto, "all": sizing.AllExperts}, func(s *sizing.Settings, n int) { s.CPUMoE = n })},
		{"fit_target", setFitTarget},
		{"fit_ctx", whole(1, maxCtx, func(s *sizing.Settings, n int) { s.FitCtx = n })},
		{"tensor_split", setSplit},
		{"split_mode", oneOf([]string{"layer", "row", "none"}, func(s *sizing.Settings, v string) { s.SplitMode = sizing.SplitMode(v) })},
		{"main_gpu", whole(0, maxGPUs-1, func(s *sizing.Settings, n int) { s.MainGPU = n })},
		{"kv_offload", onOff(func(s *sizing.Settings, v bool) { s.KVOffload = v })},
		{"op_offload", onOff(func(s *sizing.Settings, v bool) { s.OpOffload = v })},
		{"mmap", onOff(func(s *sizing.Settings, v bool) { s.NoMmap = !v })},
		{"mlock", onOff(func(s *sizing.Settings, v bool) { s.Mlock = v })},
		{"mmproj", setProjector},
		{"embeddings", onOff(func(s *sizing.Settings, v bool) { s.Embeddings = v })},
		{"runtime_build", setBuild},
		{"guess", onOff(func(s *sizing.Settings, v bool) { s.Guess = v })},
		{"direct_io", onOff(func(s *sizing.Settings, v bool) { s.DirectIO = v })},
	}, append(torchSetters(), serveSetters()...)...)
}

// Bounds that no runtime exceeds; they keep sums within 64 bits.
const (
	maxBatch    = 1 << 20 // tokens
	maxParallel = 256     // sequences, llama.cpp's own limit
	maxLayers   = 100000
	maxCtx      = 1 << 27 // tokens
)

func quantNames(c *catalog.Catalog) []string {
	names := make([]string, len(c.Quants))
	for i, q := range c.Quants {
		names[i] = q.ID
	}
	return names
}

func setCtx(s *sizing.Settings, v string, m *catalog.Model, _ *catalog.Catalog) error {
	if strings.EqualFold(strings.TrimSpace(v), "max") {
		s.Ctx = longest(m)
		return nil
	}
	n, err := Tokens(v)
	if err != nil || n < 1 || n > maxCtx {
		return fmt.Errorf("want 1 to %s tokens (%s's longest), or max", units.Count(longest(m)), m.ID)
	}
	s.Ctx = n
	return nil
}

// Tokens reads a number of tokens: "8192", "8,192", "32k" (× 1,024), "1M"
// (× 1,048,576).
func Tokens(s string) (int, error) {
	t := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), ",", ""))
	unit := 1
	switch {
	case strings.HasSuffix(t, "k"):
		t, unit = strings.TrimSuffix(t, "k"), 1<<10
	case strings.HasSuffix(t, "m"):
		t, unit = strings.TrimSuffix(t, "m"), 1<<20
	}
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
		return 0, fmt.Errorf("%s is no number of tokens", quoted(s))
	}
	return int(n * int64(unit)), nil
}

func oneOf(choices []string, set func(*sizing.Settings, string)) func(*sizing.Settings, string, *catalog.Model, *catalog.Catalog) error {
	return func(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
		v = strings.ToLower(strings.TrimSpace(v))
		if !slices.Contains(choices, v) {
			return fmt.Errorf("want one of %s; nearest: %s", strings.Join(choices, ", "), Nearest(v, choices))
		}
		set(s, v)
		return nil
	}
}

func whole(low, high int, set func(*sizing.Settings, int)) func(*sizing.Settings, string, *catalog.Model, *catalog.Catalog) error {
	return func(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || n < low || n > high {
			return fmt.Errorf("want a whole number from %s to %s", units.Count(low), units.Count(high))
		}
		set(s, n)
		return nil
	}
}

// layers takes a number of layers or one of the given words.
func layers(words map[string]int, set func(*sizing.Settings, int)) func(*sizing.Settings, string, *catalog.Model, *catalog.Catalog) error {
	return func(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
		v = strings.ToLower(strings.TrimSpace(v))
		if n, ok := words[v]; ok {
			set(s, n)
			return nil
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > maxLayers {
			return fmt.Errorf("want a number of layers, %s", strings.Join(slices.Sorted(maps.Keys(words)), " or "))
		}
		set(s, n)
		return nil
	}
}

func onOff(set func(*sizing.Settings, bool)) func(*sizing.Settings, string, *catalog.Model, *catalog.Catalog) error {
	return func(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
		b, err := truth(v)
		if err == nil {
			set(s, b)
		}
		return err
	}
}

// truth reads the answer to a switch.
func truth(v string) (bool, error) {
	b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(v)))
	if err != nil {
		return false, errors.New("want true or false")
	}
	return b, nil
}

// setSplit takes llama.cpp's form, "3,1" or "3/1".
func setSplit(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
	parts := strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == '/' })
	split := make([]float64, 0, len(parts))
	sum := 0.0
	for _, p := range parts {
		f, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || !(f >= 0) || f > 1e9 || len(split) >= maxGPUs {
			return errors.New("want a share for each GPU, such as 3,1")
		}
		split = append(split, f)
		sum += f
	}
	if sum <= 0 {
		return errors.New("want a share for each GPU, such as 3,1")
	}
	s.TensorSplit = split
	return nil
}
