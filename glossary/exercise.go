package glossary

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"runlocal/sizing"
	"runlocal/sizing/request"
	"runlocal/sizing/units"
)

// Reply is what an answer to a lesson came to.
type Reply struct {
	Right bool   `json:"right"`
	Want  string `json:"want"` // the right answer, as a person would write it
	Text  string `json:"text"` // one or two sentences
}

// finding is an answer of the engine: a number with its way of being written,
// or a word.
type finding struct {
	value float64
	word  string
	print func(float64) string
	size  bool // bytes: "6.3 GiB" is an answer
}

// Findable lists what an exercise can ask for.
func Findable() []string { return slices.Sorted(maps.Keys(finders())) }

// answered is the engine's whole answer to an exercise.
type answered struct {
	budget sizing.Budget
	fits   func() (sizing.Fits, error)
}

func finders() map[string]func(*answered) (finding, error) {
	parts := map[string]func(*sizing.Budget) int64{
		"total":           func(b *sizing.Budget) int64 { return b.Totals.Total },
		"gpu_total":       (*sizing.Budget).OnGPUs,
		"weights":         func(b *sizing.Budget) int64 { return b.Totals.Weights },
		"kv_cache":        func(b *sizing.Budget) int64 { return b.Totals.KVCache },
		"recurrent_state": func(b *sizing.Budget) int64 { return b.Totals.RecurrentState },
		"compute":         func(b *sizing.Budget) int64 { return b.Totals.Compute },
		"overhead":        func(b *sizing.Budget) int64 { return b.Totals.Overhead },
		"free":            freeOnGPUs,
	}
	numbers := map[string]func(*sizing.Budget, *sizing.Fits) float64{
		"gpu_layers":   func(b *sizing.Budget, _ *sizing.Fits) float64 { return float64(b.Placement.GPULayers) },
		"cpu_moe":      func(b *sizing.Budget, _ *sizing.Fits) float64 { return float64(b.Placement.CPUMoE) },
		"decode":       func(b *sizing.Budget, _ *sizing.Fits) float64 { return b.Speed.Decode.Mid },
		"prefill":      func(b *sizing.Budget, _ *sizing.Fits) float64 { return b.Speed.Prefill.Mid },
		"max_ctx":      func(_ *sizing.Budget, f *sizing.Fits) float64 { return float64(f.MaxCtx) },
		"max_parallel": func(_ *sizing.Budget, f *sizing.Fits) float64 { return float64(f.MaxParallel) },
		"min_gpus":     func(_ *sizing.Budget, f *sizing.Fits) float64 { return float64(f.MinGPUs) },
	}
	out := map[string]func(*answered) (finding, error){
		"verdict": func(a *answered) (finding, error) { return finding{word: string(a.budget.Verdict)}, nil },
		"best_quant": func(a *answered) (finding, error) {
			f, err := a.fits()
			return finding{word: f.BestQuant}, err
		},
	}
	for name, get := range parts {
		out[name] = func(a *answered) (finding, error) {
			return finding{value: float64(get(&a.budget)), size: true, print: func(v float64) string { return units.Bytes(int64(v)) }}, nil
		}
	}
	for name, get := range numbers {
		out[name] = func(a *answered) (finding, error) {
			f, err := a.fits()
			return finding{value: get(&a.budget, &f), print: func(v float64) string { return units.Count(int64(math.Round(v))) }}, err
		}
	}
	return out
}

func freeOnGPUs(b *sizing.Budget) int64 {
	var sum int64
	for _, d := range b.Devices {
		if d.Kind == sizing.KindGPU {
			sum += d.Free
		}
	}
	return sum
}

// CheckChoice grades an answer to a lesson's checkpoint, counted from 1.
func (l *Lesson) CheckChoice(choice int) (Reply, error) {
	c := &l.Checkpoint
	if choice < 1 || choice > len(c.Options) {
		return Reply{}, fmt.Errorf("the checkpoint has the answers 1 to %d, not %d", len(c.Options), choice)
	}
	r := Reply{Right: choice == c.Answer, Want: c.Options[c.Answer-1]}
	r.Text = "Right: " + c.Because
	if !r.Right {
		r.Text = fmt.Sprintf("No, it is %d: %s. %s", c.Answer, strings.TrimRight(r.Want, "."), c.Because)
	}
	return r, nil
}

// CheckExercise grades an answer to a lesson's exercise: the engine computes
// what is right. An answer that cannot be read is an error that says what
// would be one.
func (g *Glossary) CheckExercise(l *Lesson, reply string) (Reply, error) {
	want, err := g.solve(l)
	if err != nil {
		return Reply{}, err
	}
	reply = strings.TrimSpace(reply)
	if want.word != "" {
		r := Reply{Right: strings.EqualFold(reply, want.word), Want: want.word}
		r.Text = said(r, l.Exercise.Hint)
		return r, nil
	}
	got, err := want.read(reply)
	if err != nil {
		return Reply{}, err
	}
	slack := l.Exercise.Tolerance * math.Abs(want.value)
	r := Reply{Right: math.Abs(got-want.value) <= slack, Want: want.print(want.value)}
	r.Text = said(r, l.Exercise.Hint)
	return r, nil
}

func said(r Reply, hint string) string {
	if r.Right {
		return "Right: the engine says " + r.Want + "."
	}
	return strings.TrimSpace("No, the engine says " + r.Want + ". " + hint)
}

// solve asks the engine what an exercise asks for.
func (g *Glossary) solve(l *Lesson) (finding, error) {
	var r request.Request
	for key, value := range l.Exercise.Request {
		if err := r.Set(key, textsOf(value)...); err != nil {
			return finding{}, fmt.Errorf("exercise: %w", err)
		}
	}
	m, err := r.Model(g.figures.catalog)
	if err != nil {
		return finding{}, fmt.Errorf("exercise: %w", err)
	}
	q, err := g.figures.asked(&r, m)
	if err != nil {
		return finding{}, fmt.Errorf("exercise: %w", err)
	}
	if q.rig == nil {
		q.rig = roomy()
	}
	b, err := g.figures.estimate(q, q.rig)
	if err != nil {
		return finding{}, fmt.Errorf("exercise: %w", err)
	}
	find, ok := finders()[l.Exercise.Find]
	if !ok {
		return finding{}, fmt.Errorf("exercise: find %q is none of %s", l.Exercise.Find, strings.Join(Findable(), ", "))
	}
	return find(&answered{b, func() (sizing.Fits, error) { return g.figures.engine.Inverse(q.model, q.settings, q.rig) }})
}

// textsOf is a YAML value in the words of a request.
func textsOf(value any) []string {
	if list, ok := value.([]any); ok {
		out := make([]string, 0, len(list))
		for _, v := range list {
			out = append(out, fmt.Sprint(v))
		}
		return out
	}
	return []string{fmt.Sprint(value)}
}

// read is an answer as a number: bytes with their unit, or a plain number.
func (f *finding) read(reply string) (float64, error) {
	if f.size {
		n, err := request.Size(reply)
		if err != nil {
			return 0, fmt.Errorf("%q is no size; write it as 6.3 GiB or 540 MiB", clip(reply))
		}
		return float64(n), nil
	}
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", "_", "").Replace(reply), 64)
	if err != nil {
		if tokens, wrong := request.Tokens(reply); wrong == nil {
			return float64(tokens), nil
		}
		return 0, fmt.Errorf("%q is no number", clip(reply))
	}
	return n, nil
}

// clip keeps what a reader typed short in an error.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
