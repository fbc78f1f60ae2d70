package catalog

import "strings"

// Role is what a tensor does, as far as a file type cares about it.
type Role uint8

// The roles. RoleFixed tensors are never quantised and are written as F32;
// RoleSource tensors are never quantised and keep the type of the source file.
const (
	RoleOther Role = iota
	RoleTokenEmbd
	RoleOutput
	RoleAttnQ
	RoleAttnK
	RoleAttnV // fused QKV and KV-up projections too: the same rules hold
	RoleAttnOutput
	RoleFFNUp
	RoleFFNGate
	RoleFFNDown
	RoleFixed
	RoleSource
)

// Tensor is one weight in the form in which GGUF stores it.
type Tensor struct {
	Name  string // GGUF's, without "blk.N." in front
	Role  Role
	Cols  int64 // ne0: the length of a row, elements
	Rows  int64 // ne1
	Depth int64 // ne2: experts or heads; 1 for a matrix
	// Routed tensors are the experts' own: the ones that can stay in RAM while
	// the rest of their layer is on the GPU, and of which a token reads only
	// the active ones.
	Routed bool
	// Derived tensors are made by the converter and are no parameters of the
	// model (RoPE frequency factors).
	Derived bool
}

// Elements is the number of values.
func (t Tensor) Elements() int64 { return t.Cols * t.Rows * t.Depth }

// Layer is a block of the model with its position: the run-length coding
// undone.
type Layer struct {
	Index int
	Block *Block
}

// EachLayer calls f for every layer in order. The pointer is to the record's
// own block, the same for all layers of a run.
func (m *Model) EachLayer(f func(Layer)) {
	i := 0
	eachBlock(m.Blocks, func(b *Block) {
		for range b.Count {
			f(Layer{Index: i, Block: b})
			i++
		}
	})
}

// Layers is the number of layers, the output layer not counted.
func (m *Model) Layers() int {
	n := 0
	eachBlock(m.Blocks, func(b *Block) { n += b.Count })
	return n
}

func eachBlock(blocks []Block, f func(*Block)) {
	for i := range blocks {
		b := &blocks[i]
		if len(b.Blocks) == 0 {
			f(b)
			continue
		}
		for range b.Repeat {
			eachBlock(b.Blocks, f)
		}
	}
}

// Parameters is the number of parameters of the text model, computed from its
// tensors. Vision and audio towers and multi-token-prediction layers are apart
// (Vision, Audio, MTP).
func (m *Model) Parameters() int64 {
	var n int64
	add := func(t Tensor) {
		if !t.Derived {
			n += t.Elements()
		}
	}
	m.EachModelTensor(nil, add)
	for _, p := range m.ExtraParams {
		n += p
	}
	perBlock := map[*Block]int64{}
	m.EachLayer(func(l Layer) {
		sum, known := perBlock[l.Block]
		if !known {
			before := n
			m.EachBlockTensor(nil, l.Block, add)
			for _, p := range l.Block.ExtraParams {
				n += p
			}
			sum, n = n-before, before
			perBlock[l.Block] = sum
		}
		n += sum
	})
	return n
}

// EachModelTensor calls f for the tensors outside the layers: embeddings,
// final norm, output. The architecture says how llama.cpp lays them out; nil
// is the plain layout.
func (m *Model) EachModelTensor(a *Architecture, f func(Tensor)) {
	d, width := int64(m.Hidden), int64(m.Hidden)
	if m.EmbeddingDim > 0 {
		width = int64(m.EmbeddingDim)
	}
	rows := m.rows(a)
	f(Tensor{Name: "token_embd.weight", Role: RoleTokenEmbd, Cols: width, Rows: rows, Depth: 1})
	if m.PositionEmbeddings > 0 {
		f(fixedMatrix("position_embd.weight", d, int64(m.PositionEmbeddings)))
	}
	if m.FinalNorm == nil || *m.FinalNorm {
		name := "output_norm"
		if a != nil && a.FinalNormIsInput {
			name = "token_embd_norm"
		}
		emitNorm(f, name, d, m.NormBias)
	}
	if !m.TiedEmbeddings {
		f(Tensor{Name: "output.weight", Role: RoleOutput, Cols: width, Rows: rows, Depth: 1})
	}
	if m.OutputBias {
		f(vector("output.bias", int64(m.Vocab)))
	}
	emitExtra(f, m.ExtraTensors)
}

// rows is the number of rows of the embedding: in a GGUF file only those that
// a token stands for.
func (m *Model) rows(a *Architecture) int64 {
	if a != nil && m.GGUFVocab > 0 {
		return int64(m.GGUFVocab)
	}
	return int64(m.Vocab)
}

