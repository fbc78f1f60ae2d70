package detect

import (
	"errors"
	"fmt"
)

// State is how a source fared.
type State string

// The states of a source.
const (
	Found   State = "found"   // it answered and told of something
	None    State = "none"    // it answered: there is nothing of its kind
	Missing State = "missing" // what it needs (library, module, program) is not there
	Denied  State = "denied"  // there, but not for this user
	Timeout State = "timeout" // it did not answer in time
	Failed  State = "error"   // it answered with an error
)

// Source is one way of asking and what came of it.
type Source struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Detail string `json:"detail,omitempty"`
	Fix    string `json:"fix,omitempty"` // what the user can do about it; "" = nothing to do
}

// problem is an error that knows its state and its remedy.
type problem struct {
	state  State
	detail string
	fix    string
}

func (p *problem) Error() string { return fmt.Sprintf("%s: %s", p.state, p.detail) }

// sourceOf turns the outcome of a source into its line in the report.
func sourceOf(name string, found int, detail string, err error) Source {
	s := Source{Name: name, State: None, Detail: detail}
	if found > 0 {
		s.State = Found
	}
	if err == nil {
		return s
	}
	if p, ok := errors.AsType[*problem](err); ok {
		return Source{Name: name, State: p.state, Detail: clean(p.detail), Fix: p.fix}
	}
	return Source{Name: name, State: Failed, Detail: clean(err.Error())}
}
