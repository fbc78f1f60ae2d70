package calculator_test

import (
	"fmt"
	"testing"

	"runlocal/ui/uitest"
)

// BenchmarkKey is one key press with its frame: what stands between a finger
// and the screen. The answers that a command works out beside are left out,
// as they are in the program.
func BenchmarkKey(b *testing.B) {
	for _, m := range [][]string{{"llama-3.1-8b", "RTX 4090"}, {"qwen3-30b-a3b", "RTX 3090", "RTX 3090"}, {"deepseek-v3", "RTX 4060"}} {
		for _, size := range [][2]int{{80, 22}, {200, 58}} {
			b.Run(fmt.Sprintf("%s/%dx%d", m[0], size[0], size[1]), func(b *testing.B) {
				d := start(b, m[0], m[1:]...)
				keys := []string{"shift+right", "down", "shift+left", "up"}
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					d.pane.Update(uitest.Key(keys[i%len(keys)]))
					d.pane.View(size[0], size[1])
				}
			})
		}
	}
}

// BenchmarkAnswers is what the command beside the key press takes.
func BenchmarkAnswers(b *testing.B) {
	for _, m := range [][]string{{"llama-3.1-8b", "RTX 4090"}, {"qwen3-30b-a3b", "RTX 4060"}, {"deepseek-v3", "RTX 4060"}} {
		b.Run(m[0], func(b *testing.B) {
			d := start(b, m[0], m[1:]...)
			ctx := 4096
			for b.Loop() {
				ctx++
				d.s.Settings.Ctx = ctx
				d.run(d.pane.SetSession(d.s))
			}
		})
	}
}
