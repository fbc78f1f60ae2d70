// Package flags knows which switches programs of the field really have, and
// finds in a piece of shell text those that do not exist. Its lists are the
// files of assets/flags, each read in the program's own source or manual;
// nothing of them goes into the program: they are what the guide's commands
// and the commands that runlocal writes are tested against.
package flags
