package pane

import (
	tea "charm.land/bubbletea/v2"

	"runlocal/catalog"
	"runlocal/sizing"
	"runlocal/ui/session"
)

// The tabs by name, for Open.
const (
	Models     = "Models"
	Hardware   = "Hardware"
	Calculator = "Calculator"
	Glossary   = "Glossary"
	Guide      = "Guide"
	Fix        = "Fix"
)

// TabOf is the tab that lists a kind of entry of the guide.
func TabOf(kind string) string {
	switch kind {
	case "term":
		return Glossary
	case "error", "symptom":
		return Fix
	default:
		return Guide
	}
}

// ModelChosen says that a model goes to the calculator. Settings may be nil:
// the session keeps its own, fitted to the model.
type ModelChosen struct {
	Model    *catalog.Model
	File     *session.File // that the model was read from; nil for a record
	Settings *sizing.Settings
	Show     bool // bring the calculator to the front
}

// SettingsChanged says that the calculator's settings moved.
type SettingsChanged struct{ Settings sizing.Settings }

// RigChanged says which rig the numbers are for from now on; nil means the
// detected one again.
type RigChanged struct{ Rig *sizing.Rig }

// OpenTerm asks for an entry of the guide, by id or alias, in the tab of its
// kind.
type OpenTerm struct{ ID string }

// OpenDevice asks for a device of the Hardware pane, by id.
type OpenDevice struct{ ID string }

// OpenModel asks for a model of the Models pane, by id.
type OpenModel struct{ ID string }

// Open asks for a tab by name.
type Open struct{ Tab string }

// Copied asks for text to be copied to the clipboard and shown in the footer.
type Copied struct{ Text string }

// Noted asks for a line in the footer; Bad draws it as an error.
type Noted struct {
	Text string
	Bad  bool
}

// Result is what a pane's own command found out. The root hands it to the pane
// of that title, shown or not; the pane drops a Result whose Request is not
// the one that it last asked for.
type Result struct {
	Pane    string
	Request int
	Body    any
}

// DetectAgain asks for a new detection.
type DetectAgain struct{}

// Say wraps a message as a command.
func Say(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
