//go:build !race

package ui_test

// slack widens the limits on time.
const slack = 1
