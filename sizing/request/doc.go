// Package request turns what a person asks for ("Q4_K_M", "32k", "2x RTX
// 3090") into the engine's settings and rig. Command-line flags, JSON request
// lines and the figures inside the guide's prose share its keys, so that the
// same words mean the same thing everywhere.
//
// It is pure like package sizing, of which it is the grammar. All its errors
// are one line that names the key, what was asked and a valid choice.
package request
