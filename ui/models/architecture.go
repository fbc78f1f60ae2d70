package models

import (
	"fmt"
	"slices"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing/units"
)

// shape is a model's architecture as far as words go: how many layers have
// which mixer, and the first feed-forward of each kind.
type shape struct {
	layers  int
	kinds   []string       // of mixers, in order of first appearance
	count   map[string]int // layers by kind
	example map[string]catalog.Mixer
	window  int // of the layers with a sliding window, tokens
	moe     *catalog.FFN
	moeOf   int // layers with experts
}

func shapeOf(m *catalog.Model) shape {
	s := shape{count: map[string]int{}, example: map[string]catalog.Mixer{}}
	s.add(m.Blocks, 1)
	return s
}

// add counts a list of blocks, times its repetitions.
func (s *shape) add(blocks []catalog.Block, times int) {
	for i := range blocks {
		b := &blocks[i]
		if len(b.Blocks) > 0 {
			s.add(b.Blocks, times*max(1, b.Repeat))
			continue
		}
		n := times * max(1, b.Count)
		s.layers += n
		s.mixer(b.Mixer, n)
		if b.FFN.Type == catalog.FFNMoE {
			s.moeOf += n
			if s.moe == nil {
				s.moe = &b.FFN
			}
		}
	}
}

func (s *shape) mixer(x catalog.Mixer, n int) {
	if x.Type == catalog.MixerParallel {
		for _, part := range x.Mixers {
			s.mixer(part, n)
		}
		return
	}
	kind := x.Type
	if kind == catalog.MixerAttention && (x.Window > 0 || x.Chunk > 0) {
		kind = "windowed"
		s.window = max(x.Window, x.Chunk)
	}
	if s.count[kind] == 0 {
		s.kinds = append(s.kinds, kind)
		s.example[kind] = x
	}
	s.count[kind] += n
}

// isMoE tells whether any layer has experts.
func isMoE(blocks []catalog.Block) bool {
	return slices.ContainsFunc(blocks, func(b catalog.Block) bool {
		return b.FFN.Type == catalog.FFNMoE || isMoE(b.Blocks)
	})
}

// architecture describes a model in two or three short lines.
func architecture(m *catalog.Model) []string {
	s := shapeOf(m)
	var lines []string
	if s.moe != nil {
		line := fmt.Sprintf("mixture of experts: %d, %d active", s.moe.Experts, s.moe.Active)
		if m.ActiveParams > 0 {
			line += " (" + units.Params(m.ActiveParams) + " a token)"
		}
		lines = append(lines, line)
	} else {
		lines = append(lines, "dense, "+units.Params(m.Parameters()))
	}
	line := fmt.Sprintf("%d layers · %s", s.layers, s.mixers())
	if m.Context > 0 {
		line += " · " + units.Context(m.Context) + " context"
	}
	return append(lines, line)
}

// mixers says how tokens are mixed: "GQA 32/4", "40 of 48 windowed 1K + GQA 32/4".
func (s *shape) mixers() string {
	var parts []string
	for _, k := range s.kinds {
		text := mixerName(k, s.example[k])
		if k == "windowed" {
			text += " in a window of " + units.Context(s.window)
		}
		if len(s.kinds) > 1 {
			text = fmt.Sprintf("%d× %s", s.count[k], text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// mixerName is the field's word for a mixer.
func mixerName(kind string, x catalog.Mixer) string {
	switch kind {
	case catalog.MixerAttention, "windowed":
		return attentionName(x)
	case catalog.MixerMLA:
		return fmt.Sprintf("MLA %d heads, rank %d", x.Heads, x.KVLoraRank)
	case catalog.MixerCSA:
		return "compressed sparse attention"
	case catalog.MixerMamba1, catalog.MixerMamba2:
		return "Mamba-" + kind[len(kind)-1:]
	case catalog.MixerGatedDeltaNet:
		return "gated delta net"
	case catalog.MixerKDA:
		return "Kimi delta attention"
	case catalog.MixerLightning:
		return "lightning attention"
	case catalog.MixerShortConv:
		return "short convolution"
	case catalog.MixerRWKV6, catalog.MixerRWKV7:
		return "RWKV-" + kind[len(kind)-1:]
	case catalog.MixerRGLRU:
		return "RG-LRU"
	default:
		return "no mixer"
	}
}

// attentionName tells multi-head, grouped-query and multi-query attention
// apart.
func attentionName(x catalog.Mixer) string {
	switch x.KVHeads {
	case x.Heads:
		return fmt.Sprintf("MHA %d", x.Heads)
	case 1:
		return fmt.Sprintf("MQA %d/1", x.Heads)
	default:
		return fmt.Sprintf("GQA %d/%d", x.Heads, x.KVHeads)
	}
}