// EachBlockTensor calls f for every tensor of one layer of the block.
func (m *Model) EachBlockTensor(a *Architecture, b *Block, f func(Tensor)) {
	if a == nil {
		a = &Architecture{}
	}
	d := int64(m.Hidden)
	norms := b.normCount()
	for i := range norms {
		emitNorm(f, normNames[min(i, len(normNames)-1)], d, m.NormBias)
	}
	emitMixer(f, a, d, &b.Mixer)
	emitFFN(f, a, d, &b.FFN)
	emitExtra(f, b.ExtraTensors)
}

//nolint:gochecknoglobals // a table, never written
var normNames = [...]string{"attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm", "extra_norm"}

// normCount is the number of norm vectors: as the record says, otherwise one
// for the mixer and one for the feed-forward, or one for both where they run
// side by side.
func (b *Block) normCount() int {
	switch {
	case b.Norms != nil:
		return *b.Norms
	case b.Mixer.Type == MixerNone, b.FFN.Type == FFNNone, b.ParallelBlock:
		return 1
	default:
		return 2
	}
}

func emitNorm(f func(Tensor), name string, d int64, bias bool) {
	f(vector(name+".weight", d))
	if bias {
		f(vector(name+".bias", d))
	}
}

// EachMTPTensor calls f for the tensors of one multi-token-prediction layer
// beyond those of the block it is made like: the projection of the two
// streams and its norms. Whether it has an embedding and an output of its own
// follows from the record's parameter count.
func (m *Model) EachMTPTensor(f func(Tensor)) {
	d := int64(m.Hidden)
	f(matrix("nextn.eh_proj.weight", RoleOther, 2*d, d))
	for _, name := range []string{"nextn.enorm.weight", "nextn.hnorm.weight", "nextn.shared_head_norm.weight"} {
		f(vector(name, d))
	}
	if m.mtpHasOwnEmbedding() {
		f(matrix("nextn.embed_tokens.weight", RoleOther, d, int64(m.Vocab)))
		f(matrix("nextn.shared_head_head.weight", RoleOther, d, int64(m.Vocab)))
	}
}

func (m *Model) mtpHasOwnEmbedding() bool {
	own := m.MTP.Params / int64(max(1, m.MTP.Layers))
	last := (*Block)(nil)
	m.EachLayer(func(l Layer) { last = l.Block })
	m.EachBlockTensor(nil, last, func(t Tensor) { own -= t.Elements() })
	return own > int64(m.Hidden)*int64(m.Vocab)
}

func emitExtra(f func(Tensor), extra []ExtraTensor) {
	for _, e := range extra {
		t := Tensor{Name: e.Name, Role: roleOf(e), Cols: 1, Rows: 1, Depth: 1}
		for i, n := range e.Shape {
			switch i {
			case 0:
				t.Cols = int64(n)
			case 1:
				t.Rows = int64(n)
			default:
				t.Depth *= int64(n)
			}
		}
		t.Derived = strings.HasPrefix(e.Name, "rope_")
		t.Routed = strings.Contains(e.Name, "_exps.")
		f(t)
	}
}

// rolesByName finds a tensor's role by a part of its name, the first match
// counting; it follows the way llama.cpp's quantiser sorts names into classes.
//
//nolint:gochecknoglobals // a table, never written
var rolesByName = []struct {
	part string
	role Role
}{
	{"_norm.", RoleFixed},
	{"altup_correct_coef", RoleFixed},
	{"altup_predict_coef", RoleFixed},
	{"altup", RoleSource},
	{"laurel", RoleSource},
	{"per_layer_model_proj", RoleSource},
	{"ffn_gate_inp", RoleFixed},
	{"ssm_conv1d", RoleFixed},
	{"shortconv.conv", RoleFixed},
	{"position_embd", RoleFixed},
	{"token_types", RoleFixed},
	{"token_embd.", RoleTokenEmbd},
	{"attn_qkv.", RoleAttnV},
	{"attn_kv_b.", RoleAttnV},
	{"attn_v.", RoleAttnV},
	{"attn_k.", RoleAttnK},
	{"attn_q.", RoleAttnQ},
	{"attn_output.", RoleAttnOutput},
	{"ffn_up", RoleFFNUp},
	{"ffn_gate", RoleFFNGate},
	{"ffn_down", RoleFFNDown},
}

func roleOf(e ExtraTensor) Role {
	if len(e.Shape) < 2 || !strings.HasSuffix(e.Name, ".weight") {
		return RoleFixed
	}
	for _, r := range rolesByName {
		if strings.Contains(e.Name, r.part) {
			return r.role
		}
	}
	return RoleOther
}

func vector(name string, n int64) Tensor {
	return Tensor{Name: name, Role: RoleFixed, Cols: n, Rows: 1, Depth: 1}
}

func fixedMatrix(name string, cols, rows int64) Tensor {
	return Tensor{Name: name, Role: RoleFixed, Cols: cols, Rows: rows, Depth: 1}
}

func matrix(name string, role Role, cols, rows int64) Tensor {
	return Tensor{Name: name, Role: role, Cols: cols, Rows: rows, Depth: 1}
}
