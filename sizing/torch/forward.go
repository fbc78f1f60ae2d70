package torch

import (
	"fmt"
	"slices"
	"strconv"

	"runlocal/catalog"
)

// The kernels that attention runs in.
const (
	attentionEager = "eager"
	attentionSDPA  = "sdpa"
	attentionFlash = "flash"
)

// The ways to keep keys and values.
const (
	cacheDynamic = "dynamic"
	cacheStatic  = "static"
	cacheNone    = "none"
)

// pass is one forward pass over a prompt: how much, in what, and how.
type pass struct {
	tape
	s *shape

	batch, seq int64 // sequences, and tokens of each
	tokens     int64 // batch × seq
	room       int64 // tokens that a static cache has room for, a sequence
	rows       int64 // rows of logits
	width      int64 // bytes of an element
	attention  string
	cache      string

	runs        []int             // layers that run on this device; nil = all
	last        bool              // the output runs here
	brought     func(i int) int64 // weights that come from elsewhere for a layer; nil = none
	headBrought int64             // the same for the output

	kept     []tensor // keys, values and states that outlive the pass
	embedded tensor   // what the embedding gave, which the model's frame holds to the end
	masks    [2]tensor
	rotary   []tensor
	ids      []tensor
}

// run replays the pass on top of what the tape already holds. The tensors that
// are left are those of the cache.
func (p *pass) run() {
	p.tokens = p.batch * p.seq
	p.inputs()
	d := int64(p.s.model.Hidden)
	h := p.embedded
	for i, k := range p.s.layers {
		if p.runs != nil && !slices.Contains(p.runs, i) {
			continue
		}
		visitor := p.bring(i)
		out := p.layer(i, &p.s.kinds[k], h)
		p.drop(visitor)
		if h != p.embedded {
			p.drop(h)
		}
		h = out
	}
	p.at = "final norm"
	x := p.norm(h, d)
	if h != p.embedded {
		p.drop(h)
	}
	p.drop(p.ids...)
	p.drop(p.masks[:]...)
	p.drop(p.embedded)
	p.drop(p.rotary...)
	if !p.last {
		p.drop(x)
		return
	}
	p.at = "logits"
	visitor := p.make(useWeights, p.headBrought)
	defer p.drop(visitor)
	logits := p.make(useLogits, p.rows*int64(p.s.model.Vocab)*p.width)
	p.drop(x, logits)
}

// bring makes room for the weights of a layer that lies elsewhere.
func (p *pass) bring(i int) tensor {
	if p.brought == nil {
		return nothing
	}
	return p.make(useWeights, p.brought(i))
}

// inputs are the token ids, the embeddings, positions, masks and rotary
// tables.
func (p *pass) inputs() {
	p.at = "embedding"
	d := int64(p.s.model.Hidden)
	ids := p.make(useSmall, 8*p.tokens)
	p.embedded = p.make(useStream, p.tokens*d*p.width)
	if p.s.arch.ScaledEmbed {
		raw := p.embedded
		p.embedded = p.make(useStream, p.tokens*d*p.width)
		p.drop(raw)
	}
	arange := p.make(useSmall, 8*p.seq)
	positions := p.make(useSmall, 8*p.seq)
	p.drop(arange)
	p.ids = []tensor{ids, positions}
	p.makeMasks()
	if p.s.arch.NoRotary {
		return
	}
	p.makeRotary()
	if p.s.arch.TwoRotary {
		p.makeRotary()
	}
}

// makeRotary makes one table of cosines and one of sines, in 32 bits first.
func (p *pass) makeRotary() {
	hd := p.rotaryWidth()
	if hd == 0 {
		return
	}
	wide := 4 * p.seq * hd
	half := p.make(useSmall, wide/2)
	both := p.make(useSmall, wide)
	c := p.make(useSmall, wide)
	p.brief(useSmall, wide)
	s := p.make(useSmall, wide)
	if p.width == 4 {
		p.drop(half, both)
		p.rotary = append(p.rotary, c, s)
		return
	}
	p.rotary = append(p.rotary, p.make(useSmall, wide/2), p.make(useSmall, wide/2))
	p.drop(half, both, c, s)
}

