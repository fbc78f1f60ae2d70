package catalog

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestModelByName(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct{ query, id string }{
		{"llama-3.1-8b", "llama-3.1-8b"},
		{"LLAMA 3.1 8B", "llama-3.1-8b"},
		{" llama3.1:8b ", "llama-3.1-8b"},
		{"meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"},
		{"meta-llama/Llama-3.1-8B", "llama-3.1-8b"},
		{"Llama-3.1-8B-Instruct", "llama-3.1-8b"},
		{"unsloth/Meta-Llama-3.1-8B-Instruct-GGUF", "llama-3.1-8b"},
		{"llama31 8b", "llama-3.1-8b"},
		{"llama 3.3", "llama-3.3-70b"},
		{"gemma3 12b", "gemma-3-12b"},
		{"qwen 2.5 coder 1.5b", "qwen2.5-coder-1.5b"},
		{"qwen3 30b", "qwen3-30b-a3b"},
		{"coder 30b", "qwen3-coder-30b-a3b"},
		{"30b coder", "qwen3-coder-30b-a3b"},
		{"DeepSeek-V3-671B", "deepseek-v3"},
		{"opt-1.3b", "opt-1.3b"},
		{"opt-13b", "opt-13b"},
		{"Command R+", "command-r-plus"},
		{"gpt-oss:20b", "gpt-oss-20b"},
	} {
		m, err := c.Model(tt.query)
		if err != nil {
			t.Errorf("%q: %v", tt.query, err)
		} else if m.ID != tt.id {
			t.Errorf("%q: %s, want %s", tt.query, m.ID, tt.id)
		}
	}
}

// Every record is found by the names that it gives itself.
func TestEveryModelByItsNames(t *testing.T) {
	c := mustLoad(t)
	for _, m := range c.Models {
		for _, name := range append([]string{m.ID, m.HF}, m.Aliases...) {
			found, err := c.Model(name)
			var several *AmbiguousError
			switch {
			case errors.As(err, &several) && slices.Contains(several.Candidates, m.ID):
			case err != nil:
				t.Errorf("%s by %q: %v", m.ID, name, err)
			case name == m.ID && found != m:
				t.Errorf("%s: found %s", m.ID, found.ID)
			}
		}
	}
}

func TestAmbiguousModels(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct {
		query string
		first []string // of the candidates, the newest first
	}{
		{"llama 8b", []string{"llama-3.1-8b", "llama-3-8b"}},
		{"mixtral", []string{"mixtral-8x22b", "mixtral-8x7b"}},
		{"gpt oss", []string{"gpt-oss-20b", "gpt-oss-120b"}},
	} {
		_, err := c.Model(tt.query)
		var several *AmbiguousError
		if !errors.As(err, &several) {
			t.Errorf("%q: %v, want several", tt.query, err)
		} else if !slices.Equal(several.Candidates, tt.first) {
			t.Errorf("%q: %v, want %v", tt.query, several.Candidates, tt.first)
		}
	}
	_, err := c.Model("llama 8b")
	if want := `"llama 8b" fits several models: llama-3.1-8b, llama-3-8b`; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestUnknownModels(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct{ query, nearest string }{
		{"lama-3.1-8b", "llama-3.1-8b"}, // a letter left out
		{"llama-3.1-9b", "llama-3.1-8b"},
		{"qwne3-8b", "qwen3-8b"}, // letters swapped
		{"tinylama", "tinyllama-1.1b-chat"},
		{"llama-3.1-80000b", "llama-3.1-8b"},
	} {
		_, err := c.Model(tt.query)
		var missing *NotFoundError
		if !errors.As(err, &missing) {
			t.Errorf("%q: %v, want not found", tt.query, err)
			continue
		}
		if len(missing.Candidates) == 0 || len(missing.Candidates) > maxNearest || !slices.Contains(missing.Candidates, tt.nearest) {
			t.Errorf("%q: nearest %v, want %s among up to %d", tt.query, missing.Candidates, tt.nearest, maxNearest)
		}
	}
	_, err := c.Model("lama-3.1-8b")
	if want := `no model named "lama-3.1-8b"; nearest: llama-3.1-8b, `; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %q, want it to begin with %q", err, want)
	}
}

func TestHostileNames(t *testing.T) {
	c := mustLoad(t)
	for _, query := range []string{
		"", " ", "/", "...", "-", "a/", "\x00", "\xff\xfe", "\x1b[31m", "é", "+", "1.", "8b8b8b8b8b8b", "\n",
		strings.Repeat("a", 1<<20), strings.Repeat("a ", maxQuery/2), strings.Repeat("é", maxQuery/2), strings.Repeat("9", maxQuery),
	} {
		for kind, err := range map[string]error{
			"model":  second(c.Model(query)),
			"device": second(c.Device(query)),
			"quant":  second(c.Quant(query)),
		} {
			if err == nil {
				continue
			}
			if s := err.Error(); len(s) > 600 || strings.ContainsAny(s, "\x00\x1b\n") {
				t.Errorf("%s %.20q: error %.300q is no clear line", kind, query, s)
			}
		}
		c.SearchModels(query)
		c.SearchDevices(query)
		c.DeviceByDriverName(query, 1)
		c.DeviceByPCI(query, 1)
	}
}

func second[T any](_ T, err error) error { return err }

func TestQuantByName(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct{ query, id string }{
		{"Q4_K_M", "Q4_K_M"}, {"q4_k_m", "Q4_K_M"}, {"q4km", "Q4_K_M"}, {"q4-k-m", "Q4_K_M"}, {"Q4 K M", "Q4_K_M"},
		{"q8", "Q8_0"}, {"8bit", "Q8_0"}, {"int8", "Q8_0"}, {"q6", "Q6_K"}, {"iq4xs", "IQ4_XS"}, {"mxfp4", "MXFP4_MOE"},
		{"fp16", "F16"}, {"half", "F16"}, {"bf16", "BF16"}, {"bfloat16", "BF16"}, {"float32", "F32"}, {"f32", "F32"},
	} {
		q, err := c.Quant(tt.query)
		if err != nil || q.ID != tt.id {
			t.Errorf("%q: %v %v, want %s", tt.query, q, err, tt.id)
		}
	}
	for query, first := range map[string]string{"4bit": "Q4_K_M", "4-bit": "Q4_K_M", "int4": "Q4_K_M", "q4": "Q4_K_M", "q4_k": "Q4_K_M", "q5": "Q5_K_M", "16bit": "F16"} {
		var several *AmbiguousError
		if err := second(c.Quant(query)); !errors.As(err, &several) || several.Candidates[0] != first {
			t.Errorf("%q: %v, want several, %s first", query, err, first)
		}
	}
	for query, nearest := range map[string]string{"Q9_K": "Q6_K", "Q4_K_X": "Q4_K_M", "": "Q4_K_M", "7bit": ""} {
		var missing *NotFoundError
		if err := second(c.Quant(query)); !errors.As(err, &missing) || nearest != "" && !slices.Contains(missing.Candidates, nearest) {
			t.Errorf("%q: %v, want not found, %s near", query, err, nearest)
		}
	}
}
