package sizing

import (
	"fmt"

	"runlocal/sizing/units"
)

// Where the compute buffers come from, as steps name it.
const (
	sourceDrawn = "the graph of llama.cpp v0.5.0, packed as ggml's allocator packs it and checked against what it reserved"
	sourceForm  = "closed form fitted to llama.cpp v0.5.0's buffers: this architecture's graph is not drawn; band 10 %"
)

// computeStep shows what a compute buffer is the size of.
func (x *explainer) computeStep(device string, bytes int64, gpu int) Step {
	s := Step{Device: device, Term: "compute", Bytes: bytes, Label: Estimated, Source: sourceForm}
	if x.out.drawn {
		s.Label, s.Source = Calibrated, sourceDrawn
	}
	if gpu < 0 {
		x.hostCompute(&s)
		return s
	}
	if !x.out.drawn {
		x.formCompute(&s)
		return s
	}
	inputs := min(bytes, x.g.inputs+x.g.outIDs)
	s.Formula = "most that is alive at once when each operation's result is packed into the best hole: inputs + activations"
	s.Filled = fmt.Sprintf("%s of masks, positions and indices + %s", units.Bytes(inputs), units.Bytes(bytes-inputs))
	if x.out.pipeline {
		inputs = min(bytes, copies*(x.g.inputs+x.g.outIDs))
		s.Formula += "; inputs once for each of the four batches in flight"
		s.Filled = fmt.Sprintf("%d × %s + %s", copies, units.Bytes(inputs/copies), units.Bytes(bytes-inputs))
	}
	s.Filled += fmt.Sprintf(", ubatch %d, %d rows of logits", x.r.ub, x.r.outputs)
	if x.r.OpOffload && !x.whole(x.out) && gpu == 0 {
		s.Formula += "; weights that stay in RAM are copied in one at a time"
		s.Filled += fmt.Sprintf(", of which the largest copied weight is %s", units.Bytes(x.r.weights.hostMax))
	}
	return s
}

// hostCompute fills in what the host holds beside weights and cache.
func (x *explainer) hostCompute(s *Step) {
	g, handed := &x.g, x.outputBuffer()
	s.Formula = "tokens and embeddings + masks, positions, indices + logits handed over"
	if x.whole(x.out) {
		s.Filled = fmt.Sprintf("%s + %s + %s", units.Bytes(g.hostIn), units.Bytes(s.Bytes-handed-g.hostIn), units.Bytes(handed))
		return
	}
	s.Formula += " + what operations on the host keep and what crosses to them"
	s.Filled = fmt.Sprintf("%s + %s", units.Bytes(s.Bytes-handed), units.Bytes(handed))
}

// formCompute shows which moment of the closed form is the widest.
func (x *explainer) formCompute(s *Step) {
	g := &x.g
	s.Formula = "max(inputs + widest layer, inputs + attention, logits)"
	s.Filled = fmt.Sprintf("max(%s + %s, %s + %s, %s), ubatch %d", units.Bytes(g.inputs), units.Bytes(g.layer),
		units.Bytes(g.inputs), units.Bytes(g.attn), units.Bytes(g.logits), x.r.ub)
	switch {
	case x.out.pipeline:
		s.Formula += ", inputs four times (pipeline parallelism)"
	case s.Bytes > g.alone():
		s.Formula += " + weights copied over from RAM"
		s.Filled += " + " + units.Bytes(s.Bytes-g.alone())
	}
}