// rotaryWidth is the width of a head that is turned by position.
func (p *pass) rotaryWidth() int64 {
	for i := range p.s.kinds {
		switch x := attentionOf(&p.s.kinds[i].block.Mixer); {
		case x == nil:
		case x.Type == catalog.MixerMLA:
			return int64(x.QKRopeHeadDim)
		default:
			return int64(x.HeadDim)
		}
	}
	return 0
}

// layer replays one layer on the residual stream h and returns the new one.
func (p *pass) layer(i int, k *layerKind, h tensor) tensor {
	d := int64(p.s.model.Hidden)
	name := "layer " + strconv.Itoa(i)
	b := k.block
	stream := p.tokens * d * p.width
	out := h
	var x tensor
	if b.Mixer.Type != catalog.MixerNone {
		p.at = fmt.Sprintf("%s, %s", name, mixerWord(b.Mixer.Type))
		x = p.norm(h, d)
		o := p.mixer(&b.Mixer, x)
		if b.ParallelBlock && b.FFN.Type != catalog.FFNNone {
			p.at = name + ", feed-forward"
			f := p.ffn(&b.FFN, x)
			p.drop(x)
			out = p.make(useStream, stream)
			p.drop(o, f)
			return out
		}
		p.drop(x)
		o = p.postNorm(b, o, d)
		out = p.make(useStream, stream)
		p.drop(o)
	}
	if b.FFN.Type == catalog.FFNNone {
		return out
	}
	p.at = name + ", feed-forward"
	x = p.norm(out, d)
	o := p.ffn(&b.FFN, x)
	p.drop(x)
	o = p.postNorm(b, o, d)
	next := p.make(useStream, stream)
	p.drop(o)
	if out != h {
		p.drop(out)
	}
	return next
}

// postNorm is the second norm of a half that has one (four norms a layer).
func (p *pass) postNorm(b *catalog.Block, o tensor, d int64) tensor {
	if b.Norms == nil || *b.Norms < 4 {
		return o
	}
	n := p.norm(o, d)
	p.drop(o)
	return n
}

func mixerWord(kind string) string {
	switch kind {
	case catalog.MixerAttention, catalog.MixerMLA, catalog.MixerCSA:
		return "attention"
	case catalog.MixerParallel:
		return "attention and state space"
	}
	return "linear mixer"
}

// norm replays a norm over rows of so many elements and returns its output.
// RMS norms compute in 32 bits and keep two copies of that width; Gemma's
// scale in 32 bits as well.
func (p *pass) norm(_ tensor, elements int64) tensor {
	n := p.tokens * elements
	if p.layerNorm() {
		return p.make(useStream, n*p.width)
	}
	wide := nothing
	if p.width < 4 {
		wide = p.make(useStream, 4*n)
	}
	square := p.make(useStream, 4*n)
	row := p.make(useSmall, 4*p.tokens)
	p.drop(square)
	scaled := p.make(useStream, 4*n)
	p.drop(wide)
	var out tensor
	switch {
	case p.s.arch.Norm == "gemma":
		weighed := p.make(useStream, 4*n)
		p.drop(scaled)
		scaled = weighed
		if p.width == 4 {
			p.drop(row)
			return scaled
		}
		out = p.make(useStream, n*p.width)
	case p.width < 4:
		narrow := p.make(useStream, n*p.width)
		out = p.make(useStream, n*p.width)
		p.drop(narrow)
	default:
		out = p.make(useStream, n*p.width)
	}
	p.drop(scaled, row)
	return out
}

func (p *pass) layerNorm() bool { return p.s.layerNormed() }

// layerNormed tells norms that subtract the mean, in one kernel, from RMS
// norms that are spelled out.
func (s *shape) layerNormed() bool {
	switch s.arch.Norm {
	case "layer":
		return true
	case "rms", "gemma":
		return false
	}
	return s.model.NormBias
}
