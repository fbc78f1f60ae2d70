//go:build race

package remote

// underRace tells that the race detector slows everything down.
const underRace = true
