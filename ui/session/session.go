// Package session is the small state that all panes share: the rig, the
// chosen model and the settings. A Session is a value: a pane is handed a new
// one after each change and never alters the one it has.
package session

import (
	"runlocal/catalog"
	"runlocal/catalog/detect"
	"runlocal/glossary"
	"runlocal/sizing"
)

// Session is what every pane may know. Rig is never nil: before detection has
// ended it is a plain host without a GPU.
type Session struct {
	Catalog  *catalog.Catalog // nil until it is loaded
	Engine   *sizing.Engine   // nil until then
	Glossary *glossary.Glossary

	Detected  *detect.Report // nil until detection has ended
	Detecting bool
	Rig       *sizing.Rig // what the numbers are for: the detected or a simulated one

	Model    *catalog.Model // the model in the calculator; nil until one is chosen
	File     *File          // that Model was read from; nil for a record of the catalog
	Settings sizing.Settings
}

// File is what a model that was read from a file brings along: the engine that
// weighs it by the file's own tensors, and its one precision.
type File struct {
	Engine *sizing.Engine
	Quant  string
}

// ModelEngine is the engine to ask about Model.
func (s Session) ModelEngine() *sizing.Engine {
	if s.File != nil {
		return s.File.Engine
	}
	return s.Engine
}

// The settings of a session that nobody has changed yet.
const (
	firstQuant = "Q4_K_M"
	firstCtx   = 8192
)

// New is the session before anything is known.
func New() Session {
	s := Session{Settings: sizing.Defaults(firstQuant, firstCtx)}
	s.Rig = s.RealRig()
	return s
}

// Ready tells whether the catalog and the engine are there.
func (s Session) Ready() bool { return s.Catalog != nil && s.Engine != nil }

// RigKnown tells whether the rig is what the user has or chose, and not the
// bare host that stands in while detection runs.
func (s Session) RigKnown() bool { return s.Detected != nil || s.Rig.Simulated }
