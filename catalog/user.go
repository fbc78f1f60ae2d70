package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/adrg/xdg"
)

// Limits on what a user's folder may hold; beyond them files are left out
// with a warning.
const (
	maxUserFiles       = 1000
	maxUserFileBytes   = 4 << 20
	maxUserTotalBytes  = 64 << 20
	maxUserRecordBytes = 256 << 10
)

// Warning says which user record was left out, and why.
type Warning struct {
	File   string // path on disk
	Record string // id, "record 3", or empty where the whole file is meant
	Reason string
}

func (w Warning) String() string {
	if w.Record == "" {
		return w.File + ": " + w.Reason
	}
	return w.File + ": " + w.Record + ": " + w.Reason
}

// UserDir is the folder of the user's own records: runlocal in the XDG config
// directory. On macOS, whose own convention differs, ~/.config/runlocal is
// taken where it exists.
func UserDir() string {
	if runtime.GOOS == "darwin" && os.Getenv("XDG_CONFIG_HOME") == "" {
		dir := filepath.Join(xdg.Home, ".config", "runlocal")
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return filepath.Join(xdg.ConfigHome, "runlocal")
}

// LoadWithUser reads the embedded catalog and then dir/models/*.json and
// dir/devices/*.json. A file holds one record or an array of them; a record
// with a known id replaces it, any other is added. A record that cannot be
// used is left out and ends in Warnings; a missing folder is no error.
func LoadWithUser(dir string) (*Catalog, error) {
	c, err := Load()
	if err != nil {
		return nil, err
	}
	budget := int64(maxUserTotalBytes)
	c.Models = addUser[Model](c, c.Models, filepath.Join(dir, "models"), &budget)
	c.Devices = addUser[Device](c, c.Devices, filepath.Join(dir, "devices"), &budget)
	return c, nil
}

// addUser merges the records of a folder into all and notes what it left out.
func addUser[T any, P record[T]](c *Catalog, all []P, dir string, budget *int64) []P {
	warn := func(file, record string, err error) {
		c.Warnings = append(c.Warnings, Warning{File: cleanString(file), Record: record, Reason: cleanString(err.Error())})
	}
	files, err := userFiles(dir)
	if err != nil {
		warn(dir, "", err)
	}
	at := make(map[string]int, len(all))
	for i, r := range all {
		at[r.recordID()] = i
	}
	from := map[string]string{}
	for _, file := range files {
		data, err := readUserFile(file, budget)
		if err != nil {
			warn(file, "", err)
			continue
		}
		raw, err := splitRecords(data)
		if err != nil {
			warn(file, "", err)
			continue
		}
		for i, r := range raw {
			p, err := decodeUser[T, P](r)
			if err == nil && from[p.recordID()] != "" {
				err = fmt.Errorf("the same id as in %s", from[p.recordID()])
			}
			if err != nil {
				warn(file, cleanString(recordName(r, i)), err)
				continue
			}
			from[p.recordID()] = file
			all = merge(all, at, p)
		}
	}
	return all
}

func merge[P identified](all []P, at map[string]int, p P) []P {
	if i, known := at[p.recordID()]; known {
		all[i] = p
		return all
	}
	at[p.recordID()] = len(all)
	return append(all, p)
}

// decodeUser reads one record that may hold anything.
func decodeUser[T any, P record[T]](raw []byte) (P, error) {
	if len(raw) > maxUserRecordBytes {
		return nil, fmt.Errorf("the record has %d bytes, more than %d", len(raw), maxUserRecordBytes)
	}
	p := P(new(T))
	if err := decodeStrict(raw, p); err != nil {
		return nil, err
	}
	cleanStrings(p)
	if err := p.bounded(); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

func userFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the user's records: %w", err)
	}
	var files []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		if len(files) == maxUserFiles {
			return files, fmt.Errorf("more than %d files; the rest is left out", maxUserFiles)
		}
		files = append(files, filepath.Join(dir, e.Name()))
	}
	return files, nil
}

// readUserFile reads a regular file within the limits: never a pipe, which
// could block for ever.
func readUserFile(file string, budget *int64) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > maxUserFileBytes:
		return nil, fmt.Errorf("the file has %d bytes, more than %d", info.Size(), maxUserFileBytes)
	case info.Size() > *budget:
		return nil, fmt.Errorf("the user's files have more than %d bytes together", maxUserTotalBytes)
	}
	*budget -= info.Size()
	return os.ReadFile(file)
}
