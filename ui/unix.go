//go:build !windows

package ui

// onUnix: an empty TERM means that there is no terminal to speak of.
const onUnix = true
