package ui

// onUnix is false: Windows sets no TERM.
const onUnix = false
