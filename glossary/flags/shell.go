package flags

import (
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Problem is something in a piece of shell text that does not exist.
type Problem struct {
	Line int // from 1
	Text string
}

// Shell checks the commands of a piece of POSIX shell or Bash text. Place is
// where it stands, the id of an entry: some programs share their name.
func (s *Set) Shell(text, place string) []Problem {
	file, err := syntax.NewParser().Parse(strings.NewReader(text), place)
	if err != nil {
		return []Problem{{Line: 1, Text: fmt.Sprintf("no shell text: %v", err)}}
	}
	c := checker{set: s, place: place}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.CallExpr:
			c.line = int(n.Pos().Line())
			for _, a := range n.Assigns {
				c.variable(a.Name.Value)
			}
			words := make([]string, len(n.Args))
			for i, w := range n.Args {
				words[i] = literal(w.Parts)
			}
			c.command(words)
		case *syntax.DeclClause: // export NAME=value
			c.line = int(n.Pos().Line())
			for _, a := range n.Args {
				if a.Name != nil && a.Value != nil {
					c.variable(a.Name.Value)
				}
			}
		}
		return true
	})
	return c.problems
}

// literal is a word as the program gets it. What the shell fills in stays as a
// mark that is no switch.
func literal(parts []syntax.WordPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(p.Value))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			b.WriteString(literal(p.Parts))
		default:
			b.WriteString("$")
		}
	}
	return b.String()
}

// unescape takes the backslashes of an unquoted word away, and with them the
// breaks of continued lines.
func unescape(s string) string {
	s = strings.ReplaceAll(s, "\\\n", "")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// PowerShell checks the programs that a piece of PowerShell text calls;
// cmdlets (Verb-Noun) are left alone.
func (s *Set) PowerShell(text, place string) []Problem {
	c := checker{set: s, place: place}
	cmdlet := regexp.MustCompile(`^[A-Z][a-z]+-[A-Z]\w+$`)
	variable := regexp.MustCompile(`\$env:(\w+)\s*=`)
	for i, line := range strings.Split(text, "\n") {
		c.line = i + 1
		for _, m := range variable.FindAllStringSubmatch(line, -1) {
			c.variable(m[1])
		}
		line, _, _ = strings.Cut(line, "#")
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == '|' || r == ';' }) {
			words := strings.Fields(variable.ReplaceAllString(part, " = "))
			if len(words) == 0 || words[0] == "=" || cmdlet.MatchString(words[0]) {
				continue
			}
			words[0] = strings.TrimSuffix(strings.ReplaceAll(words[0], `\`, "/"), ".exe")
			c.command(words)
		}
	}
	return c.problems
}
