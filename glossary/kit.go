package glossary

import (
	"fmt"
	"regexp"
	"strings"
)

// Filled is a kit's prompt with its slots filled in.
type Filled struct {
	System string   `json:"system,omitempty"`
	Prompt string   `json:"prompt"`
	Open   []string `json:"open"`   // slots without a text, left as they stand
	Tokens int      `json:"tokens"` // about, by charactersPerToken
}

// charactersPerToken is the usual length of a token of English text or code;
// what a model's own tokenizer makes of it differs.
const charactersPerToken = 4

// Fill puts texts in the places of a kit's prompts. A text for a slot that the
// kit does not have is an error that names those it has.
func (e *Entry) Fill(texts map[string]string) (Filled, error) {
	names := make([]string, len(e.Kit.Slots))
	for i, s := range e.Kit.Slots {
		names[i] = s.Name
	}
	for name := range texts {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") || name == "" {
			return Filled{}, fmt.Errorf("%s has no slot %q; it has %s", e.ID, clip(name), strings.Join(names, ", "))
		}
	}
	out := Filled{Open: []string{}}
	for _, name := range names {
		if texts[name] == "" {
			out.Open = append(out.Open, name)
		}
	}
	slot := regexp.MustCompile(`<<[a-z_]+>>`)
	put := func(s string) string {
		return slot.ReplaceAllStringFunc(s, func(mark string) string {
			if t := texts[strings.Trim(mark, "<>")]; t != "" {
				return t
			}
			return mark
		})
	}
	out.System, out.Prompt = put(e.body.fence("system")), put(e.body.fence("prompt"))
	out.Tokens = (len([]rune(out.System+out.Prompt)) + charactersPerToken - 1) / charactersPerToken
	return out, nil
}

// fence is the text of the first code block of a language, "" if there is
// none. Prompts have no figures in them.
func (b *body) fence(language string) string {
	var text strings.Builder
	for _, p := range b.pieces {
		text.WriteString(p.text)
	}
	_, rest, ok := strings.Cut("\n"+text.String(), "\n```"+language+"\n")
	if !ok {
		return ""
	}
	inside, _, _ := strings.Cut(rest, "\n```")
	return inside
}
