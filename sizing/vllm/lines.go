package vllm

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"runlocal/sizing/units"
)

// gib prints bytes as the newer logs do: two places, without trailing zeros
// but one.
func gib(n int64) string {
	s := strconv.FormatFloat(math.Round(float64(n)/(1<<30)*100)/100, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// lines are what the server prints of its memory at start.
func (j *job) lines() []string {
	st := &j.stages[0]
	out := []string{fmt.Sprintf("Model loading took %s GiB memory", gib(st.loaded()))}
	if j.lone != "" {
		return nil
	}
	if st.graphs > 0 {
		out = append(out, fmt.Sprintf("Estimated CUDA graph memory: %.2f GiB total", float64(st.graphs)/(1<<30)))
	}
	out = append(out, fmt.Sprintf("Available KV cache memory: %s GiB", gib(st.available)))
	if j.refusal() != "" || j.plan.none {
		return out
	}
	return append(out,
		fmt.Sprintf("GPU KV cache size: %s tokens", units.Count(int(j.plan.tokens))),
		fmt.Sprintf("Maximum concurrency for %s tokens per request: %.2fx", units.Count(int(j.length)), j.plan.times))
}

// refusal is the error that the server stops with; empty if it starts.
func (j *job) refusal() string {
	if j.lone != "" {
		return ""
	}
	if s := j.noRoomAtStart(); s != "" {
		return s
	}
	p := &j.plan
	switch {
	case p.none:
		return ""
	case p.have <= 0:
		return "No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine."
	case p.needed > p.have:
		whose := "model's"
		if j.era.Plural {
			whose = "models's"
		}
		s := fmt.Sprintf("To serve at least one request with the %s max seq len (%d), (%s GiB KV cache is needed, which is larger than the available KV cache memory (%s GiB).",
			whose, j.length, gib(p.needed), gib(p.have))
		if p.longest > 0 {
			s += fmt.Sprintf(" Based on the available memory, the estimated maximum model length is %d.", p.longest)
		}
		return s + " Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine."
	}
	return ""
}

// noRoomAtStart is the check of free memory before anything is loaded.
func (j *job) noRoomAtStart() string {
	if !j.era.StartCheck {
		return ""
	}
	for d := range j.rig.GPUs {
		at := j.stageOf(d)
		if at < 0 {
			continue
		}
		g := &j.rig.GPUs[d]
		total := j.memory(g)
		free := total - g.UsedByOthers - j.stages[at].context
		if want := share(total, j.util); free < want {
			return fmt.Sprintf("Free memory on device cuda:%d (%s/%s GiB) on startup is less than desired GPU memory utilization (%s, %s GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
				d, gib(free), gib(total), strconv.FormatFloat(j.util, 'f', -1, 64), gib(want))
		}
	}
	return ""
}
