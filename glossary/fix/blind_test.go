package fix

import (
	"os"
	"testing"
)

// TestBlind scores a folder of cases that is not in the repository.
func TestBlind(t *testing.T) {
	dir := os.Getenv("BLIND")
	if dir == "" {
		t.Skip()
	}
	t.Log(score(t, logCases(t, dir+"/*.txt")))
}
