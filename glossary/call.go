package glossary

import (
	"errors"
	"fmt"
	"strings"
)

// call is a figure as written: {{ name "subject" key=value … }}.
type call struct {
	name    string
	subject string // a model's id or a device's name
	options []option
	line    int // of the file
}

type option struct{ key, value string }

// option returns the value of a key, "" when it is not given.
func (c *call) option(key string) string {
	for _, o := range c.options {
		if o.key == key {
			return o.value
		}
	}
	return ""
}

// parseCall reads what stands between the braces.
func parseCall(text string, line int) (*call, error) {
	words, err := splitWords(text)
	if err != nil {
		return nil, fmt.Errorf("figure {{%s}}: %w", text, err)
	}
	if len(words) < 2 || words[0].quoted || words[1].key != "" || !words[1].quoted && !strings.HasPrefix(words[1].text, "$") {
		return nil, fmt.Errorf("figure {{%s}}: want a name and a subject in quotes, or $model, first", text)
	}
	c := &call{name: words[0].text, subject: words[1].text, line: line}
	for _, w := range words[2:] {
		if w.key == "" || w.text == "" {
			return nil, fmt.Errorf("figure {{%s}}: want key=value after the subject", text)
		}
		if c.option(w.key) != "" {
			return nil, fmt.Errorf("figure {{%s}}: %s is given twice", text, w.key)
		}
		c.options = append(c.options, option{w.key, w.text})
	}
	return c, nil
}

// word is one word of a call: text, "text", key=text or key="text".
type word struct {
	key, text string
	quoted    bool
}

func splitWords(s string) ([]word, error) {
	var words []word
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, " ") {
		var w word
		if i := strings.IndexAny(s, `= "`); i > 0 && s[i] == '=' {
			w.key, s = s[:i], s[i+1:]
		}
		if rest, ok := strings.CutPrefix(s, `"`); ok {
			w.quoted = true
			if w.text, s, ok = strings.Cut(rest, `"`); !ok {
				return nil, errors.New("a quote does not end")
			}
			if s != "" && s[0] != ' ' {
				return nil, errors.New("want a space after a quote")
			}
		} else {
			w.text, s, _ = strings.Cut(s, " ")
		}
		if strings.ContainsAny(w.key+w.text, "{}\"") {
			return nil, errors.New("a brace or quote inside a word")
		}
		words = append(words, w)
	}
	return words, nil
}
