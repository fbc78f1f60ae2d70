package command

import (
	"fmt"
	"strings"

	"runlocal/sizing"
	"runlocal/sizing/units"
	"runlocal/ui/launch"
	"runlocal/ui/theme"
)

// writeSize prints an answer for a person, the verdict first.
func (a *App) writeSize(ans *answer, steps bool) error {
	t := a.theme()
	var p page
	style := t.Verdict(ans.Verdict)
	verdict := ans.Reason
	if verdict == "" {
		verdict = theme.Phrase(ans.Verdict)
	}
	p.line(style.Render(theme.Mark(ans.Verdict)), " ", t.Bold.Render(oneLine(ans.model.Name)), ": ", style.Render(verdict))
	p.line(fmt.Sprintf("%s, %s tokens of context, %s, on %s", ans.Quant, units.Count(ans.Ctx), ans.Runtime, rigWords(ans.rig)))
	p.line()
	p.lines(memoryTable(ans).lines(t.Dim))
	p.line()
	p.named("Placement", placement(ans.Placement))
	for _, s := range ans.Steps {
		if s.Term == "placement" {
			p.named("Why", s.Formula+": "+s.Filled)
		}
	}
	p.named("Speed", speed(ans.Speed))
	p.named("Room", room(ans))
	if v := ans.Serving; v != nil {
		for _, l := range v.Lines {
			p.named("It prints", l)
		}
		if v.Refusal != "" {
			p.named("It prints", v.Refusal)
		}
	}
	start := launch.Build(ans.model, ans.settings, ans.Placement)
	p.named("Start", start.Text())
	for _, note := range start.Notes {
		p.named("Note", note)
	}
	for _, w := range ans.Warnings {
		p.named("Warning", w)
	}
	if steps {
		p.line()
		p.lines(work(ans.Steps))
	}
	return p.writeTo(a.Out)
}

// rigWords names the machine and says when it was put together by hand.
func rigWords(r *sizing.Rig) string {
	words := r.Name
	if len(r.GPUs) == 0 {
		words = "a machine without a GPU"
	}
	if !r.Simulated {
		words = "this machine (" + r.Name + ")"
	}
	if r.Host.Capacity <= 0 {
		return words
	}
	ram := units.Bytes(r.Host.Capacity) + " of RAM"
	if r.Host.Assumed {
		ram += " (assumed)"
	}
	return words + " with " + ram
}

// memoryTable has a row for each device and one for the sum, in GiB.
func memoryTable(ans *answer) *table {
	t := &table{columns: []column{
		{"GiB", false}, {"weights", true}, {"KV cache", true}, {"state", true}, {"compute", true},
		{"overhead", true}, {"total", true}, {"capacity", true}, {"others", true}, {"free", true},
	}}
	for i, d := range ans.Devices {
		name := d.Name
		if d.Kind == sizing.KindGPU {
			name = fmt.Sprintf("GPU %d %s", i, d.Name)
		}
		t.add(append(parts(name, d.Parts), gib(d.Capacity), gib(d.UsedByOthers), gib(d.Free))...)
	}
	t.add(append(parts("in all", ans.Totals), "", "", "")...)
	return t
}

func parts(name string, p sizing.Parts) []string {
	return []string{name, gib(p.Weights), gib(p.KVCache), gib(p.RecurrentState), gib(p.Compute), gib(p.Overhead), gib(p.Total)}
}

// gib leaves the cell of nothing empty.
func gib(b int64) string {
	if b == 0 {
		return ""
	}
	return units.GiB(b)
}

func placement(p sizing.Placement) string {
	text := fmt.Sprintf("%d of %d layers on the GPU", p.GPULayers, p.Layers)
	if len(p.PerDevice) > 1 {
		text += " (" + strings.Join(names(p.PerDevice, func(n int) string { return fmt.Sprint(n) }), " + ") + ")"
	}
	if p.CPUMoE > 0 {
		text += fmt.Sprintf(", the experts of %d layers in RAM", p.CPUMoE)
	}
	if p.Parted > 0 {
		text += fmt.Sprintf(", %d tensors of %d layers elsewhere", p.Moved, p.Parted)
	}
	if p.SplitMode != sizing.SplitLayer {
		text += ", split mode " + string(p.SplitMode)
	}
	if p.KVOnHost {
		text += ", the cache in RAM"
	}
	if p.FlashAttn {
		return text + ", flash attention on"
	}
	return text + ", flash attention off"
}

func speed(s sizing.Speed) string {
	if s.Decode.Mid <= 0 {
		return "not known"
	}
	text := fmt.Sprintf("decode %s tok/s, limited by %s", units.Band(s.Decode.Low, s.Decode.High), s.Decode.Bound)
	if s.Prefill.Mid > 0 {
		text += fmt.Sprintf("; prefill %s tok/s, limited by %s", units.Band(s.Prefill.Low, s.Prefill.High), s.Prefill.Bound)
	}
	text += " (" + string(s.Label) + ")"
	if d := s.Speculative; d != nil {
		text += fmt.Sprintf("; with the draft model %.1f to %.1f times as fast, drafting %d tokens (%s)", d.Low, d.High, d.Drafted, d.Label)
	}
	return text
}

func room(ans *answer) string {
	f := ans.Fits
	var parts []string
	if f.MaxCtx > 0 {
		parts = append(parts, "context up to "+units.Count(f.MaxCtx))
	}
	if f.BestQuant != "" {
		parts = append(parts, "precision up to "+f.BestQuant)
	}
	if f.MaxParallel > 1 {
		parts = append(parts, units.Count(f.MaxParallel)+" sequences of "+units.Context(ans.Ctx))
	}
	if f.MinGPUs > 0 && len(ans.rig.GPUs) > 0 {
		parts = append(parts, fmt.Sprintf("needs %d × %s", f.MinGPUs, ans.rig.GPUs[0].Name))
	}
	if len(parts) == 0 {
		return "none: no context and no common precision fits"
	}
	return strings.Join(parts, " · ")
}

// work is every step: the term and its bytes, the formula, the same filled
// in, and how well it is known.
func work(steps []sizing.Step) []string {
	lines := []string{"The work"}
	for _, s := range steps {
		device := s.Device
		if device != "" {
			device = " on " + device
		}
		result := string(s.Label)
		if s.Bytes != 0 {
			result = fmt.Sprintf("%s (%s bytes, %s)", units.Bytes(s.Bytes), units.Count(s.Bytes), s.Label)
		}
		lines = append(lines, fmt.Sprintf("  %s%s: %s", s.Term, device, result))
		for _, l := range []string{s.Formula, s.Filled, s.Source} {
			if l != "" {
				lines = append(lines, "      "+l)
			}
		}
	}
	return lines
}
