package sizing

// extra is a part beside the model that lies on one device: a projector, an
// adapter, a draft model.
type extra struct {
	device int // as allocation.devices counts
	step   Step
}

// part puts an extra's bytes into the term that its step names.
func (p *Parts) put(s *Step) {
	switch s.Term {
	case "weights":
		p.Weights += s.Bytes
	case "kv_cache":
		p.KVCache += s.Bytes
	case "recurrent_state":
		p.RecurrentState += s.Bytes
	case "compute":
		p.Compute += s.Bytes
	default:
		p.Overhead += s.Bytes
	}
	p.Total += s.Bytes
}

// checkExtras checks what is asked for beside the model, and turns a request
// for vectors into what the server makes of it: the whole batch at once, with
// an output for each token.
func (e *Engine) checkExtras(c *compiled, r *resolved) error {
	if err := checkVision(c, &r.Settings); err != nil {
		return err
	}
	if err := checkLoRA(r.LoRA); err != nil {
		return err
	}
	if r.Embeddings {
		r.Batch, r.OutputsMax = r.UBatch, 0
	}
	return e.checkDraft(c, &r.Settings)
}

// fixedExtras are those whose place does not depend on the model's.
func (a *allocator) fixedExtras() []extra {
	var list []extra
	list = a.addVision(list)
	return a.addDraft(list)
}

// placeExtras puts everything beside the model where it belongs.
func (a *allocator) placeExtras(out *allocation) {
	for i := range a.extras {
		x := &a.extras[i]
		out.devices[x.device].extra.put(&x.step)
	}
	a.placeAdapters(out, func(d int, s Step) { out.devices[d].extra.put(&s) })
	for d := range a.rig.GPUs {
		if h := &out.devices[d]; h.extra.Total > 0 && h.overhead == 0 {
			h.overhead = a.driverOverhead(&a.rig.GPUs[d]).total()
		}
	}
}

// eachExtra calls f for every extra of a device.
func (a *allocator) eachExtra(out *allocation, d int, f func(Step)) {
	for i := range a.extras {
		if x := &a.extras[i]; x.device == d {
			f(x.step)
		}
	}
	a.placeAdapters(out, func(at int, s Step) {
		if at == d {
			f(s)
		}
	})
}
