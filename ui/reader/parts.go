package reader

import (
	"strconv"
	"strings"

	xansi "github.com/charmbracelet/x/ansi"

	"runlocal/ui/theme"
	"runlocal/ui/widget"
)

// head is what stands over the text: the title, the category, other names.
func (m *maker) head() []string {
	e, t := m.key.entry, &m.theme
	out := []string{widget.Spread(t.Active.Render(widget.Clean(e.Title)), t.Dim.Render(widget.Clean(e.Category)), m.key.width)}
	if len(e.Aliases) > 0 {
		also := "also: " + widget.Clean(strings.Join(e.Aliases, ", "))
		out = append(out, t.Dim.Render(xansi.Truncate(also, m.key.width, "…")))
	}
	return append(out, "")
}

// foot is what stands under the text: related entries, the calculator, the
// entries that lead here, sources.
func (m *maker) foot(links []link) []string {
	e := m.key.entry
	byID := map[string]link{}
	var models, back []string
	for _, l := range links {
		if l.model != nil {
			models = append(models, m.marked(widget.Clean(l.model.label()), l.hint))
		} else {
			byID[l.entry.ID] = l
		}
	}
	var related []string
	for _, id := range append(append([]string(nil), e.Related...), e.See...) {
		if l, ok := byID[id]; ok {
			related = append(related, m.marked(widget.Clean(l.entry.Title), l.hint))
			delete(byID, id)
		}
	}
	for _, b := range m.glossary.Backlinks(e) {
		if l, ok := byID[b.ID]; ok {
			back = append(back, m.marked(widget.Clean(b.Title), l.hint))
		}
	}
	var out []string
	out = append(out, m.group("Related", related)...)
	out = append(out, m.group("Open in the calculator", models)...)
	out = append(out, m.group("Leads here", back)...)
	var sources []string
	for _, s := range e.Sources {
		sources = append(sources, widget.Clean(s))
	}
	out = append(out, m.list("Sources", sources)...)
	if e.Reviewed == "" {
		return out
	}
	return append(out, "", m.theme.Dim.Render("reviewed "+widget.Clean(e.Reviewed)))
}

// marked is a link with its letter in front.
func (m *maker) marked(text, hint string) string {
	return m.theme.Accent.Render(hard+"["+hint+"] ") + text
}

// group is a title and links in as few lines as they fit.
func (m *maker) group(title string, items []string) []string {
	if len(items) == 0 {
		return nil
	}
	out := []string{"", m.theme.Title.Render(title)}
	at := 0
	for _, s := range items {
		w := xansi.StringWidth(s)
		if at > 0 && at+2+w <= m.key.width {
			out[len(out)-1] += "  " + s
			at += 2 + w
			continue
		}
		out = append(out, s)
		at = w
	}
	return out
}

// list is a title and a line, or more, for each item.
func (m *maker) list(title string, items []string) []string {
	if len(items) == 0 {
		return nil
	}
	out := []string{"", m.theme.Dim.Render(title)}
	for _, s := range items {
		for i, l := range widget.Wrap(s, m.key.width-2) {
			lead := "· "
			if i > 0 {
				lead = "  "
			}
			out = append(out, m.theme.Dim.Render(lead+l))
		}
	}
	return out
}

// codeBlocks are the texts of the fenced blocks.
func codeBlocks(markdown string) []string {
	var out []string
	var block []string
	inside := false
	for _, text := range strings.Split(markdown, "\n") {
		if strings.HasPrefix(strings.TrimSpace(text), "```") {
			if inside {
				out, block = append(out, strings.Join(block, "\n")), nil
			}
			inside = !inside
			continue
		}
		if inside {
			block = append(block, text)
		}
	}
	return out
}

// hang indents the lines with which an item of a list goes on, so that its
// bullet stands out; glamour sets them at the margin. The text was rendered as
// much narrower.
func hang(lines []string) []string {
	deep := 0
	for i, s := range lines {
		plain := strings.TrimRight(xansi.Strip(s), " ")
		text := strings.TrimLeft(plain, " ")
		switch marker := itemMarker(text); {
		case text == "":
			deep = 0
		case marker > 0:
			deep = min(marker, hanging)
		case deep > 0:
			lines[i] = strings.Repeat(" ", deep) + s
		}
	}
	return lines
}

// hanging is how far the lines of an item are indented at most.
const hanging = 3

// itemMarker is the width of the bullet or number that a line begins with.
func itemMarker(s string) int {
	if strings.HasPrefix(s, "• ") {
		return 2
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits > 0 && strings.HasPrefix(s[digits:], ". ") {
		return digits + 2
	}
	return 0
}

// blockMark stands before the first line of a code block while it is rendered;
// it is in a range that no text uses.
const blockMark = '\ue000'

// markBlocks puts a mark before the first line of each code block.
func markBlocks(markdown string) string {
	var out strings.Builder
	inside, first := false, false
	for text := range strings.Lines(markdown) {
		switch {
		case strings.HasPrefix(strings.TrimSpace(text), "```"):
			inside = !inside
			first = inside
		case first:
			out.WriteRune(blockMark)
			first = false
		}
		out.WriteString(text)
	}
	return out.String()
}

// numberBlocks turns the marks into the numbers by which the blocks can be
// copied, in the margin that glamour leaves before code. A single block needs
// no number.
func numberBlocks(lines []string, t *theme.Theme, blocks int) []string {
	n := 0
	for i, s := range lines {
		if !strings.ContainsRune(s, blockMark) {
			continue
		}
		n++
		s = strings.ReplaceAll(s, string(blockMark), "")
		if blocks > 1 {
			s = t.Key.Render(strconv.Itoa(n)) + " " + xansi.Cut(s, len(codeMargin), xansi.StringWidth(s))
		}
		lines[i] = s
	}
	return lines
}

// codeMargin is what glamour puts before a line of code, by our style.
const codeMargin = "  "
