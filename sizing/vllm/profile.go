package vllm

import (
	"math"
	"slices"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/sizing/shard"
)

// stage is what each GPU of a pipeline stage holds, bytes.
type stage struct {
	from, count int // its layers

	weights  shard.Weights
	rotary   int64 // tables of cosines and sines
	adapters int64 // room for LoRA

	peak     int64 // activations of the profile run
	where    string
	forward  int64
	sampler  int64
	latents  int64
	encoder  int64
	nonTorch int64
	graphs   int64 // as vLLM counts them against the cache; 0 where it does not
	captured int64 // as they turn out

	context int64 // the driver's, outside of vLLM's own account
	label   sizing.Label
	source  string
	beside  *catalog.Beside

	budget    int64 // bytes of the card that vLLM may take
	available int64 // of them, for the cache
}

// profile follows the start of a worker: weights, the run that shows how large
// activations become, graphs, and what is left.
// Source: vllm/v1/worker/gpu_worker.py, determine_available_memory.
func (j *job) profile() {
	from := 0
	for i, n := range j.lay.Stages(len(j.m.Layers)) {
		st := stage{from: from, count: n}
		st.weights = j.m.Weights(j.q, j.lay, i, from, n, j.vision)
		from += n
		if n > 0 {
			st.rotary = j.rotary()
		}
		st.adapters = j.adapters(&st)
		j.activations(&st, i)
		j.outside(&st, i)
		st.available = st.budget - st.loaded() - st.peak - st.nonTorch - st.graphs
		j.stages = append(j.stages, st)
	}
	j.plan = j.planBlocks()
}

// loaded is what loading the model takes.
func (st *stage) loaded() int64 { return st.weights.Total() + st.rotary + st.adapters }

// rotary are the tables of positions: one for each base that is in use, as
// long as the model's own context.
func (j *job) rotary() int64 {
	widths := map[[2]int64]bool{}
	for i := range j.m.Kinds {
		eachMixer(&j.m.Kinds[i].Block.Mixer, func(x *catalog.Mixer) {
			switch x.Type {
			case catalog.MixerAttention:
				widths[[2]int64{int64(x.HeadDim), int64(min(1, x.Window))}] = true
			case catalog.MixerMLA, catalog.MixerCSA:
				widths[[2]int64{int64(x.QKRopeHeadDim), 0}] = true
			}
		})
	}
	if j.m.PositionEmbeddings > 0 {
		return 0
	}
	n := int64(0)
	for w := range widths {
		n += int64(j.m.Context) * w[0] * j.q.DtypeBytes()
	}
	return n
}

func eachMixer(x *catalog.Mixer, f func(*catalog.Mixer)) {
	f(x)
	for i := range x.Mixers {
		eachMixer(&x.Mixers[i], f)
	}
}

// adapters is the room for one LoRA of the largest rank asked for: both
// factors of every linear layer, in some classes also of the embedding and the
// output.
func (j *job) adapters(st *stage) int64 {
	rank := 0
	for _, a := range j.set.LoRA {
		rank = max(rank, a.Rank)
	}
	if rank == 0 {
		return 0
	}
	const most = 1 << 16
	n := j.m.AdapterElements(j.lay, st.from, st.count, slices.Contains(j.r.server.AdapterEmbeddings, j.m.HFArch))
	return n * int64(min(rank, most)) * j.q.DtypeBytes() * int64(len(j.set.LoRA))
}

// activations is the peak of the profile run: the widest moment of a forward
// pass over all tokens of a step, or the sampler over all sequences, with the
// hidden states that it reads.
func (j *job) activations(st *stage, at int) {
	w := j.q.DtypeBytes()
	for _, k := range j.m.KindsOf(st.from, st.count) {
		st.forward = max(st.forward, j.tokens*w*j.widest(j.m.Kinds[k].Block))
	}
	if at == j.lay.Pipeline-1 {
		st.sampler = j.sampler()
	}
	st.latents = j.latents()
	if at == 0 && j.vision {
		st.encoder = j.encoder()
	}
	st.peak, st.where = st.forward+st.encoder, "forward pass"
	if s := st.sampler + st.encoder; s > st.peak {
		st.peak, st.where = s, "sampler"
	}
	if st.latents > st.peak {
		st.peak, st.where = st.latents, "expanded keys and values of latent attention"
	}
}

// widest is how many elements a token has alive at the widest moment of a
// layer. Compiled layers free their input once it is normed; as written, the
// model's frame holds the last layer's output and the layer its normed input.
func (j *job) widest(b *catalog.Block) int64 {
	d, t := int64(j.m.Hidden), int64(j.lay.Tensor)
	stream := d
	if j.era.Eager || j.set.Serve.Eager {
		stream += 2 * d
	}
	return max(stream+j.mixerWidth(&b.Mixer), stream+j.ffnWidth(&b.FFN, d, t))
}

