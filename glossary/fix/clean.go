package fix

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// plain takes out of a line what is not text: escape sequences, control
// characters, what turns the direction of writing, and the frames that
// consoles draw around tracebacks. Blanks of all kinds become one kind.
func plain(line string) string {
	if strings.IndexByte(line, '\x1b') >= 0 {
		line = ansi.Strip(line)
	}
	if !ordinary(line) {
		line = onlyText(line)
	}
	return strings.Trim(line, " │┃|╭╮╰╯─━")
}

// ordinary tells that a line is printable ASCII, as nearly all are.
func ordinary(line string) bool {
	for i := range len(line) {
		if line[i] < ' ' || line[i] >= 0x7f {
			return false
		}
	}
	return true
}

func onlyText(line string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u00a0':
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, line)
}

// cleaner takes off what stands before the words that matter, and folders.
type cleaner struct{ prefix, folders *regexp.Regexp }

func newCleaner() cleaner {
	return cleaner{
		prefix: regexp.MustCompile(`^(?:` + strings.Join([]string{
			`\[?\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?\]?:?`, // 2026-11-24T06:00:00.123Z
			`\[?\d{2}[-/]\d{2} \d{2}:\d{2}:\d{2}(?:[.,]\d+)?\]?`,                                      // 11-24 06:00:00
			`[A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}(?: [\w.-]+ [\w./-]+(?:\[\d+\])?:)?`,             // Nov 24 06:00:00 host ollama[12]:
			`\[?\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\]?`,
			`\d+\.\d{2}\.\d{3}\.\d{3} [DIWE]\b`, // 0.00.123.456 E
			`\[ *\d+\.\d{6}\]`,                  // [   12.345678], the kernel's
			`\[?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\]?(?::|\s|$)`,
			`time=\S+ level=\S+ source=\S+(?: msg=)?`,
			`\((?:EngineCore|Worker|APIServer|VllmWorker|RayWorker)[^)]{0,80}\)`,
			`\[[\w.-]+:\d+\]|\[pid \d+\]|\[rank\d+\]:?`,
			`[\w.-]{1,60}-\d+ +\|`, // a container's name
			`(?:> ?)+`,             // quoted
		}, `|`) + `)\s*`),
		folders: regexp.MustCompile(`(?:[A-Za-z]:\\{1,2}(?:[^\\:*?"<>|]{1,80}\\{1,2})+|~?/(?:home|root|Users|usr|opt|mnt|data|var|tmp|workspace|models|app)/(?:[^/\s:'"]+/)*)([^\\/\s:'",)]+)`),
	}
}

// mostPrefixes is how many prefixes a line may have: a container's before a
// service's before a program's before a logger's.
const mostPrefixes = 6

// bare takes off a plain line what loggers put before their words: time
// stamps, levels, processes.
func (c *cleaner) bare(line string) string {
	for range mostPrefixes {
		at := c.prefix.FindStringIndex(line)
		if at == nil || at[1] == 0 {
			break
		}
		line = line[at[1]:]
	}
	return line
}

// withoutFolders shortens paths to the names of their files, for showing a
// line: folders are nobody's business and hide what matters.
func (c *cleaner) withoutFolders(line string) string {
	return c.folders.ReplaceAllString(line, "$1")
}

// Bounds of a line that is shown, bytes.
const (
	mostShown = 400
	lead      = 120 // of what stands before the match in a longer line
)

// shown is a plain line as a reader gets it: without prefixes and folders, and
// of a long one what is around the match.
func (c *cleaner) shown(line string, match int) string {
	short := c.bare(line)
	match = max(0, match-(len(line)-len(short)))
	if len(short) > mostShown && match > lead {
		short = "…" + strings.ToValidUTF8(short[match-lead:], "")
	}
	return c.withoutFolders(cut(short, mostShown))
}

// cut shortens a text to some bytes, and says so.
func cut(s string, most int) string {
	if len(s) <= most {
		return strings.Clone(s)
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
