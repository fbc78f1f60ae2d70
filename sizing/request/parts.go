package request

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
)

// setProjector takes on and off, or the size of the projector's file.
func setProjector(s *sizing.Settings, v string, _ *catalog.Model, _ *catalog.Catalog) error {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "on", "true", "gpu":
		s.Vision.On = true
		return nil
	case "cpu":
		s.Vision.On, s.Vision.OnCPU = true, true
		return nil
	case "off", "false", "none":
		s.Vision = sizing.Projector{}
		return nil
	}
	n, err := Size(v)
	if err != nil {
		return errors.New("want on, cpu, off, or the size of the projector's file such as 850MiB")
	}
	s.Vision.On, s.Vision.Bytes = true, n
	return nil
}

// setAdapters takes ranks and sizes of files.
func (r *Request) setAdapters(s *sizing.Settings) error {
	for _, value := range r.values["lora"] {
		for part := range strings.SplitSeq(value, ",") {
			part = strings.TrimSpace(part)
			if rank, err := strconv.Atoi(part); err == nil {
				s.LoRA = append(s.LoRA, sizing.LoRA{Rank: rank})
				continue
			}
			n, err := Size(part)
			if err != nil {
				return fmt.Errorf("lora %s: want a rank such as 16, or a file's size such as 160MiB", quoted(part))
			}
			s.LoRA = append(s.LoRA, sizing.LoRA{Bytes: n})
		}
	}
	return nil
}

// setDraft finds the draft model and what is asked for it.
func (r *Request) setDraft(c *catalog.Catalog, s *sizing.Settings) error {
	if !r.Has("draft") {
		for _, key := range []string{"draft_quant", "draft_ctx", "draft_gpu_layers"} {
			if r.Has(key) {
				return fmt.Errorf("%s: there is no draft model; name one with draft", key)
			}
		}
		return nil
	}
	name := strings.TrimSpace(r.Get("draft"))
	m, err := c.Model(clip(name))
	if err != nil {
		return fmt.Errorf("draft %s: %w", quoted(name), nearest(err))
	}
	d := &sizing.Draft{Model: m, GPULayers: sizing.LayersAll}
	for _, set := range []struct {
		key   string
		apply func(v string) error
	}{
		{"draft_quant", func(v string) error {
			var q sizing.Settings
			err := setFileType(&q, v, c)
			d.Quant = q.Quant
			return err
		}},
		{"draft_ctx", func(v string) error {
			n, err := Tokens(v)
			if err != nil || n < 1 || n > maxCtx {
				return errors.New("want a number of tokens")
			}
			d.Ctx = n
			return nil
		}},
		{"draft_gpu_layers", func(v string) error {
			var l sizing.Settings
			err := layers(map[string]int{"all": sizing.LayersAll}, func(s *sizing.Settings, n int) { s.GPULayers = n })(&l, v, m, c)
			d.GPULayers = l.GPULayers
			return err
		}},
	} {
		if !r.Has(set.key) {
			continue
		}
		if err := set.apply(r.Get(set.key)); err != nil {
			return fmt.Errorf("%s %s: %w", set.key, quoted(r.Get(set.key)), err)
		}
	}
	s.Draft = d
	return nil
}
