//go:build unix

package catalog

import (
	"path/filepath"
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
