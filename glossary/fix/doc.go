// Package fix reads a log and finds what it complains of among the errors and
// symptoms of the guide. It weighs the patterns that match, says how sure that
// makes it, picks the numbers out of the lines, and asks the engine what would
// fit instead. What it does not know it says so.
//
// A log is read once, as a stream, in bounded memory. An automaton looks for
// the texts that the patterns need; only where all of a pattern's texts stand
// is the expression itself tried, and within a budget, so that a log that is
// made to hurt costs no more than another.
//
// The package may import glossary and what is below it.
package fix
