package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	manifestBytes = 1 << 20 // of a manifest; real ones have about a thousand
	modelLayer    = "application/vnd.ollama.image.model"
)

// ollama finds models by their manifests, one for a tag; the files themselves
// are named by their digest.
func (s *search) ollama(p place) error {
	manifests := filepath.Join(p.dir, "manifests")
	return filepath.WalkDir(manifests, func(path string, d fs.DirEntry, err error) error {
		if stopped := s.count(path); stopped != nil {
			return stopped
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return s.tell(path, reason(err))
		}
		rel, err := filepath.Rel(manifests, path)
		parts := strings.Split(filepath.ToSlash(rel), "/")
		switch {
		case err != nil || d.IsDir() && len(parts) >= maxDepth:
			return filepath.SkipDir
		case !d.Type().IsRegular() || len(parts) < 3:
			return nil
		}
		blob, err := modelBlob(path)
		if err != nil {
			return s.tell(path, err)
		}
		if blob == "" {
			return nil // a model in another form than GGUF
		}
		return s.file(p, filepath.Join(p.dir, "blobs", blob), tagOf(parts))
	})
}

// tagOf names a manifest's path, host/namespace/model/tag, as one types it.
func tagOf(parts []string) string {
	n := len(parts)
	tag := parts[n-2] + ":" + parts[n-1]
	if owner := parts[1 : n-2]; len(owner) > 0 && owner[0] != "library" {
		tag = strings.Join(owner, "/") + "/" + tag
	}
	return tag
}

// modelBlob reads which blob a manifest's model is in.
func modelBlob(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", reason(err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	b, err := io.ReadAll(io.LimitReader(f, manifestBytes+1))
	if err != nil {
		return "", reason(err)
	}
	if len(b) > manifestBytes {
		return "", fmt.Errorf("a manifest of more than %d bytes", manifestBytes)
	}
	var m struct {
		Layers []struct {
			MediaType string `json:"mediaType"`
			Digest    string `json:"digest"`
		} `json:"layers"`
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return "", errors.New("no manifest: it is not JSON of the form that Ollama writes")
	}
	for _, l := range m.Layers {
		if l.MediaType != modelLayer {
			continue
		}
		hex, ok := strings.CutPrefix(l.Digest, "sha256:")
		if !ok || len(hex) != 64 || strings.Trim(hex, "0123456789abcdef") != "" {
			return "", errors.New("the manifest's digest is none")
		}
		return "sha256-" + hex, nil
	}
	return "", nil
}
