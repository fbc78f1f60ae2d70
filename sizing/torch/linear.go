package torch

import "runlocal/catalog"

// widths are those of a linear mixer, elements a token; its states in
// elements a sequence.
type widths struct {
	in, conv, inner  int64
	convState, state int64
	stateBytes       int64 // of an element of the state: kept in 32 bits
}

// linearWidths says how wide a linear mixer is. The states follow from the
// recurrence; what is alive at a time is reasoned from fused kernels.
func linearWidths(x *catalog.Mixer, d int64) widths {
	w := widths{stateBytes: 4}
	switch x.Type {
	case catalog.MixerMamba1:
		in := int64(x.DInner)
		w.in, w.conv, w.inner = 2*in, in, in
		w.convState, w.state = in*int64(x.DConv), in*int64(x.DState)
	case catalog.MixerMamba2:
		in := int64(x.DInner)
		conv := in + 2*int64(max(1, x.NGroups))*int64(x.DState)
		w.in, w.conv, w.inner = in+conv+int64(x.Heads), conv, in
		w.convState, w.state = conv*int64(x.DConv), in*int64(x.DState)
	case catalog.MixerGatedDeltaNet, catalog.MixerKDA:
		keys, values := keyValueWidths(x)
		w.in, w.conv, w.inner = 2*keys+2*values, 2*keys+values, values
		w.convState = w.conv * int64(max(1, x.Conv))
		w.state = values * headOf(x)
	case catalog.MixerShortConv:
		w.in, w.conv, w.inner = 3*d, d, d
		w.convState = d * int64(max(1, x.Width))
	case catalog.MixerRGLRU:
		n := int64(max(x.Width, 1))
		w.in, w.conv, w.inner = 2*n, n, n
		w.convState, w.state = n*int64(max(1, x.Conv)), n
	default: // RWKV and lightning attention: a square state a head
		hd := int64(max(1, x.HeadDim))
		n := int64(max(1, x.Heads)) * hd
		w.in, w.conv, w.inner = 4*n, n, n
		w.convState, w.state = 2*d, n*hd
	}
	return w
}

func keyValueWidths(x *catalog.Mixer) (keys, values int64) {
	if x.Type == catalog.MixerKDA {
		n := int64(x.Heads) * int64(x.HeadDim)
		return n, n
	}
	return int64(x.KeyHeads) * int64(x.KeyHeadDim), int64(x.ValueHeads) * int64(x.ValueHeadDim)
}

func headOf(x *catalog.Mixer) int64 {
	if x.Type == catalog.MixerKDA {
		return int64(x.HeadDim)
	}
	return int64(x.KeyHeadDim)
}
