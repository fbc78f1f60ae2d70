//go:build unix

package catalog

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe in the folder must not hold the program up.
func TestPipesAreNotRead(t *testing.T) {
	dir := userDir(t, map[string]string{"models/good.json": goodModel})
	if err := syscall.Mkfifo(filepath.Join(dir, "models", "pipe.json"), 0o644); err != nil {
		t.Skip(err)
	}
	c := mustLoadUser(t, dir)
	if len(c.Warnings) != 1 || c.Warnings[0].Reason != "not a regular file" {
		t.Errorf("warnings: %v", c.Warnings)
	}
}

// The name of a file is text from outside too.
func TestFileNamesAreCleaned(t *testing.T) {
	c := mustLoadUser(t, userDir(t, map[string]string{"models/a\x1b[31m\n.json": "{"}))
	if len(c.Warnings) != 1 || strings.ContainsAny(c.Warnings[0].String(), "\x1b\n") {
		t.Errorf("warnings: %q", c.Warnings)
	}
}
