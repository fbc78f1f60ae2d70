package gguf_test

import (
	"encoding/json"
	"os"
	"testing"
)

// readNames maps the display names of the table to catalog ids.
func readNames(t testing.TB) map[string]string {
	t.Helper()
	b, err := os.ReadFile("../testdata/truth_names.json")
	if err != nil {
		t.Fatal(err)
	}
	var names map[string]string
	if err := json.Unmarshal(b, &names); err != nil {
		t.Fatal(err)
	}
	return names
}
