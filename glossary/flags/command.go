package flags

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// checker collects what is wrong with the commands of one piece of text.
type checker struct {
	set      *Set
	place    string
	line     int
	problems []Problem
}

func (c *checker) say(format string, args ...any) {
	c.problems = append(c.problems, Problem{Line: c.line, Text: fmt.Sprintf(format, args...)})
}

var (
	assignment = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)=`)
	number     = regexp.MustCompile(`^-\.?[0-9]`)
)

// variable checks the name of a variable that a command sets. Small letters
// are the script's own.
func (c *checker) variable(name string) {
	if name != strings.ToUpper(name) {
		return
	}
	for _, g := range c.set.env.Groups {
		if strings.HasPrefix(name, g.Prefix) {
			if !slices.Contains(g.Names, name) {
				c.say("no variable %s: %s", name, g.Source)
			}
			return
		}
	}
	if _, ok := c.set.env.Others[name]; !ok {
		c.say("the variable %s is not known: add it to flags/%s", name, environmentFile)
	}
}

// command checks one command: its variables, its program, its switches.
func (c *checker) command(words []string) {
	for len(words) > 0 {
		m := assignment.FindStringSubmatch(words[0])
		if m == nil {
			break
		}
		c.variable(m[1])
		words = words[1:]
	}
	if len(words) == 0 || strings.HasPrefix(words[0], "$") {
		return
	}
	name := path.Base(words[0])
	l := c.set.find(name, c.place)
	if l == nil {
		c.without(name)
		return
	}
	w := walk{checker: c, list: l, name: name, levels: []*Level{&l.Level}}
	w.words(words[1:])
}

// without notes a program that nobody has written a list for.
func (c *checker) without(name string) {
	if _, known := c.set.unchecked[name]; !known {
		c.say("no list of flags for %q: add flags/%s.json, or the reason to flags/%s", name, name, uncheckedFile)
	}
}

// find is the list of a program in a place, nil where there is none.
func (s *Set) find(name, place string) *List {
	if l := s.only[place][name]; l != nil {
		return l
	}
	return s.lists[name]
}

// walk goes through the words behind a program's name.
type walk struct {
	*checker
	list   *List
	name   string
	levels []*Level // the program and the subcommands so far
}

func (w *walk) level() *Level { return w.levels[len(w.levels)-1] }

func (w *walk) words(words []string) {
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case word == "--":
			i++
			if i < len(words) && w.level().Wraps != "" {
				w.behind(words[i:])
			}
			return
		case len(word) > 1 && (word[0] == '-' || word[0] == '+' && w.has(word)) && !number.MatchString(word):
			rest := words[i+1:]
			if w.ends(word, rest) {
				return
			}
			if w.flag(word) {
				i++
			}
		case w.level().Wraps != "":
			w.behind(words[i:])
			return
		case len(w.level().Subcommands) > 0:
			if !w.enter(word) {
				return
			}
		}
	}
}

// enter goes down to a subcommand; false: there is none of this name.
func (w *walk) enter(word string) bool {
	sub := w.level().Subcommands[word]
	if sub == nil {
		if !w.list.Style.Operands || len(w.levels) > 1 {
			w.say("%s has no subcommand %q; it has %s", w.name, word, strings.Join(slices.Sorted(maps.Keys(w.level().Subcommands)), ", "))
		}
		return w.list.Style.Operands
	}
	w.name += " " + word
	w.levels = append(w.levels, sub)
	return true
}

// has tells whether a switch is known as it is written.
func (w *walk) has(flag string) bool {
	return slices.ContainsFunc(w.levels, func(v *Level) bool { return slices.Contains(v.Flags, flag) })
}

// takes tells whether a switch takes the next word.
func (w *walk) takes(flag string) bool {
	return slices.ContainsFunc(w.levels, func(v *Level) bool { return slices.Contains(v.Values, flag) })
}

// flag checks a switch and tells whether the next word belongs to it.
func (w *walk) flag(word string) (takesNext bool) {
	if w.has(word) {
		return w.takes(word)
	}
	name, _, equals := strings.Cut(word, "=")
	if equals && w.list.Style.NoEquals && w.has(name) {
		w.say("%s takes %s and its value as two words", w.name, name)
		return false
	}
	if equals && w.has(name) || w.attached(word) {
		return false
	}
	if w.list.Style.Bundles && !strings.HasPrefix(word, "--") {
		return w.bundle(word)
	}
	for _, v := range w.levels {
		if now, old := v.Removed[name]; old {
			w.say("%s no longer has %s: %s", w.name, name, now)
			return false
		}
	}
	w.say("%s has no %s (%s)", w.name, name, w.list.Source)
	return false
}

// attached tells whether a word is a switch with its value behind it.
func (w *walk) attached(word string) bool {
	return slices.ContainsFunc(w.levels, func(v *Level) bool {
		return slices.ContainsFunc(v.Prefixes, func(p string) bool { return strings.HasPrefix(word, p) && len(word) > len(p) })
	})
}

// bundle checks "-abc": each letter a switch, up to one that takes a value.
func (w *walk) bundle(word string) (takesNext bool) {
	for i, letter := range word[1:] {
		short := "-" + string(letter)
		if !w.has(short) {
			w.say("%s has no %s in %s (%s)", w.name, short, word, w.list.Source)
			return false
		}
		if w.takes(short) {
			return i+len(short) == len(word) // else the rest is the value
		}
	}
	return false
}