func (j *job) ffnWidth(x *catalog.FFN, d, t int64) int64 {
	dense := func(ff int64) int64 {
		if x.Gated {
			return 3 * ceil(ff, t)
		}
		return 2 * ceil(ff, t)
	}
	switch x.Type {
	case catalog.FFNDense:
		return dense(int64(x.Intermediate))
	case catalog.FFNMoE:
		// Two buffers of the fused kernel: gate and up, which the output reuses,
		// and the product; the input and the sum stay alive.
		inner := int64(x.ExpertIntermediate)
		if !j.lay.Experts {
			inner = ceil(inner, t)
		}
		wide := inner
		if x.Gated {
			wide = 2 * inner
		}
		return 2*d + int64(x.Active)*(max(wide, d)+inner)
	}
	return 0
}

func (j *job) mixerWidth(x *catalog.Mixer) int64 {
	t := int64(j.lay.Tensor)
	switch x.Type {
	case catalog.MixerAttention:
		q, kv := int64(x.Heads*x.HeadDim), 2*int64(x.KVHeads*x.HeadDim)
		return ceil(3*q, t) + ceil(kv, t)
	case catalog.MixerMLA, catalog.MixerCSA:
		return ceil(int64(x.Heads)*int64(2*x.QKNopeHeadDim+2*x.QKRopeHeadDim+2*x.VHeadDim), t)
	case catalog.MixerParallel:
		n := int64(0)
		for i := range x.Mixers {
			n += j.mixerWidth(&x.Mixers[i])
		}
		return n
	case catalog.MixerMamba1, catalog.MixerMamba2:
		return ceil(4*int64(x.DInner), t)
	case catalog.MixerGatedDeltaNet:
		return ceil(4*int64(x.ValueHeads*x.ValueHeadDim)+2*int64(x.KeyHeads*x.KeyHeadDim), t)
	default:
		return ceil(4*int64(max(1, x.Heads)*max(1, x.HeadDim)), t)
	}
}

// sortsAtOnce is the number of rows from which PyTorch sorts them in one go.
const sortsAtOnce = 128

// kernelBytes are those of a logit where a kernel chooses among the likeliest:
// the logit in the model's type and in 32 bits, its probability, and the random
// number that it is weighed with.
const kernelBytes = 2 + 4 + 4 + 4

// sampler is the peak of drawing one token for every sequence: the hidden
// states, logits in the model's type and in 32 bits, and what choosing among
// the likeliest takes. The older eras sort all logits: 128 rows and more in one
// go, for which PyTorch keeps keys, pairs and results side by side, and fewer
// row by row, with more beside.
func (j *job) sampler() int64 {
	rows := min(j.seqs, j.tokens)
	logits := rows * int64(j.m.Vocab)
	each := j.era.LogitBytes
	switch {
	case j.v2:
		each = j.era.V2LogitBytes
	case j.set.Attention == "flashinfer":
		each = min(each, kernelBytes)
	case rows > 1 && rows < sortsAtOnce && j.era.LogitFew > 0:
		each = j.era.LogitFew
	}
	n := j.tokens*int64(j.m.Hidden)*j.q.DtypeBytes() + int64(each*float64(logits))
	if j.era.SampleBuffer && !j.v2 {
		const multiprocessors = 128 // a usual card's
		n += multiprocessors * int64(j.m.Vocab) * 4
	}
	return n
}

// latents is what the profile run sets aside for latent attention: keys and
// values of a long stretch of the cache, expanded to all heads.
// Source: vllm/v1/attention/backends/mla/common.py, chunked_prefill_workspace_size.
func (j *job) latents() int64 {
	const most = 64 << 10 // tokens
	n := int64(0)
	for i := range j.m.Kinds {
		x := &j.m.Kinds[i].Block.Mixer
		if x.Type != catalog.MixerMLA || j.era.Eager {
			continue
		}
		heads := ceil(int64(x.Heads), int64(j.lay.Tensor))
		room := min(max(8*j.length, 4*j.seqs*j.blockSize()), most)
		n = max(n, room*heads*int64(x.QKNopeHeadDim+x.VHeadDim)*j.q.DtypeBytes())
	}
	return n
}

// encoder is what the vision part takes in the profile run: the embeddings of
// a whole step of images, and its own activations.
func (j *job) encoder() int64 {
	row := j.beside()
	return j.tokens * (int64(j.m.Hidden)*j.q.DtypeBytes() + row.MMPatchSize)
}

func ceil(a, b int64) int64 { return (a + b - 1) / b }

// share is a part of a size, in whole bytes as the worker rounds it.
func share(total int64, part float64) int64 { return int64(math.Ceil(float64(total) * part)) }
