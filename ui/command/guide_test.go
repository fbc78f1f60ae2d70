package command

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"

	"runlocal/assets"
)

// silent is an app that writes nowhere.
func silent(t *testing.T) *App {
	t.Helper()
	a := &App{Version: "test", In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Environ: []string{}}
	a.fill()
	return a
}

// Every command of ours that the guide shows exists, with its flags and
// within its number of words.
func TestCommandsOfTheGuide(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through everything")
	}
	found := 0
	err := fs.WalkDir(assets.FS, "guide", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".md" {
			return err
		}
		data, err := fs.ReadFile(assets.FS, file)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(data)) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " | ")
			if rest, ok := strings.CutPrefix(line, "runlocal "); ok && !strings.HasPrefix(rest, "is ") {
				found++
				checkCommandLine(t, file, rest)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 20 {
		t.Errorf("only %d commands found in the guide", found)
	}
}

func checkCommandLine(t *testing.T, file, line string) {
	t.Helper()
	a := silent(t)
	words, err := shellWords(line)
	if err != nil {
		t.Errorf("%s: %q: %v", file, line, err)
		return
	}
	cmd, rest, err := a.root().Find(words)
	if err != nil || cmd.Name() == "runlocal" {
		t.Errorf("%s: %q: no such command: %v", file, line, err)
		return
	}
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%s: %q: %v", file, line, err)
		return
	}
	if cmd.Args != nil {
		if err := cmd.Args(cmd, cmd.Flags().Args()); err != nil {
			t.Errorf("%s: %q: %v", file, line, err)
		}
	}
	r, err := readRequest(cmd)
	if err != nil {
		t.Errorf("%s: %q: %v", file, line, err)
		return
	}
	if cmd.Name() != "size" || batchFile(r) != "" || cmd.Flags().Changed("gguf") { // a file of the reader's
		return
	}
	name := cmd.Flags().Arg(0)
	if r.Has("gguf") { // the reader's own file, or one to fetch
		r.Clear("gguf")
		name = "llama-3.1-8b"
	}
	if err := r.Set("model", name); err != nil {
		t.Fatal(err)
	}
	w, err := a.load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.answer(r); err != nil {
		t.Errorf("%s: %q: %v", file, line, err)
	}
}

// shellWords splits a line at blanks outside quotes; # begins a comment.
func shellWords(line string) ([]string, error) {
	var words []string
	for line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '>'; line = strings.TrimSpace(line) {
		var word strings.Builder
		for line != "" && line[0] != ' ' {
			if q := line[0]; q == '"' || q == '\'' {
				inside, rest, ok := strings.Cut(line[1:], string(q))
				if !ok {
					return nil, io.ErrUnexpectedEOF
				}
				word.WriteString(inside)
				line = rest
				continue
			}
			word.WriteByte(line[0])
			line = line[1:]
		}
		words = append(words, word.String())
	}
	return words, nil
}

// The examples of the help work as they stand.
func TestExamplesOfTheHelp(t *testing.T) {
	a := silent(t)
	found := 0
	for _, c := range append(a.root().Commands(), a.root()) {
		for line := range strings.Lines(c.Example) {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "runlocal "); ok {
				found++
				checkCommandLine(t, "help of "+c.Name(), rest)
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d examples", found)
	}
}

// Whatever the words hold, an error is one line that can't move the cursor.
func TestErrorsAreOneLine(t *testing.T) {
	for _, args := range [][]string{
		{"size", "a\nb"}, {"size", "llama-3.1-8b", "--gpu", "\x1b[2J"}, {"models", "\x07\x07"}, {"no\x1b[31m"}, {"glossary", "\u202eqxzjvwq"},
		{"size", "llama-3.1-8b", "--ctx"}, {"size", "--json=maybe", "x"}, {"models", "--limit", "many"}, {"size", "-x"},
	} {
		var errs bytes.Buffer
		a := App{In: strings.NewReader(""), Out: io.Discard, Err: &errs, Environ: []string{}}
		status := Run(context.Background(), a, args)
		text := errs.String()
		if status != 2 || strings.Count(text, "\n") != 1 || strings.ContainsAny(text, "\x1b\x07\u202e") {
			t.Errorf("%q: status %d, %q; want 2 and one clean line", args, status, text)
		}
	}
}
