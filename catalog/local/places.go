package local

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// place is a folder in which a program keeps models.
type place struct {
	source string
	dir    string
	names  func(rel string) string // what the program calls the file at a path below dir
	ollama bool                    // manifests and blobs, not files by name
}

// places lists where models may be, most telling names first: a file that two
// programs share is listed once.
func (o Options) places() []place {
	var list []place
	add := func(p place, dirs ...string) {
		for _, dir := range dirs {
			if dir != "" {
				p.dir = dir
				list = append(list, p)
			}
		}
	}
	add(place{source: "Ollama", ollama: true}, o.ollamaDirs()...)
	add(place{source: "LM Studio", names: ownerAndRepo}, o.lmStudioDirs()...)
	add(place{source: "Hugging Face cache", names: hubName}, firstOf(
		o.from("HF_HUB_CACHE"), o.from("HF_HOME", "hub"), o.from("XDG_CACHE_HOME", "huggingface", "hub"), o.home(".cache", "huggingface", "hub")))
	add(place{source: "llama.cpp cache", names: filepath.Base}, firstOf(o.from("LLAMA_CACHE"), o.cacheDir("llama.cpp")))
	add(place{source: "GPT4All", names: filepath.Base}, o.dataDir("nomic.ai", "GPT4All"))
	add(place{source: "models folder", names: filepath.Base}, o.home("models"))
	return list
}

// firstOf is the first path that is set: what a variable says goes before the
// usual place.
func firstOf(paths ...string) string {
	for _, p := range paths {
		if p != "" {
			return p
		}
	}
	return ""
}

func (o Options) cacheDir(name string) string {
	switch o.GOOS {
	case "darwin":
		return o.home("Library", "Caches", name)
	case "windows":
		return o.from("LOCALAPPDATA", name)
	}
	return firstOf(o.from("XDG_CACHE_HOME", name), o.home(".cache", name))
}

func (o Options) dataDir(parts ...string) string {
	switch o.GOOS {
	case "darwin":
		return o.home(append([]string{"Library", "Application Support"}, parts...)...)
	case "windows":
		return o.from("LOCALAPPDATA", parts...)
	}
	return firstOf(o.from("XDG_DATA_HOME", parts...), o.home(append([]string{".local", "share"}, parts...)...))
}

func (o Options) ollamaDirs() []string {
	dirs := []string{firstOf(o.from("OLLAMA_MODELS"), o.home(".ollama", "models"))}
	if o.System && o.GOOS == "linux" {
		dirs = append(dirs, "/usr/share/ollama/.ollama/models", "/var/lib/ollama/models") // the service's own user
	}
	return dirs
}

// lmStudioDirs are its two usual folders, and the one that it was moved to.
func (o Options) lmStudioDirs() []string {
	dirs := []string{o.home(".lmstudio", "models"), o.home(".cache", "lm-studio", "models")}
	if moved := o.lmStudioHome(); moved != "" && !slices.Contains(dirs, moved) {
		dirs = append(dirs, moved)
	}
	return dirs
}

func (o Options) lmStudioHome() string {
	const longest = 4 << 10 // bytes of a path
	pointer := o.home(".lmstudio-home-pointer")
	if info, err := os.Stat(pointer); pointer == "" || err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(pointer)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // nothing was written
	b, err := io.ReadAll(io.LimitReader(f, longest))
	if dir := strings.TrimSpace(string(b)); err == nil && filepath.IsAbs(dir) {
		return filepath.Join(dir, "models")
	}
	return ""
}

// ownerAndRepo names "owner/repo/file.gguf" by owner and repository.
func ownerAndRepo(rel string) string {
	parts := strings.Split(filepath.ToSlash(rel), "/")
	if len(parts) < 3 {
		return filepath.Base(rel)
	}
	return parts[0] + "/" + parts[1]
}

// hubName names "models--owner--repo/snapshots/commit/file.gguf" by owner and
// repository.
func hubName(rel string) string {
	first, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
	name, ok := strings.CutPrefix(first, "models--")
	if !ok {
		return filepath.Base(rel)
	}
	return strings.Replace(name, "--", "/", 1)
}
