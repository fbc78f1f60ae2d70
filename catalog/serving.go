package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// The files of servers that size their cache by what is left of the card.
const (
	vllmFile   = "runtimes/vllm.json"
	sglangFile = "runtimes/sglang.json"
)

// Server is what is known of a serving runtime: its eras, and what it takes
// beside weights, cache and activations.
type Server struct {
	Eras []*ServerEra `json:"eras"` // the newest first

	// StateF32 are the model classes whose recurrent state is kept in 32 bits;
	// the others keep it in the type of the model.
	StateF32      []string `json:"state_f32,omitempty"`
	StateF32Plain []string `json:"state_f32_plain,omitempty"` // only where the weights are plain floats
	// V2Runner are the model classes that the era's new model runner takes
	// where it does not take all.
	V2Runner []string `json:"v2_runner,omitempty"`

	// WindowPools are the model classes whose layers with a window get a pool of
	// their own.
	WindowPools []string `json:"window_pools,omitempty"`
	// AdapterEmbeddings are the model classes that take LoRA on embedding and
	// output as well.
	AdapterEmbeddings []string `json:"adapter_embeddings,omitempty"`

	Beside []*Beside `json:"beside"` // the last row that matches counts
}

// ServerEra is a range of releases that share their rules of memory.
type ServerEra struct {
	ID    string `json:"id"` // its first release: "0.10"
	Title string `json:"title"`

	Share float64 `json:"share"` // share of the card where nothing is asked for

	// Tokens of a step and sequences at a time where nothing is asked for: on
	// cards of 70 GiB and more other than an A100, and on the others.
	Tokens      int `json:"tokens"`
	TokensSmall int `json:"tokens_small"`
	Seqs        int `json:"seqs"`
	SeqsSmall   int `json:"seqs_small"`

	WholePrompt bool `json:"whole_prompt,omitempty"` // a step takes a whole prompt of up to 32,768 tokens, not chunks
	Eager       bool `json:"eager,omitempty"`        // layers run as written, not compiled: their inputs stay alive

	LogitBytes   float64 `json:"logit_bytes"`             // of the sampler's peak, for each logit, with 128 rows and more
	LogitFew     float64 `json:"logit_few,omitempty"`     // the same with fewer rows; 0 = the same
	SampleBuffer bool    `json:"sample_buffer,omitempty"` // the sampler's kernel keeps a row of floats for each multiprocessor
	V2LogitBytes float64 `json:"v2_logit_bytes,omitempty"`

	Hybrid       bool    `json:"hybrid,omitempty"`        // layers of several kinds share one pool of blocks
	WideGroups   float64 `json:"wide_groups,omitempty"`   // kinds whose numbers of layers differ by less share the larger group size
	AlignState   bool    `json:"align_state,omitempty"`   // with prefix caching a sequence keeps two states, not one
	ByRequests   bool    `json:"by_requests,omitempty"`   // the printed tokens are requests × length, not blocks × block
	GraphsInside bool    `json:"graphs_inside,omitempty"` // an estimate of the graphs is taken off the cache
	StartCheck   bool    `json:"start_check,omitempty"`   // refuses to start where less is free than it may use
	WithContext  bool    `json:"with_context,omitempty"`  // what the driver's context takes counts as its own
	AfterNCCL    bool    `json:"after_nccl,omitempty"`    // the first look at free memory comes after the links are up
	OldCards     string  `json:"old_cards,omitempty"`     // the era whose rules cards before compute capability 8.0 follow
	V2           string  `json:"v2,omitempty"`            // who runs on the new model runner: "", "some" (V2Runner, plain weights), "most" (all but linear mixers)

	GraphMost  int  `json:"graph_most"`            // largest batch with a graph
	GraphTwice bool `json:"graph_twice,omitempty"` // but no more than twice the sequences
	Plural     bool `json:"plural,omitempty"`      // the refusal says models's

	Label  string `json:"label"`
	Source string `json:"source"`
}

