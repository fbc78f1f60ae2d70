package catalog

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSearchModels(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct {
		name, query string
		first       string // id of the best match
		marked      string // the letters of its name that are marked
	}{
		{"an id comes first", "llama-3.1-8b", "llama-3.1-8b", "Llama3.18B"},
		{"words in any order", "30b coder qwen", "qwen3-coder-30b-a3b", "QwenCoder30B"},
		{"digits stand as they are", "qwen3 8b", "qwen3-8b", "Qwen38B"},
		{"a use counts, a name more", "qwen chat 7b", "qwen1.5-7b", "Qwen7BChat"},
		{"a maker counts", "microsoft phi 14b", "phi-4-14b", ""},
		{"numbers are found by their start", "deepseek v3", "deepseek-v3", "DeepSeekV3"},
		{"a letter left out, the newest first", "gema 12b", "gemma-4-12b", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := c.SearchModels(tt.query)
			if len(found) == 0 {
				t.Fatalf("%q: nothing", tt.query)
			}
			m := c.Models[found[0].Index]
			if m.ID != tt.first {
				t.Errorf("%q: %s first, want %s", tt.query, m.ID, tt.first)
			}
			var marked strings.Builder
			for _, i := range found[0].Matched {
				marked.WriteByte(m.Name[i])
			}
			if tt.marked != "" && marked.String() != tt.marked {
				t.Errorf("%q marks %q in %q, want %q", tt.query, marked.String(), m.Name, tt.marked)
			}
		})
	}
}

func TestSearchLeavesOut(t *testing.T) {
	c := mustLoad(t)
	for _, match := range c.SearchModels("llama 8b") {
		name := c.Models[match.Index].Name
		if strings.Contains(name, "1.8B") || strings.Contains(name, "18B") || strings.Contains(name, "70B") {
			t.Errorf("%q fits no 8b", name)
		}
	}
	if found := c.SearchModels("zzzzqqqq"); len(found) != 0 {
		t.Errorf("%d models hold zzzzqqqq", len(found))
	}
	if found := c.SearchModels("!?"); len(found) != 0 {
		t.Errorf("%d models hold !?", len(found))
	}
	if found := c.SearchModels(" "); len(found) != len(c.Models) || found[7].Index != 7 {
		t.Errorf("an empty query finds %d models, want all in their order", len(found))
	}
}

func TestSearchDevices(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct{ query, first string }{
		{"3090", "nvidia-geforce-rtx-3090"},
		{"rtx 409", "nvidia-geforce-rtx-4090"},
		{"4090 laptop", "nvidia-geforce-rtx-4090-laptop-gpu"},
		{"gfx1100 xtx", "amd-radeon-rx-7900-xtx"},
		{"m3 ultra 512gb", "apple-m3-ultra-80-core-gpu"},
	} {
		found := c.SearchDevices(tt.query)
		if len(found) == 0 || c.Devices[found[0].Index].ID != tt.first {
			t.Errorf("%q: %v, want %s first", tt.query, found, tt.first)
		}
	}
	for _, m := range c.SearchDevices("ampere 24gb") {
		if d := c.Devices[m.Index]; !strings.HasPrefix(d.Generation, "Ampere") || d.MemoryGB != 24 {
			t.Errorf("ampere 24gb found %s of generation %s with %g", d.ID, d.Generation, d.MemoryGB)
		}
	}
}

// Marks are ascending byte indexes of the name, whatever is asked.
func TestMarksLieInTheName(t *testing.T) {
	c := mustLoad(t)
	for _, query := range []string{"l", "llama31", "8b", "qwen coder", "a b c", "é", "3.", "gema"} {
		found := c.SearchModels(query)
		for i, m := range found {
			name := c.Models[m.Index].Name
			if !slices.IsSorted(m.Matched) || len(m.Matched) > 0 && (m.Matched[0] < 0 || m.Matched[len(m.Matched)-1] >= len(name)) {
				t.Errorf("%q marks %v in %q", query, m.Matched, name)
			}
			if i > 0 && m.Score > found[i-1].Score {
				t.Fatalf("%q: match %d scores more than the one before", query, i)
			}
		}
	}
}

var searches = []string{"l", "llama", "qwen coder 30b", "lma 8b", "zzz"}

// A filter must keep up with typing: the limit is far above what a search
// takes, so that a busy machine does not fail it.
func TestSearchIsQuick(t *testing.T) {
	c := mustLoad(t)
	c.SearchModels("warm")
	for _, query := range searches {
		best := time.Hour
		for range 5 {
			start := time.Now()
			c.SearchModels(query)
			best = min(best, time.Since(start))
		}
		if best > 10*time.Millisecond {
			t.Errorf("%q took %v", query, best)
		}
	}
}

func BenchmarkSearchModels(b *testing.B) {
	c := mustLoad(b)
	for _, query := range searches {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.SearchModels(query)
			}
		})
	}
}

func BenchmarkIndex(b *testing.B) {
	c := mustLoad(b)
	for b.Loop() {
		newModelShelf(c.Models)
		newDeviceShelf(c.Devices)
	}
}
