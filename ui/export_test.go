package ui

import "runlocal/ui/state"

// State is what the end of the session would write down.
func (r *Root) State() state.State { return r.state() }
