package shard

import (
	"runlocal/catalog"
)

// Model is a model as servers divide it. It is read-only once made.
type Model struct {
	*catalog.Model

	Kinds  []Kind
	Layers []int // kind of each layer
	stem   []tensor
	norm   []tensor
	extra  int64 // parameters without a shape
}

// Kind is one sort of layer.
type Kind struct {
	Block   *catalog.Block
	Caches  []Cache // what it keeps; empty if it takes another's keys
	tensors []tensor
	extra   int64
}

// New derives what a model's layers are.
func New(m *catalog.Model) *Model {
	s := &Model{Model: m}
	m.EachModelTensor(nil, func(t catalog.Tensor) {
		switch {
		case t.Derived || t.Role == catalog.RoleOutput || t.Role == catalog.RoleTokenEmbd:
		case t.Rows == 1:
			s.norm = append(s.norm, tensorOf(t, 1))
		default:
			s.stem = append(s.stem, tensorOf(t, 1))
		}
	})
	for _, n := range m.ExtraParams {
		s.extra += n
	}
	seen := map[*catalog.Block]int{}
	m.EachLayer(func(l catalog.Layer) {
		k, ok := seen[l.Block]
		if !ok {
			k = len(s.Kinds)
			seen[l.Block] = k
			s.Kinds = append(s.Kinds, kindOf(m, l.Block))
		}
		s.Layers = append(s.Layers, k)
	})
	return s
}

func kindOf(m *catalog.Model, b *catalog.Block) Kind {
	k := Kind{Block: b, Caches: cachesOf(m, &b.Mixer)}
	heads := keyHeads(&b.Mixer)
	m.EachBlockTensor(nil, b, func(t catalog.Tensor) {
		if !t.Derived {
			k.tensors = append(k.tensors, tensorOf(t, heads))
		}
	})
	for _, n := range b.ExtraParams {
		k.extra += n
	}
	return k
}

// keyHeads are the heads that keys and values are cut by.
func keyHeads(x *catalog.Mixer) int64 {
	if x.Type == catalog.MixerKDA {
		return int64(max(1, x.Heads))
	}
	n := int64(x.KVHeads)
	for i := range x.Mixers {
		n = max(n, keyHeads(&x.Mixers[i]))
	}
	return max(1, n)
}

// VocabPart is how many rows of the vocabulary one GPU has.
func (s *Model) VocabPart(l Layout) int64 {
	const pad = 64
	return ceil(ceil(int64(s.Vocab), pad)*pad, int64(l.Tensor))
}

// Weights are the bytes of one GPU.
type Weights struct {
	Embedding, Layers, Experts, Head, Norms, Vision, Absorbed int64
}

// Total sums them up.
func (w Weights) Total() int64 {
	return w.Embedding + w.Layers + w.Experts + w.Head + w.Norms + w.Vision + w.Absorbed
}

// Weights are what a GPU of a pipeline stage holds, with the vision part or
// without. The first layer of the stage is from.
func (s *Model) Weights(q *catalog.Scheme, l Layout, stage, from, count int, vision bool) Weights {
	var w Weights
	table := s.VocabPart(l) * s.width() * q.DtypeBytes()
	first, last := stage == 0, stage == l.Pipeline-1
	if first || last && s.TiedEmbeddings {
		w.Embedding = table
	}
	if first {
		for _, t := range s.stem {
			w.Norms += t.bytes(q)
		}
		w.Norms += s.extra * q.DtypeBytes()
		if vision {
			w.Vision = ceil(s.towers()*q.DtypeBytes(), int64(l.Tensor))
		}
	}
	if last && !s.TiedEmbeddings {
		w.Head = table
	}
	if last {
		for _, t := range s.norm {
			w.Norms += t.bytes(q)
		}
	}
	each := make([]Weights, len(s.Kinds))
	for i := range s.Kinds {
		each[i] = s.Kinds[i].weights(q, l)
	}
	for _, k := range s.KindsOf(from, count) {
		w.Layers += each[k].Layers
		w.Experts += each[k].Experts
		w.Absorbed += each[k].Absorbed
	}
	return w
}

// KindsOf are the kinds of a stage's layers.
func (s *Model) KindsOf(from, count int) []int { return s.Layers[from : from+count] }

func (k *Kind) weights(q *catalog.Scheme, l Layout) Weights {
	w := Weights{Layers: k.extra * q.DtypeBytes(), Absorbed: absorbed(&k.Block.Mixer, q, l)}
	for _, t := range k.tensors {
		if b := t.part(l).bytes(q); t.cut == byExperts {
			w.Experts += b
		} else {
			w.Layers += b
		}
	}
	return w
}

// absorbed is what latent attention keeps of its up-projection a second time,
// in 16 bits and by heads, to work on the compressed cache.
// Source: vllm/v1/attention/backends/mla/common.py, process_weights_after_loading.
func absorbed(x *catalog.Mixer, q *catalog.Scheme, l Layout) int64 {
	if x.Type != catalog.MixerMLA {
		return 0
	}
	heads := ceil(int64(x.Heads), int64(l.Tensor))
	return heads * int64(x.KVLoraRank) * int64(x.QKNopeHeadDim+x.VHeadDim) * q.DtypeBytes()
}

func (s *Model) width() int64 {
	if s.EmbeddingDim > 0 {
		return int64(s.EmbeddingDim)
	}
	return int64(s.Hidden)
}

// towers are the parameters of vision and audio parts.
func (s *Model) towers() int64 {
	n := int64(0)
	if s.Vision != nil {
		n += s.Vision.Params
	}
	if s.Audio != nil {
		n += s.Audio.Params
	}
	return n
}

// HasTowers tells whether the model sees or hears.
func (s *Model) HasTowers() bool { return s.towers() > 0 }

// AdapterElements is how many elements a LoRA of rank 1 has on one GPU, for
// the linear layers of a stage, with embedding and output or without. As the servers
// cut it, a matrix cut by outputs has its first factor whole, one cut by
// inputs its second.
func (s *Model) AdapterElements(l Layout, from, count int, embeddings bool) int64 {
	each := make([]int64, len(s.Kinds))
	for i := range s.Kinds {
		for _, t := range s.Kinds[i].tensors {
			if t.linear && t.cut != whole {
				p := t.part(l)
				each[i] += p.in + p.out*p.count
			}
		}
	}
	n := int64(0)
	if embeddings {
		n = 2 * (s.VocabPart(l) + int64(s.Hidden))
	}
	for _, k := range s.KindsOf(from, count) {
		n += each[k]
	}
	return n
}
