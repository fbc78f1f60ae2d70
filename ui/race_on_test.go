//go:build race

package ui_test

// slack widens the limits on time: the race detector slows everything down.
const slack = 20
