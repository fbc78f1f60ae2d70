// Command runlocal is a field guide and a measuring instrument for running AI
// models on one's own hardware.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"runlocal/ui"
	"runlocal/ui/command"
)

func main() {
	app := command.App{Version: version(), Show: show}
	os.Exit(command.Run(context.Background(), app, os.Args[1:]))
}

// show draws the screen.
func show(ctx context.Context, s command.Screen) error {
	return ui.Run(ctx, ui.Options{Version: s.Version, Fresh: s.Fresh, NoMouse: s.NoMouse})
}

// version is what the build knows of itself: the module's version, or the
// commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "development build"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "development build"
}