// Beside is what a process takes outside of the allocator's tensors, for a
// backend and a range of compute capability. Sizes in bytes.
type Beside struct {
	ID      string  `json:"id"`
	Backend string  `json:"backend"`
	From    float64 `json:"from,omitempty"` // lowest compute capability; 0 = any
	To      float64 `json:"to,omitempty"`   // highest; 0 = any
	Unified bool    `json:"unified,omitempty"`
	Eras    string  `json:"eras,omitempty"` // up to this era; "" = all

	// Hidden and HiddenShare are what the driver keeps of a card's nominal
	// memory: CUDA names so much less as its total.
	Hidden      int64   `json:"hidden,omitempty"`
	HiddenShare float64 `json:"hidden_share,omitempty"`

	One     int64 `json:"one"`      // non-torch memory of a lone GPU
	Links   int64 `json:"links"`    // more with several: buffers of the links
	EachGPU int64 `json:"each_gpu"` // and for each GPU of a group

	GraphLayer  int64  `json:"graph_layer"` // a graph takes this for each layer, as it turns out
	GraphGuess  int64  `json:"graph_guess"` // and as it is estimated before
	V2Resident  int64  `json:"v2_resident"` // tensors that the new model runner keeps
	MMPatchSize int64  `json:"mm_patch"`    // the vision part's activations for each token of an image
	Label       string `json:"label"`
	Source      string `json:"source"`
}

func (c *Catalog) loadServers(fsys fs.FS) error {
	c.VLLM, c.SGLang = &Server{}, &Server{}
	for file, s := range map[string]*Server{vllmFile: c.VLLM, sglangFile: c.SGLang} {
		if err := decodeFile(fsys, file, s); err != nil {
			return err
		}
		if err := s.check(file); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) check(file string) error {
	if len(s.Eras) == 0 || len(s.Beside) == 0 {
		return &RecordError{File: file, Reason: "wants at least one era and one row of what a process takes beside"}
	}
	seen := map[string]bool{}
	for _, e := range s.Eras {
		if seen[e.ID] {
			return &RecordError{File: file, Record: e.ID, Reason: "the name is taken"}
		}
		seen[e.ID] = true
		if err := e.check(); err != nil {
			return &RecordError{File: file, Record: e.ID, Reason: err.Error()}
		}
	}
	for _, b := range s.Beside {
		if b.ID == "" || b.Backend == "" || b.Label == "" || b.Source == "" || b.HiddenShare < 0 || b.HiddenShare > 0.5 {
			return &RecordError{File: file, Record: b.ID, Reason: "wants a name, a backend, a label and a source"}
		}
		for _, n := range []int64{b.Hidden, b.One, b.Links, b.EachGPU, b.GraphLayer, b.GraphGuess, b.V2Resident, b.MMPatchSize} {
			if n < 0 || n > 1<<36 {
				return &RecordError{File: file, Record: b.ID, Reason: fmt.Sprintf("%d is no size", n)}
			}
		}
	}
	return nil
}

func (e *ServerEra) check() error {
	switch {
	case e.ID == "" || e.Title == "" || e.Label == "" || e.Source == "":
		return errors.New("wants a name, a title, a label and a source")
	case e.Share < 0 || e.Share > 1:
		return fmt.Errorf("takes %g of the card", e.Share)
	case e.Tokens < 0 || e.TokensSmall < 0 || e.Seqs < 0 || e.SeqsSmall < 0 || e.GraphMost < 0 || e.GraphMost > 1<<16:
		return errors.New("numbers out of range")
	case e.LogitBytes < 0 || e.LogitBytes > 100 || e.LogitFew < 0 || e.V2LogitBytes < 0:
		return errors.New("bytes of a logit out of range")
	}
	return nil
}

// Era finds the era of a release, "0.10.2", or one by its id; the newest for an
// empty one, nil if there is none.
func (s *Server) Era(release string) *ServerEra {
	if release == "" {
		return s.Eras[0]
	}
	for _, e := range s.Eras {
		if e.ID == release {
			return e
		}
	}
	asked, ok := releaseParts(release)
	if !ok {
		return nil
	}
	for _, e := range s.Eras {
		if first, ok := releaseParts(e.ID); ok && slices.Compare(first, asked) <= 0 {
			return e
		}
	}
	return nil
}

// releaseParts are the numbers of a release.
func releaseParts(release string) ([]int, bool) {
	var list []int
	for part := range strings.SplitSeq(release, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, false
		}
		list = append(list, n)
	}
	return list, true
}

// Older tells whether era a comes before era b; both are ids of this server.
func (s *Server) Older(a, b string) bool {
	at := func(id string) int {
		for i, e := range s.Eras {
			if e.ID == id {
				return i
			}
		}
		return -1
	}
	return at(a) > at(b)
}
