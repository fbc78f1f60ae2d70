package gguf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// Open reads the header of a model's file, and those of its other parts where
// it is split: any part will do, the others are looked for beside it. Errors
// name the file.
func Open(path string) (*File, error) {
	f, err := openPart(path)
	if err != nil {
		return nil, err
	}
	if count, ok := f.Int("split.count"); ok && count > 1 {
		f, err = openSplit(path, f, count)
		if err != nil {
			return nil, err
		}
	}
	f.Name = filepath.Base(path)
	return f, nil
}

// openPart reads the header of one file. Anything but a regular file is
// refused before it is opened: opening a pipe would wait for its other end.
func openPart(path string) (*File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no file %s", quotedPath(path))
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", quotedPath(path), reason(err))
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder; name the .gguf file in it", quotedPath(path))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", quotedPath(path))
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", quotedPath(path), reason(err))
	}
	defer func() { _ = r.Close() }() // nothing was written
	f, err := Read(r, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", quotedPath(filepath.Base(path)), err)
	}
	return f, nil
}

// reason is an error of the file system without the path, which the message
// has already.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// quotedPath keeps the end of a long path, where the file's name is.
func quotedPath(path string) string {
	const most = 200
	if len(path) > most {
		path = "…" + path[len(path)-most:]
	}
	return strconv.QuoteToGraphic(path)
}

// partForm is the name of a part of a split model, as llama.cpp writes and
// wants it.
const partForm = "%s-%05d-of-%05d.gguf"

// PartName is the name of a part, from 1.
func PartName(base string, no, count int) string { return fmt.Sprintf(partForm, base, no, count) }

// SplitName takes the name of a part apart: "m-00002-of-00003.gguf" is part 2
// of 3 of "m". ok is false for a whole model.
func SplitName(name string) (base string, no, count int, ok bool) {
	m := regexp.MustCompile(`^(.*)-(\d{5})-of-(\d{5})\.gguf$`).FindStringSubmatch(name)
	if m == nil {
		return "", 0, 0, false
	}
	no, _ = strconv.Atoi(m[2]) // five digits
	count, _ = strconv.Atoi(m[3])
	return m[1], no, count, no >= 1 && no <= count
}

// FirstPart is the path that a runtime wants for a model: of a split one, that
// of the first part.
func FirstPart(path string) string {
	dir, name := filepath.Split(path)
	if base, _, count, ok := SplitName(name); ok {
		return dir + fmt.Sprintf(partForm, base, 1, count)
	}
	return path
}

// openSplit reads all parts and joins them. Only the first has the keys.
func openSplit(path string, opened *File, count int64) (*File, error) {
	dir, name := filepath.Split(path)
	base, no, named, ok := SplitName(name)
	switch {
	case count > maxParts:
		return nil, fmt.Errorf("%s: split into %d files; the limit is %d", quotedPath(name), count, maxParts)
	case !ok || int64(named) != count:
		return nil, fmt.Errorf("%s is one of %d parts of a model, but its name does not say which; name the parts as "+partForm, quotedPath(name), count, "NAME", 1, count)
	}
	j := joiner{count: count}
	for i := 1; i <= named; i++ {
		part, err := opened, error(nil)
		if i != no {
			part, err = openPart(filepath.Join(dir, fmt.Sprintf(partForm, base, i, named)))
		}
		if err == nil {
			err = j.add(i, part)
		}
		if err != nil {
			return nil, fmt.Errorf("part %d of %d: %w", i, named, err)
		}
	}
	return j.join()
}

// joiner puts the parts of a split model together.
type joiner struct {
	count  int64
	whole  *File
	tables [][]Tensor
	n      int
}

func (j *joiner) add(no int, part *File) error {
	if count, ok := part.Int("split.count"); !ok || count != j.count {
		return damaged(keyName("split.count"), "the parts do not belong together")
	}
	if at, ok := part.Int("split.no"); !ok || at != int64(no-1) {
		return damaged(keyName("split.no"), "the parts' names are mixed up")
	}
	if j.n += len(part.Tensors); j.n > maxTensors {
		return beyond("", "more than %d tensors", maxTensors)
	}
	j.tables = append(j.tables, part.Tensors)
	if j.whole == nil {
		j.whole = part
		return nil
	}
	j.whole.Header += part.Header
	j.whole.Size += part.Size
	j.whole.Missing += part.Missing
	return nil
}

func (j *joiner) join() (*File, error) {
	f := j.whole
	f.Parts = int(j.count)
	f.Tensors = make([]Tensor, 0, j.n)
	for _, t := range j.tables {
		f.Tensors = append(f.Tensors, t...)
	}
	if n, ok := f.Int("split.tensors.count"); ok && n != int64(j.n) {
		return nil, damaged(keyName("split.tensors.count"), "the parts hold %d tensors of %d", j.n, n)
	}
	return f, f.index()
}

// ReadParts joins the headers of all parts of a split model, or of the one
// file of a whole one; open returns a part by its number, from 1.
func ReadParts(count int, open func(no int) (io.ReaderAt, int64, error)) (*File, error) {
	if count == 1 {
		r, size, err := open(1)
		if err != nil {
			return nil, err
		}
		return Read(r, size)
	}
	j := joiner{count: int64(count)}
	for no := 1; no <= count; no++ {
		r, size, err := open(no)
		var part *File
		if err == nil {
			part, err = Read(r, size)
		}
		if err == nil {
			err = j.add(no, part)
		}
		if err != nil {
			return nil, fmt.Errorf("part %d of %d: %w", no, count, err)
		}
	}
	return j.join()
}
