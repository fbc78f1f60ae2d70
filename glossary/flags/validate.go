package flags

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What the words behind a level's switches can be.
const (
	wrapsCommand   = "command"   // another command: sudo, env, numactl
	wrapsPython    = "python"    // a script and its arguments, or -m and a module
	wrapsScript    = "script"    // shell text behind -c
	wrapsImage     = "image"     // a container image and the arguments of its program
	wrapsContainer = "container" // the name of a container and a command
)

// check finds what is wrong with a list.
func (l *List) check(file string) error {
	odd := regexp.MustCompile(`[^a-z0-9]+`)
	if short, full := odd.ReplaceAllString(file, "-"), odd.ReplaceAllString(strings.ToLower(l.Program), "-"); full == "" || !strings.HasSuffix(short, full) {
		return fmt.Errorf("the program %q has the file %s.json", l.Program, file)
	}
	if len(strings.TrimSpace(l.Source)) < 5 {
		return fmt.Errorf("no source: %q", l.Source)
	}
	if _, err := time.Parse(time.DateOnly, l.Read); err != nil {
		return fmt.Errorf("read on %q, want year-month-day", l.Read)
	}
	return l.Level.check(l.Program)
}

func (v *Level) check(where string) error {
	wrong := []error{unique(where+": flags", v.Flags), unique(where+": values", v.Values), unique(where+": prefixes", v.Prefixes)}
	wrong = append(wrong, v.checkFlags(where), v.checkWrapped(where))
	for name, sub := range v.Subcommands {
		if sub == nil || name == "" || strings.HasPrefix(name, "-") {
			wrong = append(wrong, fmt.Errorf("%s: %q is no subcommand", where, name))
			continue
		}
		wrong = append(wrong, sub.check(where+" "+name))
	}
	return errors.Join(wrong...)
}

func (v *Level) checkFlags(where string) error {
	for _, f := range slices.Concat(v.Flags, v.Prefixes) {
		if len(f) < 2 || f[0] != '-' && f[0] != '+' || strings.ContainsAny(f, " =,") {
			return fmt.Errorf("%s: %q is no flag", where, f)
		}
	}
	for _, f := range v.Values {
		if !slices.Contains(v.Flags, f) {
			return fmt.Errorf("%s: %q takes a value and is no flag", where, f)
		}
	}
	for old, now := range v.Removed {
		if slices.Contains(v.Flags, old) || old == "" || old[0] != '-' {
			return fmt.Errorf("%s: %q is removed and a flag, or no flag at all", where, old)
		}
		if strings.HasPrefix(now, "-") && !slices.Contains(v.Flags, now) {
			return fmt.Errorf("%s: %q stands for %q and is no flag", where, now, old)
		}
	}
	return nil
}

func (v *Level) checkWrapped(where string) error {
	if !slices.Contains([]string{"", wrapsCommand, wrapsPython, wrapsScript, wrapsImage, wrapsContainer}, v.Wraps) {
		return fmt.Errorf("%s: it wraps %q, which is nothing", where, v.Wraps)
	}
	if (v.Wraps == wrapsImage) != (len(v.Images) > 0) {
		return fmt.Errorf("%s: images belong to what wraps an image", where)
	}
	return nil
}

func (e *Environment) check() error {
	var wrong []error
	for _, g := range e.Groups {
		wrong = append(wrong, unique(g.Prefix, g.Names))
		if _, err := time.Parse(time.DateOnly, g.Read); err != nil || g.Prefix == "" || len(g.Source) < 5 {
			wrong = append(wrong, fmt.Errorf("group %q: prefix, source or date is missing", g.Prefix))
		}
		for _, n := range g.Names {
			if !strings.HasPrefix(n, g.Prefix) {
				wrong = append(wrong, fmt.Errorf("%s does not begin with %s", n, g.Prefix))
			}
		}
		for n := range e.Others {
			if strings.HasPrefix(n, g.Prefix) {
				wrong = append(wrong, fmt.Errorf("%s belongs to the group %s", n, g.Prefix))
			}
		}
	}
	return errors.Join(wrong...)
}

func unique(what string, list []string) error {
	seen := map[string]bool{}
	for _, s := range list {
		if seen[s] {
			return fmt.Errorf("%s: %q is given twice", what, s)
		}
		seen[s] = true
	}
	return nil
}
