package sizing

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"runlocal/catalog"
	"runlocal/sizing/units"
)

// Projector asks for the vision part of a model, which llama.cpp keeps in a
// file of its own (mmproj).
type Projector struct {
	On    bool
	Bytes int64 // of the file; 0 = at 16 bits, from the record
	OnCPU bool  // --no-mmproj-offload
}

const maxProjector = 1 << 40 // bytes

func checkVision(c *compiled, s *Settings) error {
	v := &s.Vision
	switch {
	case !v.On:
		return nil
	case v.Bytes < 0 || v.Bytes > maxProjector:
		return refuse("mmproj", "mmproj %d is no size of a file", v.Bytes)
	case c.model.Vision == nil && v.Bytes == 0:
		return refuse("mmproj", "%s has no vision part; give the size of a projector file, such as 850MiB", c.model.Name)
	}
	return nil
}

// tower is what a vision encoder looks like as far as its buffer goes.
type tower struct {
	hidden  int64
	patches int64 // of the image that memory is reserved for
	pixels  int64 // of a side
	tokens  string
}

// warmupTokens is the side, in tokens, of the image that an encoder of any
// resolution is warmed up with.
const warmupTokens = 46

var (
	hiddenIn = regexp.MustCompile(`hidden (\d{3,5})`)
	pixelsIn = regexp.MustCompile(`(?:at |, )(\d{3,4})\b`)
	patchIn  = regexp.MustCompile(`(?:/|patch )(\d\d)\b`)
	eachIn   = regexp.MustCompile(`one a (\d\d)×\d\d patch`)
)

// widths are hidden sizes of encoders that go by a name.
//
//nolint:gochecknoglobals // a table, never written
var widths = []struct {
	name   *regexp.Regexp
	hidden int64
}{
	{regexp.MustCompile(`(?i)so400m`), 1152}, {regexp.MustCompile(`InternViT 300M|ViT-L`), 1024}, {regexp.MustCompile(`InternViT 6B`), 3200},
	{regexp.MustCompile(`ViT-H`), 1280}, {regexp.MustCompile(`ViT-bigG`), 1664}, {regexp.MustCompile(`AIMv2-Huge`), 1536},
	{regexp.MustCompile(`Qwen2\.5-VL`), 1280}, {regexp.MustCompile(`(?i)siglip2?(?: NaFlex)? base`), 768},
}

// towerOf reads a record's words; what they leave out follows from the number
// of parameters, as encoders are about 42 times as wide as they are deep.
func towerOf(p *catalog.Part) tower {
	t := tower{hidden: int64(math.Cbrt(3.5 * float64(p.Params))), tokens: string(p.TokensPerImage)}
	for _, w := range widths {
		if w.name.MatchString(p.Kind) {
			t.hidden = w.hidden
			break
		}
	}
	t.hidden = numberIn(hiddenIn, p.Kind, t.hidden)
	patch := numberIn(patchIn, p.Kind, 14)
	if px := numberIn(pixelsIn, p.Kind, 0); px >= 112 {
		t.pixels = px
	} else {
		each := numberIn(eachIn, t.tokens, 2*patch)
		t.pixels = warmupTokens * each
		if each%16 == 0 && patch == 14 {
			patch = 16
		}
	}
	t.patches = (t.pixels / patch) * (t.pixels / patch)
	return t
}

func numberIn(pattern *regexp.Regexp, text string, otherwise int64) int64 {
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		return otherwise
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// addVision adds the projector's weights and the buffer for one image. They
// lie on the first GPU of this machine.
func (a *allocator) addVision(list []extra) []extra {
	v := &a.r.Vision
	if !v.On {
		return list
	}
	device := slices.IndexFunc(a.rig.GPUs, func(g GPU) bool { return g.Backend != BackendRPC })
	if v.OnCPU || device < 0 {
		device = len(a.rig.GPUs)
	}
	part := a.c.model.Vision
	weights := Step{Term: "weights", Bytes: v.Bytes, Label: Exact, Formula: "projector: its file", Filled: units.Bytes(v.Bytes), Source: "as given"}
	if part == nil {
		part = &catalog.Part{Params: v.Bytes / 2}
	}
	if v.Bytes == 0 {
		weights.Bytes, weights.Label = 2*part.Params, Calibrated
		weights.Formula, weights.Filled = "projector at 16 bits: 2 B × parameters", fmt.Sprintf("2 B × %s", units.Params(part.Params))
		weights.Source = "the record's vision part; a published BF16 file is 1 % larger, as some tensors stay F32"
	}
	t := towerOf(part)
	image := Step{
		Term: "compute", Bytes: 24*t.hidden*t.patches + 12*t.pixels*t.pixels, Label: Estimated,
		Formula: "an image: 24 B × hidden × patches + 12 B × pixels",
		Filled:  fmt.Sprintf("24 B × %d × %s + 12 B × %d²", t.hidden, units.Count(t.patches), t.pixels),
		Source:  "the encoder's graph with flash attention; a Qwen3.6 log of May 2026 says the same to 0.1 %; other encoders within about 25 %",
	}
	if t.tokens != "" {
		image.Filled += fmt.Sprintf("; an image takes %s tokens of the context", t.tokens)
	}
	return append(list, extra{device, weights}, extra{device, image})
}
