package fix

import (
	"bytes"
	"strings"
	"testing"
)

// BenchmarkRead reads what a server writes all day.
func BenchmarkRead(b *testing.B) {
	x := theWorld(b)
	log := []byte(strings.Repeat(quietDay, (1<<20)/len(quietDay)))
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.matcher.Read(bytes.NewReader(log)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNew compiles the patterns of the guide.
func BenchmarkNew(b *testing.B) {
	x := theWorld(b)
	for b.Loop() {
		if _, err := New(x.guide); err != nil {
			b.Fatal(err)
		}
	}
}

const quietDay = `slot update_slots: id  0 | task 0 | prompt processing progress, n_past = 72, n_tokens = 72, progress = 1.000000
time=2025-07-16T20:07:57.610+02:00 level=INFO source=sched.go:489 msg="loaded runners" count=1
[GIN] 2025/07/16 - 20:07:57 | 200 |    720.9988ms |       127.0.0.1 | POST     "/api/generate"
INFO 03-16 06:12:38 [loggers.py:116] Engine 000: Avg prompt throughput: 12.9 tokens/s, Avg generation throughput: 33.0 tokens/s, Running: 1 reqs, Waiting: 0 reqs, GPU KV cache usage: 0.3%, Prefix cache hit rate: 0.0%
load_tensors:        CUDA0 model buffer size =  4403.49 MiB
llama_kv_cache: size = 1024.00 MiB (  8192 cells,  32 layers,  1/1 seqs), K (f16):  512.00 MiB, V (f16):  512.00 MiB
{'loss': 0.6931, 'grad_norm': 1.25, 'learning_rate': 2e-05, 'epoch': 0.12}
`
