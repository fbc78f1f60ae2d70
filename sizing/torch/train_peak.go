package torch

import "runlocal/catalog"

// peak finds the fullest moment of a steady step: the start of the backward
// pass, where activations and logits are all there; somewhere on the way
// back, where gradients have come and activations not all gone; or the
// optimizer's step.
func (t *trainer) peak() {
	w, g, o, _ := t.states()
	w, g, o, gathered := t.deal(w, g, o)
	workspace := int64(workspaceHopper)
	if len(t.rig.GPUs) > 0 {
		workspace = workspaceOf(&t.rig.GPUs[0])
	}
	held := g
	if t.set.Train.Accumulate < 2 {
		held = 0 // gradients are freed between steps
	}
	saved, oneLayer := t.saved()
	logits := t.logits()
	ends := t.ends()

	start := t.parts
	start.Weights, start.Gradients, start.Optimizer, start.Activations, start.Logits, start.Phase = w, held, o, saved, logits, "the start of the backward pass"
	start.Temporary = workspace + gathered + t.casts()
	back := t.parts
	back.Weights, back.Gradients, back.Optimizer, back.Phase = w, g, o, "the end of the backward pass"
	back.Temporary, back.Activations = workspace+gathered+ends, 0
	if t.set.Train.Checkpointing {
		back.Activations = oneLayer
	}
	step := t.parts
	step.Weights, step.Gradients, step.Optimizer, step.Phase = w, g, o, "the optimizer's step"
	step.Temporary = workspace + t.stepTemporary(g)
	best := start
	for _, c := range []trainingParts{back, step, t.middle(w, g, o, saved, oneLayer, workspace+gathered)} {
		if total(&c) > total(&best) {
			best = c
		}
	}
	best.Offloaded = t.parts.Offloaded
	t.parts = best
	if len(t.rig.GPUs) > 0 {
		free := t.rig.GPUs[0].Free() - total(&best) - t.context - t.kernels
		t.slack = max(0, min(total(&best)*trainSlack/100, free))
	}
}

// saved is what autograd keeps of all layers, and the most that one keeps.
// With checkpointing only each layer's input is kept, and one layer is
// computed again at a time.
func (t *trainer) saved() (all, one int64) {
	v := saver{t: t, b: t.width()}
	n := t.tokens()
	d := int64(t.s.model.Hidden)
	each := make([]int64, len(t.s.kinds))
	for i := range t.s.kinds {
		each[i] = n * v.layer(&t.s.kinds[i])
		one = max(one, each[i])
	}
	stream := v.b
	if t.amp() {
		stream = 4
	}
	for _, k := range t.s.layers {
		if t.set.Train.Checkpointing {
			all += n * stream * d
		} else {
			all += each[k]
		}
	}
	return all + n*v.norm(d, true), one
}

// width is the bytes of an activation in the arithmetic.
func (t *trainer) width() int64 {
	if t.amp() {
		return 2
	}
	return t.q.DtypeBytes()
}

// casts are the 16-bit copies of all linear weights that autocast keeps until
// the backward pass is over. With checkpointing they come and go with a layer.
func (t *trainer) casts() int64 {
	if !t.amp() {
		return 0
	}
	n := int64(0)
	linear := func(list []param) int64 {
		sum := int64(0)
		for i := range list {
			if p := &list[i]; p.linear || p.expert {
				sum += 2 * p.elements()
			}
		}
		return sum
	}
	for _, k := range t.s.layers {
		n += linear(t.s.kinds[k].params)
	}
	if t.set.Train.Checkpointing {
		n = 0
	}
	return n + 2*int64(t.s.model.Hidden)*int64(t.s.model.Vocab)
}

// logits is what the loss needs at its worst: log-softmax, its gradient and
// the gradient of the logits, 12 bytes an entry. A fused loss takes the tokens
// in pieces: of a piece the logits, in 16 and in 32 bits, and for the whole
// the gradients of the hidden states and of the output matrix.
func (t *trainer) logits() int64 {
	v, d, n := int64(t.s.model.Vocab), int64(t.s.model.Hidden), t.tokens()
	if !t.set.Train.FusedLoss {
		return 12 * v * n
	}
	pieces := max(1, (v+d-1)/d)
	piece := int64(1)
	for piece < (n+pieces-1)/pieces {
		piece *= 2
	}
	sum := piece*v*6 + n*d*t.width()
	if t.full() {
		sum += v * d * t.q.DtypeBytes()
	}
	return sum
}

// ends is what the last gradient costs: where the embedding is tied, its own
// gradient and the sum with the output's stand beside the latter.
func (t *trainer) ends() int64 {
	if !t.full() || !t.s.model.TiedEmbeddings {
		return 0
	}
	return 2 * int64(t.s.model.Hidden) * int64(t.s.model.Vocab) * t.q.DtypeBytes()
}

// middle is the fullest moment on the way back: at each layer the gradients
// of those above it are there and the activations of those below it still.
func (t *trainer) middle(w, g, o, saved, one, fixed int64) (best trainingParts) {
	layers := int64(len(t.s.layers))
	grow := func(share int64) int64 { return g * share / max(1, layers) }
	for i := range layers {
		p := trainingParts{Weights: w, Optimizer: o, Temporary: fixed + t.layerTemporary(), Phase: "the backward pass"}
		p.Gradients = grow(i)
		if t.full() {
			p.Gradients = min(g, p.Gradients+count(t.s.head)*t.q.DtypeBytes())
		}
		p.Activations = saved * (layers - i) / max(1, layers)
		if t.set.Train.Checkpointing {
			p.Activations += one
		}
		if total(&p) > total(&best) {
			best = p
		}
	}
	return best
}

// layerTemporary are the gradients of activations that pass through a layer
// while it is worked back.
func (t *trainer) layerTemporary() int64 {
	wide := int64(t.s.model.Hidden)
	for i := range t.s.kinds {
		if x := &t.s.kinds[i].block.FFN; x.Type == catalog.FFNDense {
			wide = max(wide, int64(x.Intermediate))
		}
	}
	return t.tokens() * t.width() * (2*wide + 2*int64(t.s.model.Hidden))
}
