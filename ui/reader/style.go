package reader

import (
	"charm.land/glamour/v2"
	"charm.land/glamour/v2/ansi"

	"runlocal/ui/theme"
)

// markdownStyle is how glamour draws an entry: by the theme's few colours,
// chosen for the background that is known, never by asking the terminal. The
// numbers are those of the theme's palette, as glamour takes them.
func markdownStyle(t *theme.Theme) ansi.StyleConfig {
	yes := true
	accent, dim, code := "14", "245", "179"
	if !t.Dark {
		accent, dim, code = "4", "242", "94"
	}
	colour := func(s string) *string {
		if t.Mono {
			return nil
		}
		return &s
	}
	var none uint
	indent, two := uint(1), uint(2)
	bar := "│ "
	c := ansi.StyleConfig{
		Document:   ansi.StyleBlock{Margin: &none},
		BlockQuote: ansi.StyleBlock{Indent: &indent, IndentToken: &bar},
		List:       ansi.StyleList{LevelIndent: two},
		Heading: ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{
			BlockSuffix: "\n", Bold: &yes, Color: colour(accent),
		}},
		Emph:           ansi.StylePrimitive{Italic: &yes},
		Strong:         ansi.StylePrimitive{Bold: &yes},
		Strikethrough:  ansi.StylePrimitive{CrossedOut: &yes},
		HorizontalRule: ansi.StylePrimitive{Format: "\n────────\n", Color: colour(dim)},
		Item:           ansi.StylePrimitive{BlockPrefix: "• "},
		Enumeration:    ansi.StylePrimitive{BlockPrefix: ". "},
		Task:           ansi.StyleTask{Ticked: "[x] ", Unticked: "[ ] "},
		LinkText:       ansi.StylePrimitive{Color: colour(accent), Underline: &yes},
		Code:           ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Color: colour(code)}},
		CodeBlock: ansi.StyleCodeBlock{StyleBlock: ansi.StyleBlock{
			StylePrimitive: ansi.StylePrimitive{Color: colour(code)}, Margin: &two,
		}},
		DefinitionDescription: ansi.StylePrimitive{BlockPrefix: "\n• "},
	}
	if t.Mono {
		// Without colour a code span is told from prose by its quotes.
		c.Code.BlockPrefix, c.Code.BlockSuffix = "`", "`"
	}
	return c
}

// renderer makes glamour's renderer for a width and the theme's present state.
func renderer(t *theme.Theme, width int) (*glamour.TermRenderer, error) {
	return glamour.NewTermRenderer(
		glamour.WithStyles(markdownStyle(t)),
		glamour.WithWordWrap(width),
		glamour.WithTableWrap(true),
	)
}
