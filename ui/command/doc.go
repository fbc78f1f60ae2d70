// Package command answers without the screen what the screen answers: sizes,
// ranked models, hardware and the guide, as text for people and as JSON for
// programs. It may import everything of runlocal but the root of the screen,
// which main hands in as a function.
package command
