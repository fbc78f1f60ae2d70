package ui

import (
	"slices"
	"strings"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/session"
	"runlocal/ui/state"
)

// state is what the next session should find again.
func (r *Root) state() state.State {
	s := state.State{Tab: r.current().Title(), Light: !r.theme.Dark}
	if !r.s.Ready() {
		// Nothing was recalled yet, so nothing of it may be lost.
		s = r.remembered
		s.Light = !r.theme.Dark
		return s
	}
	settings := r.s.Settings
	switch {
	case r.s.File != nil:
		// A file may be gone by then, and its precision goes with it.
		settings.Quant = session.New().Settings.Quant
	case r.s.Model != nil:
		s.Model = r.s.Model.ID
	}
	s.Settings = &settings
	if r.s.Rig.Simulated {
		for _, g := range r.s.Rig.GPUs {
			if g.Record != nil {
				s.Devices = append(s.Devices, g.Record.ID)
			}
		}
	}
	return s
}

// recall puts the last session's choices into the session. What the catalog
// no longer knows is left out.
func (r *Root) recall() {
	last := r.remembered
	if last.Settings != nil && last.Settings.Quant != "" && last.Settings.Ctx >= 0 {
		r.s.Settings = *last.Settings
	}
	if m := r.modelByID(last.Model); m != nil {
		r.s.Model = m
	}
	var devices []*catalog.Device
	for _, id := range last.Devices {
		if d := r.deviceByID(id); d != nil {
			devices = append(devices, d)
		}
	}
	if len(devices) > 0 {
		r.s.Rig = sizing.RigOf(devices, sizing.DefaultHost())
	}
}

// knownQuant is a precision that the chosen model can have: a file's own, or
// one of the catalog's, which a file's need not be.
func (r *Root) knownQuant(id string) string {
	if r.s.File != nil {
		return r.s.File.Quant
	}
	if r.s.Catalog == nil || slices.ContainsFunc(r.s.Catalog.Quants, func(q *catalog.Quant) bool { return q.ID == id }) {
		return id
	}
	return session.New().Settings.Quant
}

// modelByID finds a record by its id alone: a remembered name must not come
// back as its nearest neighbour.
func (r *Root) modelByID(id string) *catalog.Model {
	for _, m := range r.s.Catalog.Models {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func (r *Root) deviceByID(id string) *catalog.Device {
	for _, d := range r.s.Catalog.Devices {
		if !strings.HasPrefix(id, d.ID) {
			continue
		}
		for _, gib := range append(d.MemorySizes(), d.MemoryGB) {
			if other := d.WithMemory(gib); other.ID == id {
				return other
			}
		}
	}
	return nil
}
