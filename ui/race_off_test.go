//go:build !race

package ui_test

// underRace tells that the race detector slows everything down.
const underRace = false
