package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts and the tests in a terminal start this program
// under its own name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"runlocal": main})
}

// TestCommands runs the scripts of ui/command/testdata: command lines with
// their output.
func TestCommands(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("ui", "command", "testdata"),
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(home, ".state"))
			env.Setenv("TERM", "xterm-256color")
			return os.MkdirAll(home, 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"json":     checkJSON,
			"oneline":  checkOneLine,
			"plain":    checkPlain,
			"longline": writeLongLine,
		},
	})
}

// checkJSON compares values of the last output, one JSON object a line:
//
//	json [LINE] PATH OP VALUE
//
// PATH has dots ("totals.kv_cache", "devices.0.name"); OP is =, <, >, ~
// (within a thousandth), within (two values), has (text), or absent.
func checkJSON(ts *testscript.TestScript, neg bool, args []string) {
	line := 0
	if n, err := strconv.Atoi(args[0]); err == nil {
		line, args = n, args[1:]
	}
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	if line >= len(lines) {
		ts.Fatalf("the output has %d lines", len(lines))
	}
	dec := json.NewDecoder(strings.NewReader(lines[line]))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		ts.Fatalf("line %d is not JSON: %v", line, err)
	}
	got := lookUp(v, args[0])
	if ok := holds(ts, got, args[1], args[2:]); ok == neg {
		ts.Fatalf("%s is %v; want it %s %v (negated: %v)", args[0], got, args[1], args[2:], neg)
	}
}

// lookUp follows a path with dots; nil when it leads nowhere.
func lookUp(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i, err := strconv.Atoi(key)
			switch {
			case key == "len":
				v = json.Number(strconv.Itoa(len(x)))
			case err == nil && i < len(x):
				v = x[i]
			default:
				return nil
			}
		default:
			return nil
		}
	}
	return v
}

func holds(ts *testscript.TestScript, got any, op string, want []string) bool {
	number := func(s string) float64 {
		f, err := strconv.ParseFloat(s, 64)
		ts.Check(err)
		return f
	}
	switch op {
	case "absent":
		return got == nil
	case "has":
		return strings.Contains(fmt.Sprint(got), want[0])
	case "=":
		return fmt.Sprint(got) == want[0]
	}
	x := number(fmt.Sprint(got))
	switch op {
	case "<":
		return x < number(want[0])
	case ">":
		return x > number(want[0])
	case "~":
		return x > number(want[0])*0.999 && x < number(want[0])*1.001
	case "within":
		return x >= number(want[0]) && x <= number(want[1])
	}
	ts.Fatalf("no comparison %q", op)
	return false
}

// checkOneLine asserts that the last error is one line without control
// characters.
func checkOneLine(ts *testscript.TestScript, _ bool, _ []string) {
	text := ts.ReadFile("stderr")
	if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "runlocal: ") || strings.ContainsAny(text, "\x1b\x07\x00\r") {
		ts.Fatalf("want one line on standard error, got %q", text)
	}
}

// checkPlain asserts that the last output has no escape sequences.
func checkPlain(ts *testscript.TestScript, _ bool, _ []string) {
	if bytes.ContainsRune([]byte(ts.ReadFile("stdout")), '\x1b') {
		ts.Fatalf("escape sequences in piped output")
	}
}

// writeLongLine writes a file whose second line has so many megabytes:
//
//	longline FILE MEGABYTES
func writeLongLine(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	request := `{"model":"llama-3.1-8b","gpu":"24GiB"}` + "\n"
	_, err = f.WriteString(request + `{"model":"`)
	ts.Check(err)
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range size {
		_, err = f.Write(chunk)
		ts.Check(err)
	}
	_, err = f.WriteString(`"}` + "\n" + request)
	ts.Check(err)
	ts.Check(f.Close())
}
